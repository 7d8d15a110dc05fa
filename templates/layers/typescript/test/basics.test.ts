import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { address, readCommonSettings } from '../src/environment.ts';
import { createHttpMetrics } from '../src/http/metrics.ts';
import { startServer } from '../src/http/server.ts';
import { createLog } from '../src/log.ts';
import { continueTrace } from '../src/trace.ts';

describe('the environment', () => {
  it('has a default for everything', () => {
    assert.equal(readCommonSettings({}).port, 8080);
    assert.equal(address({}, 'UPSTREAM_URL'), undefined);
  });

  it('reads addresses', () => {
    const url = address(
      { UPSTREAM_URL: 'https://up.example/x' },
      'UPSTREAM_URL',
    );
    assert.equal(url?.href, 'https://up.example/x');
  });

  for (const [name, value] of [
    ['PORT', '70000'],
    ['PORT', 'http'],
    ['PORT', ' '],
    ['SHUTDOWN_GRACE_MS', '-1'],
  ] as const)
    it(`is refused when ${name} is "${value}"`, () => {
      assert.throws(
        () => readCommonSettings({ [name]: value }),
        new RegExp(`^Error: ${name} must be`),
      );
    });

  for (const value of ['up.example', 'file:///etc/hosts'])
    it(`is refused when an address is ${value}`, () => {
      assert.throws(
        () => address({ UPSTREAM_URL: value }, 'UPSTREAM_URL'),
        /UPSTREAM_URL must be/,
      );
    });
});

describe('continueTrace', () => {
  const ones = (bytes: number) => Buffer.alloc(bytes, 1);

  it('begins one where the header is missing, broken or empty', () => {
    const fresh = '01'.repeat(16);
    for (const header of [
      undefined,
      '',
      'nonsense',
      `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
    ])
      assert.equal(continueTrace(header, ones).traceId, fresh);
  });

  it('keeps whether the trace is recorded', () => {
    const header = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`;
    assert.equal(
      continueTrace(header, ones).traceparent,
      `00-${'a'.repeat(32)}-${'01'.repeat(8)}-00`,
    );
  });
});

describe('createLog', () => {
  it('writes one line of JSON', () => {
    const lines: string[] = [];
    const log = createLog(
      line => lines.push(line),
      () => new Date(0),
    );
    log('warn', 'two\nlines', { port: 1 });
    assert.deepEqual(lines, [
      '{"time":"1970-01-01T00:00:00.000Z","level":"warn","message":"two\\nlines","port":1}\n',
    ]);
  });
});

describe('the server', () => {
  it('lets a request end when it stops, and hides what went wrong inside', async () => {
    const lines: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>(resolve => {
      release = resolve;
    });
    let arrived: () => void = () => undefined;
    const there = new Promise<void>(resolve => {
      arrived = resolve;
    });
    const server = await startServer({
      routes: new Map([
        [
          'GET /slow',
          async () => {
            arrived();
            await held;
            return { status: 200, type: 'text/plain', body: 'done' };
          },
        ],
        [
          'GET /broken',
          () => {
            throw new Error('the key is 1234');
          },
        ],
      ]),
      state: () => ({}),
      metrics: createHttpMetrics(),
      log: (_level, message) => lines.push(message),
      port: 0,
      shutdownGrace: 60_000,
    });
    const address = `http://127.0.0.1:${server.port}`;
    const broken = await fetch(`${address}/broken`);
    assert.equal(broken.status, 500);
    assert.doesNotMatch(await broken.text(), /1234/);
    assert.ok(lines.some(line => line.includes('1234')));
    const slow = fetch(`${address}/slow`);
    await there;
    const stopped = server.stop();
    await assert.rejects(fetch(`${address}/livez`));
    release();
    assert.equal(await (await slow).text(), 'done');
    await stopped;
  });
});
