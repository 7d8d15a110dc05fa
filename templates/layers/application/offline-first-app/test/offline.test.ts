import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { answerFrom } from '../src/client/offline.ts';
import { startService } from '../src/service.ts';

describe('the service worker', () => {
  const gone = () => Promise.reject(new Error('There is no network.'));

  it('takes the newest page and keeps it', async () => {
    const kept: string[] = [];
    const answer = await answerFrom({
      network: () => Promise.resolve(new Response('new')),
      cached: () => Promise.resolve(new Response('old')),
      keep: async response => {
        kept.push(await response.text());
      },
    });
    assert.equal(await answer.text(), 'new');
    assert.deepEqual(kept, ['new']);
  });

  it('does not keep an error over a page that works', async () => {
    const answer = await answerFrom({
      network: () => Promise.resolve(new Response('oh', { status: 502 })),
      cached: () => Promise.resolve(new Response('old')),
      keep: () => assert.fail('It was kept.'),
    });
    assert.equal(answer.status, 502);
  });

  it('shows the last page without a network, and fails where there is none', async () => {
    const keep = () => Promise.resolve();
    const old = () => Promise.resolve(new Response('old'));
    assert.equal(
      await (await answerFrom({ network: gone, cached: old, keep })).text(),
      'old',
    );
    const none = () => Promise.resolve(undefined);
    await assert.rejects(
      answerFrom({ network: gone, cached: none, keep }),
      /no network/,
    );
  });

  it('keeps every file that the page needs, and the server has them all', async () => {
    const worker = await readFile(
      new URL('../src/client/worker.ts', import.meta.url),
      'utf8',
    );
    const shell = [...worker.matchAll(/'(\/[^']*)',/g)].map(
      ([, path]) => path ?? '',
    );
    assert.ok(shell.length >= 5);
    const directory = await mkdtemp(join(tmpdir(), 'offline-'));
    const server = await startService({
      name: 'rounds <1>',
      environment: { PORT: '0', DATA_DIRECTORY: directory },
      log: () => undefined,
      now: () => new Date(0),
    });
    const ask = (path: string) =>
      fetch(`http://127.0.0.1:${server.port}${path}`);
    const page = await (await ask('/')).text();
    assert.match(page, /<h1>rounds &lt;1&gt;<\/h1>/);
    assert.ok(page.includes('/assets/client/page.js'));
    // Before a build there are no scripts: then the route is there and its file is not.
    for (const path of [...shell, '/worker.js', '/offline.js'])
      assert.ok([200, 500].includes((await ask(path)).status), path);
    await server.stop();
    await rm(directory, { recursive: true });
  });
});
