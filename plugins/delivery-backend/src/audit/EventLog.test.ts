// SPDX-License-Identifier: Apache-2.0
import { ConflictError } from '@backstage/errors';
import type { Knex } from 'knex';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { DatabaseEventLog } from './DatabaseEventLog';
import type { RecordedEvent } from './EventLog';
import { IdempotencyKeys } from './IdempotencyKeys';

const databases = EmptyDatabases.create();
const clock = () => new Date('2026-08-20T14:00:00.000Z');

jest.setTimeout(120_000);

function anEvent(text: string) {
  return {
    type: 'said',
    at: clock().toISOString(),
    actor: 'user:default/mia',
    data: { text, nested: { b: [1, 2], a: 'ä' } },
  };
}

describe.each(databases.eachSupportedId())('the event log on %s', id => {
  let database: Knex;
  let log: DatabaseEventLog;

  beforeEach(async () => {
    database = await databases.take(id);
    log = new DatabaseEventLog({ database, clock });
  });

  function append(stream: string, expectedVersion: number, ...texts: string[]) {
    return database.transaction(transaction =>
      log.append({
        stream,
        expectedVersion,
        events: texts.map(anEvent),
        transaction,
      }),
    );
  }

  it('gives back what was appended, in order, and verifies', async () => {
    await append('a', 0, 'one', 'two');
    await append('b', 0, 'other');
    await append('a', 2, 'three');
    const loaded = await log.load('a');
    expect(loaded.map(({ version, data }) => [version, data])).toEqual([
      [1, anEvent('one').data],
      [2, anEvent('two').data],
      [3, anEvent('three').data],
    ]);
    expect(await log.load('nothing')).toEqual([]);
    await expect(log.verify()).resolves.toEqual({
      intact: true,
      events: 4,
      streams: 2,
      problems: [],
    });
  });

  it('lets exactly one of many concurrent writers of a version win, and keeps nothing of the others', async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, (_, writer) =>
        append('a', 0, `writer ${writer}`),
      ),
    );
    const lost = tries.filter(each => each.status === 'rejected');
    expect(lost).toHaveLength(7);
    for (const each of lost) expect(each.reason).toBeInstanceOf(ConflictError);
    expect(await log.load('a')).toHaveLength(1);
    await expect(append('a', 5, 'ahead')).rejects.toThrow(ConflictError);
    await expect(log.verify()).resolves.toMatchObject({ intact: true });
  });

  it('takes nothing for a fault that is appended or sealed while it verifies', async () => {
    const many = Array.from({ length: 300 }, (_, index) => `event ${index}`);
    await append('a', 0, ...many);
    let isOver = false;
    const writing = (async () => {
      for (let version = many.length; !isOver; version += 1) {
        await append('a', version, 'meanwhile');
        await log.seal();
      }
    })();
    for (let look = 0; look < 20; look += 1) {
      expect(await log.verify()).toMatchObject({ intact: true, problems: [] });
    }
    isOver = true;
    await writing;
  });

  it('forms one chain of seals, also when several replicas seal at the same moment', async () => {
    for (const stream of ['a', 'b', 'c', 'd', 'e']) {
      await append(stream, 0, 'one');
      await Promise.all([log.seal(), log.seal(), log.seal(), log.seal()]);
    }
    await expect(log.verify()).resolves.toMatchObject({ intact: true });
    expect(await database('seals').select('number')).toHaveLength(5);
  });

  it.each<[string, (knex: Knex) => Promise<unknown>, string]>([
    [
      'an actor was changed',
      knex =>
        knex('events')
          .where({ version: 2 })
          .update({ actor: 'user:default/nils' }),
      'The event was changed.',
    ],
    [
      'an event was deleted',
      knex => knex('events').where({ version: 2 }).delete(),
      'An event before it is missing.',
    ],
    [
      'the end was cut off',
      knex => knex('events').where({ version: 3 }).delete(),
      'The stream does not end where it should.',
    ],
    [
      'the end was cut off and the head moved back',
      async knex => {
        const row = await knex('events').where({ version: 2 }).first('hash');
        await knex('events').where({ version: 3 }).delete();
        await knex('stream_heads').update({ version: 2, hash: row.hash });
      },
      'A sealed event is missing.',
    ],
    [
      'a seal was changed',
      knex => knex('seals').update({ heads: '[]' }),
      'The seal was changed, or one before it is missing.',
    ],
    [
      'a seal was deleted',
      async knex => knex('seals').where({ number: 1 }).delete(),
      'The seal was changed, or one before it is missing.',
    ],
  ])('notices that %s', async (_what, tamper, problem) => {
    await append('a', 0, 'one', 'two');
    await log.seal();
    await append('a', 2, 'three');
    await log.seal();
    await log.seal();
    await expect(log.verify()).resolves.toMatchObject({ intact: true });
    await tamper(database);
    const found = await log.verify();
    expect(found.intact).toBe(false);
    expect(found.problems.map(each => each.problem)).toContain(problem);
  });

  it('exports every event, also beyond one page', async () => {
    const texts = Array.from({ length: 1_203 }, (_, index) => `${index}`);
    for (let from = 0; from < texts.length; from += 100) {
      await append('a', from, ...texts.slice(from, from + 100));
    }
    const seen: RecordedEvent[] = [];
    for await (const event of log.export()) seen.push(event);
    expect(seen.map(({ version }) => version)).toEqual(
      texts.map((_, index) => index + 1),
    );
    await expect(log.verify()).resolves.toMatchObject({
      intact: true,
      events: 1_203,
    });
  });

  it('answers a repeated command with the first answer, and refuses another one', async () => {
    const keys = new IdempotencyKeys({ database, clock });
    const command = {
      actor: 'user:default/mia',
      key: 'k',
      request: 'POST /x {}',
    };
    let done = 0;
    const work = async () => `{"done":${(done += 1)}}`;
    await expect(keys.once(command, work)).resolves.toEqual({
      answer: '{"done":1}',
      repeated: false,
    });
    await expect(keys.once(command, work)).resolves.toEqual({
      answer: '{"done":1}',
      repeated: true,
    });
    await expect(
      keys.once({ ...command, request: 'POST /x {"other":1}' }, work),
    ).rejects.toThrow(ConflictError);
    await keys.once({ ...command, actor: 'user:default/nils' }, work);
    expect(done).toBe(2);
  });

  it('tries a command again that failed, and refuses one that still works', async () => {
    const keys = new IdempotencyKeys({ database, clock });
    const command = { actor: 'user:default/mia', key: 'k', request: 'POST /x' };
    await expect(
      keys.once(command, () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
    await keys.once(command, async () => {
      await expect(keys.once(command, async () => '2')).rejects.toThrow(
        'still being carried out',
      );
      return '1';
    });
    await expect(keys.once(command, async () => '3')).resolves.toMatchObject({
      answer: '1',
    });
  });
});
