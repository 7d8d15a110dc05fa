import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import {
  Replica,
  type Kept,
  type Storage,
  type Transport,
} from '../src/client/Replica.ts';
import type { RunningServer } from '../src/http/server.ts';
import { startService } from '../src/service.ts';
import type { SyncAnswer } from '../src/sync/messages.ts';

/** Storage that outlives a replica, as a browser's does. */
function storage(): Storage {
  let kept: string | undefined;
  return {
    read: () =>
      Promise.resolve(
        kept === undefined ? undefined : (JSON.parse(kept) as Kept),
      ),
    write(value) {
      kept = JSON.stringify(value);
      return Promise.resolve();
    },
  };
}

const away: Transport = () => Promise.reject(new Error('There is no network.'));
let count = 0;
const newId = () => `id-${++count}`;
const texts = (replica: Replica) =>
  replica
    .view()
    .map(
      ({ fields }) => `${fields.text.value}${fields.done.value ? ' ✓' : ''}`,
    );

describe('two clients', () => {
  let directory: string;
  let server: RunningServer;
  let north: Replica;
  let south: Replica;
  const start = () =>
    startService({
      name: 'rounds',
      environment: { PORT: '0', DATA_DIRECTORY: directory },
      log: () => undefined,
      now: () => new Date(0),
    });
  const network: Transport = async request => {
    const response = await fetch(`http://127.0.0.1:${server.port}/api/sync`, {
      method: 'POST',
      body: JSON.stringify(request),
    });
    assert.equal(response.status, 200);
    return (await response.json()) as SyncAnswer;
  };
  const meet = async () => {
    for (const replica of [north, south, north])
      assert.equal(await replica.sync(network), true);
    assert.deepEqual(
      north.view().toSorted((a, b) => a.id.localeCompare(b.id)),
      south.view().toSorted((a, b) => a.id.localeCompare(b.id)),
    );
  };

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sync-'));
    server = await start();
  });

  after(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });

  beforeEach(async () => {
    north = await Replica.open(storage(), newId);
    south = await Replica.open(storage(), newId);
    await meet();
  });

  const shared = async (text: string) => {
    await north.add(text);
    await meet();
    const record = south
      .view()
      .find(({ fields }) => fields.text.value === text);
    assert.ok(record);
    return record.id;
  };
  const seenBy = (replica: Replica, id: string) => {
    const record = replica.view().find(each => each.id === id);
    assert.ok(record);
    return record;
  };

  it('see at once what they did themselves, and later what the other did', async () => {
    await north.add('Oil gate 4');
    assert.equal(await north.sync(away), false);
    assert.ok(texts(north).includes('Oil gate 4'));
    assert.equal(north.waiting, 1);
    await meet();
    assert.equal(north.waiting, 0);
    assert.ok(texts(south).includes('Oil gate 4'));
  });

  it('change different fields of a record without a conflict', async () => {
    const id = await shared('Sweep belt 1');
    await north.edit(id, { text: 'Sweep belts 1 and 2' });
    await south.edit(id, { done: true });
    await meet();
    assert.equal(seenBy(north, id).fields.text.value, 'Sweep belts 1 and 2');
    assert.equal(seenBy(north, id).fields.done.value, true);
    assert.deepEqual(seenBy(north, id).conflicts, []);
  });

  it('change the same field: the first stays, the second is not lost, a person decides', async () => {
    const id = await shared('Check lamp');
    await north.edit(id, { text: 'Check lamp 7' });
    await south.edit(id, { text: 'Check lamps at dock 2' });
    assert.equal(seenBy(south, id).fields.text.value, 'Check lamps at dock 2');
    await meet();
    for (const replica of [north, south]) {
      const { fields, conflicts } = seenBy(replica, id);
      assert.equal(fields.text.value, 'Check lamp 7');
      assert.deepEqual(
        conflicts.map(({ field, value }) => [field, value]),
        [['text', 'Check lamps at dock 2']],
      );
    }
    await south.settle(id, { text: 'Check lamps at dock 2' });
    await meet();
    assert.equal(seenBy(north, id).fields.text.value, 'Check lamps at dock 2');
    assert.deepEqual(seenBy(north, id).conflicts, []);
  });

  it('change a field twice without network, and have no conflict with themselves', async () => {
    const id = await shared('Paint line');
    await north.edit(id, { text: 'Paint line r' });
    await north.edit(id, { text: 'Paint line red' });
    await meet();
    assert.equal(seenBy(south, id).fields.text.value, 'Paint line red');
    assert.deepEqual(seenBy(south, id).conflicts, []);
  });

  it('who mean the same have no conflict', async () => {
    const id = await shared('Lock gate 9');
    await north.edit(id, { done: true });
    await south.edit(id, { done: true });
    await meet();
    assert.deepEqual(seenBy(south, id).conflicts, []);
  });

  it('count a change once when the answer was lost', async () => {
    const lossy: Transport = async request => {
      await network(request);
      throw new Error('The answer did not arrive.');
    };
    const id = await shared('Weigh cage');
    await north.edit(id, { text: 'Weigh cage 12' });
    assert.equal(await north.sync(lossy), false);
    assert.equal(north.waiting, 1);
    await south.sync(network);
    await south.edit(id, { text: 'Weigh cage 13' });
    await meet();
    assert.equal(seenBy(north, id).fields.text.value, 'Weigh cage 13');
    assert.deepEqual(seenBy(north, id).conflicts, []);
  });

  it('keep what is changed while a request is under way', async () => {
    const id = await shared('Read meter');
    await north.edit(id, { text: 'Read meter 1' });
    const during: Transport = async request => {
      const answer = await network(request);
      await north.edit(id, { done: true });
      return answer;
    };
    assert.equal(await north.sync(during), true);
    assert.equal(north.waiting, 1);
    await meet();
    assert.equal(seenBy(south, id).fields.done.value, true);
  });

  it('go on after the page is closed, and after the server lost its power', async () => {
    const kept = storage();
    const first = await Replica.open(kept, newId);
    await first.add('Count pallets');
    await server.stop();
    await appendFile(join(directory, 'journal.ndjson'), '{"client":"half a li');
    const second = await Replica.open(kept, newId);
    assert.ok(texts(second).includes('Count pallets'));
    server = await start();
    assert.equal(await second.sync(network), true);
    await meet();
    assert.ok(texts(south).includes('Count pallets'));
    await server.stop();
    server = await start();
    const third = await Replica.open(storage(), newId);
    await third.sync(network);
    assert.ok(texts(third).includes('Count pallets'));
  });

  it('are refused when they talk nonsense', async () => {
    const good = { client: 'c', since: 0, mutations: [] };
    const mutation = { id: 'm', record: 'r', base: 0, changes: { text: 'x' } };
    for (const body of [
      '[]',
      JSON.stringify({ ...good, client: '' }),
      JSON.stringify({ ...good, since: -1 }),
      JSON.stringify({
        ...good,
        mutations: [{ ...mutation, changes: { text: 5 } }],
      }),
      JSON.stringify({
        ...good,
        mutations: [{ ...mutation, changes: { done: 'yes' } }],
      }),
      JSON.stringify({ ...good, mutations: [{ ...mutation, base: 'x' }] }),
      JSON.stringify({
        ...good,
        mutations: [{ ...mutation, id: 'x'.repeat(101) }],
      }),
      JSON.stringify({ ...good, mutations: Array(501).fill(mutation) }),
      '{',
    ]) {
      const response = await fetch(`http://127.0.0.1:${server.port}/api/sync`, {
        method: 'POST',
        body,
      });
      assert.equal(response.status, 400, body.slice(0, 100));
    }
  });

  it('are told by the metrics when people must decide', async () => {
    const id = await shared('Close hatch');
    await north.edit(id, { text: 'Close hatch A' });
    await south.edit(id, { text: 'Close hatch B' });
    await meet();
    const metrics = await (
      await fetch(`http://127.0.0.1:${server.port}/metrics`)
    ).text();
    assert.match(metrics, /records_in_conflict [1-9]/);
  });
});
