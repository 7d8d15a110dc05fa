import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { StoredEvent } from '../src/outbox.ts';
import type { RunningServer } from '../src/http/server.ts';
import { startService } from '../src/service.ts';

const moment = new Date('2026-03-01T12:00:00Z');

describe('the service', () => {
  let directory: string;
  let service: RunningServer;
  const lines: string[] = [];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'service-'));
    service = await startService({
      name: 'north <gate>',
      environment: { PORT: '0', DATA_DIRECTORY: directory, OUTBOX_LIMIT: '2' },
      log: (level, message, fields) =>
        lines.push(JSON.stringify({ level, message, ...fields })),
      now: () => moment,
    });
  });

  after(async () => {
    await service.stop();
    await rm(directory, { recursive: true });
  });

  const ask = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${service.port}${path}`, init);

  it('says that it is alive and ready', async () => {
    assert.equal((await ask('/livez')).status, 200);
    const ready = await ask('/healthz');
    assert.equal(ready.status, 200);
    assert.deepEqual(await ready.json(), {
      status: 'ready',
      waiting: 0,
      offlineMode: false,
    });
  });

  it('shows a page, and lets nothing of its name become markup', async () => {
    const answer = await ask('/');
    assert.match(
      answer.headers.get('content-security-policy') ?? '',
      /default-src 'self'/,
    );
    const text = await answer.text();
    assert.match(text, /<h1>north &lt;gate&gt;<\/h1>/);
    assert.doesNotMatch(text, /<gate>/);
  });

  it('takes an event once, refuses what it can not keep, and says what waits', async () => {
    const event = (key: string) =>
      ask('/api/events', {
        method: 'POST',
        headers: { 'idempotency-key': key },
        body: '{"gate":"north"}',
      });
    assert.equal((await event('one')).status, 202);
    assert.equal((await event('one')).status, 200);
    assert.equal((await event('two')).status, 202);
    assert.equal((await event('three')).status, 507);
    const waiting = (await (await ask('/api/events')).json()) as {
      events: StoredEvent[];
    };
    assert.deepEqual(
      waiting.events.map(({ id, receivedAt }) => [id, receivedAt]),
      [
        ['one', moment.toISOString()],
        ['two', moment.toISOString()],
      ],
    );
    assert.equal(
      (await readFile(join(directory, 'outbox.ndjson'), 'utf8')).split('\n')
        .length,
      3,
    );
  });

  it('refuses what is no event', async () => {
    assert.equal(
      (await ask('/api/events', { method: 'POST', body: '{' })).status,
      400,
    );
    const large = await ask('/api/events', {
      method: 'POST',
      body: `"${'x'.repeat(70_000)}"`,
    });
    assert.equal(large.status, 413);
    assert.equal((await ask('/api/events', { method: 'DELETE' })).status, 405);
    assert.equal((await ask('/nowhere')).status, 404);
  });

  it('counts and times requests by route, not by address', async () => {
    await ask('/nowhere/else?x=1');
    const text = await (await ask('/metrics')).text();
    assert.match(
      text,
      /http_requests_total\{method="GET",route="unknown",status="404"\} [2-9]/,
    );
    assert.match(
      text,
      /http_request_duration_seconds_bucket\{le="0.5",method="GET",route="\/healthz"\}/,
    );
    assert.match(text, /outbox_waiting_events 2/);
  });

  it('goes on with the trace of its caller', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const answer = await ask('/livez', {
      headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    });
    assert.match(
      answer.headers.get('traceparent') ?? '',
      new RegExp(`^00-${traceId}-`),
    );
    assert.ok(lines.some(line => line.includes(traceId)));
  });
});

describe('an upstream that was away', () => {
  it('gets every event once it is back, also those of an earlier process', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'service-'));
    const received: string[] = [];
    let away = true;
    const upstream = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const { events } = JSON.parse(Buffer.concat(parts).toString()) as {
          events: StoredEvent[];
        };
        if (!away) received.push(...events.map(({ id }) => id));
        response.writeHead(away ? 503 : 204).end();
      });
    });
    await new Promise<void>(resolve => upstream.listen(0, resolve));
    const { port } = upstream.address() as AddressInfo;
    const environment = {
      PORT: '0',
      DATA_DIRECTORY: directory,
      UPSTREAM_URL: `http://127.0.0.1:${port}/events`,
      FORWARD_INTERVAL_MS: '10',
    };
    const lines: string[] = [];
    const start = () =>
      startService({
        name: 'gate',
        environment,
        log: (_level, message) => lines.push(message),
        now: () => moment,
      });
    const send = (service: RunningServer, key: string) =>
      fetch(`http://127.0.0.1:${service.port}/api/events`, {
        method: 'POST',
        headers: { 'idempotency-key': key },
        body: '{}',
      });

    const first = await start();
    assert.equal((await send(first, 'one')).status, 202);
    while (!lines.includes('The upstream answered 503.'))
      await new Promise(resolve => setTimeout(resolve, 5));
    await first.stop();

    const second = await start();
    assert.equal((await send(second, 'two')).status, 202);
    away = false;
    while (received.length < 2)
      await new Promise(resolve => setTimeout(resolve, 5));
    await second.stop();
    assert.deepEqual(received.toSorted(), ['one', 'two']);
    assert.equal(await readFile(join(directory, 'outbox.ndjson'), 'utf8'), '');
    assert.equal(
      lines.filter(line => line === 'The upstream answered 503.').length <= 2,
      true,
    );
    await new Promise(resolve => upstream.close(resolve));
    await rm(directory, { recursive: true });
  });
});
