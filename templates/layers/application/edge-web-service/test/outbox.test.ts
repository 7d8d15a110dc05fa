import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Outbox } from '../src/outbox.ts';

describe('Outbox', () => {
  it('leaves out half a line that a power cut left, and appends after it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'outbox-'));
    const kept = { id: 'one', receivedAt: 'now', body: 1 };
    await writeFile(
      join(directory, 'outbox.ndjson'),
      `${JSON.stringify(kept)}\n{"id":"tw`,
    );
    const outbox = await Outbox.open(directory, 10);
    assert.deepEqual(outbox.next(5), [kept]);
    await outbox.add({ id: 'three', receivedAt: 'now', body: null });
    const again = await Outbox.open(directory, 10);
    assert.deepEqual(
      again.next(5).map(({ id }) => id),
      ['one', 'three'],
    );
    await rm(directory, { recursive: true });
  });
});
