// SPDX-License-Identifier: Apache-2.0
import { NotAllowedError, ServiceUnavailableError } from '@backstage/errors';
import type { Knex } from 'knex';
import { DatabaseEventLog } from '../audit/DatabaseEventLog';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import {
  allOf,
  Ledger,
  mia,
  omar,
  person,
  StagedDevices,
  startQueue,
  until,
} from './__testUtils__/actionStage';

/** Real databases, on machines that may be busy. */
jest.setTimeout(180_000);

const databases = EmptyDatabases.create();
const wish = { kind: 'poke', reason: 'It hangs.' };
const names = ['oslo-1', 'oslo-2', 'oslo-3', 'oslo-4', 'turin-1', 'turin-2'];
const devicesOf = (...chosen: string[]) => chosen.map(name => `edge/${name}`);

describe.each(databases.eachSupportedId())('the queue on %s', id => {
  let knex: Knex;
  let ledger: Ledger;
  let devices: StagedDevices;
  const running: ReturnType<typeof startQueue>[] = [];

  const start = (
    more: Partial<Parameters<typeof startQueue>[0]> = {},
  ): ReturnType<typeof startQueue> => {
    const service = startQueue({
      database: knex,
      devices,
      executors: [ledger.executor()],
      ...more,
    });
    running.push(service);
    return service;
  };
  const phases = async (service: ReturnType<typeof startQueue>) =>
    (await allOf(service)).map(({ phase }) => phase).sort();

  beforeEach(async () => {
    knex = await databases.take(id);
    ledger = new Ledger();
    devices = new StagedDevices(
      Object.fromEntries(names.map(name => [name, name.split('-')[0]])),
    );
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map(service => service.stop()));
  });

  it('works off many devices in two replicas, each once, never more at a site than allowed', async () => {
    const config = { approval: { destructive: 'never' } };
    const one = start({ config });
    start({ config });
    const { plan } = await one.actions.request(
      {
        ...wish,
        devices: [...devicesOf(...names), 'edge/none', 'moon/oslo-1'],
      },
      person(mia),
    );
    expect(
      plan.verdicts.flatMap(verdict =>
        verdict.verdict === 'refused'
          ? [`${verdict.device} ${verdict.reason.code}`]
          : [],
      ),
    ).toEqual(['edge/none unknownDevice', 'moon/oslo-1 unknownDevice']);
    await until(async () =>
      (await phases(one)).every(phase => phase === 'succeeded'),
    );
    expect([...ledger.done.values()]).toEqual(names.map(() => 1));
    expect(ledger.mostAtSite).toBeLessThanOrEqual(2);
    expect(ledger.mostOnDevice).toBe(1);
    const [{ receipt }] = await allOf(one);
    expect(receipt?.evidence[0].seen).toBe('Poked.');
    const log = new DatabaseEventLog({
      database: knex,
      clock: () => new Date(),
    });
    await expect(log.verify()).resolves.toMatchObject({ intact: true });
    await expect(knex('device_action_places')).resolves.toEqual([]);
  });

  it('keeps the order of a device, and lets only what needs no device overtake', async () => {
    devices.set('oslo-1', 'offline');
    const service = start({
      executors: [
        ledger.executor(),
        ledger.executor({ name: 'prod', destructive: false }),
        ledger.executor({ name: 'seal', away: 'works' }),
      ],
    });
    const ask = (kind: string) =>
      service.actions.request(
        { ...wish, kind, devices: devicesOf('oslo-1') },
        person(mia),
      );
    await ask('poke');
    await ask('prod');
    await ask('seal');
    const kindsThat = async (phase: string) =>
      (await allOf(service))
        .filter(action => action.phase === phase)
        .map(({ kind }) => kind)
        .sort();
    await until(async () => (await kindsThat('succeeded')).length === 1);
    expect(await kindsThat('succeeded')).toEqual(['seal']);
    expect(await kindsThat('queued')).toEqual(['poke', 'prod']);
    const [second, first] = await service.store.list(
      { phase: ['queued'] },
      { limit: 9 },
    );
    expect(first.waiting?.code).toBe('deviceAway');
    expect(second.action.kind).toBe('prod');
    devices.set('oslo-1', 'live');
    await until(async () => (await kindsThat('succeeded')).length === 3);
    const ended = (await allOf(service)).map(({ kind, startedAt }) => ({
      kind,
      startedAt: startedAt ?? '',
    }));
    expect(
      ended
        .sort((a, b) => a.startedAt.localeCompare(b.startedAt))
        .map(({ kind }) => kind),
    ).toEqual(['seal', 'poke', 'prod']);
    expect(ledger.mostOnDevice).toBe(1);
  });

  it('asks a second person for many, and takes a no', async () => {
    const service = start();
    const ask = (...chosen: string[]) =>
      service.actions.request(
        { ...wish, devices: devicesOf(...chosen) },
        person(mia),
      );
    const { plan } = await ask('oslo-1', 'oslo-2', 'turin-1');
    expect(plan.approval).toContain('3 devices');
    expect(await phases(service)).toEqual(Array(3).fill('awaitingApproval'));
    const [first] = await allOf(service);
    await expect(
      service.actions.decide(first.id, person(mia), { approve: true }),
    ).rejects.toMatchObject({ code: 'ownAction' });
    await expect(
      service.actions.decide(
        first.id,
        { actor: omar, mayAct: { allows: () => false } },
        { approve: true },
      ),
    ).rejects.toMatchObject({ code: 'notPermitted' });
    await service.actions.decide(first.id, person(omar), {
      approve: false,
      reason: 'Not today.',
    });
    await service.actions.decide(
      (
        await service.store.list({ phase: ['awaitingApproval'] }, { limit: 1 })
      )[0].action.id,
      person(omar),
      { approve: true, wholeBatch: true },
    );
    await until(
      async () =>
        (await phases(service)).join() === 'refused,succeeded,succeeded',
    );
    expect(ledger.done.size).toBe(2);
  });

  it('asks only once for the same, cancels what waits and what runs, and expires', async () => {
    devices.set('oslo-1', 'offline');
    ledger.turns = 1_000_000;
    let ahead = 0;
    const service = start({ clock: () => new Date(Date.now() + ahead) });
    const ask = (name: string, expiresInMinutes?: number) =>
      service.actions.request(
        { ...wish, devices: devicesOf(name), expiresInMinutes },
        person(mia),
      );
    await ask('oslo-1');
    const again = await ask('oslo-1');
    expect(again.plan.verdicts).toMatchObject([
      { verdict: 'refused', reason: { code: 'alreadyAsked' } },
    ]);
    await ask('oslo-2');
    devices.set('oslo-3', 'offline');
    await ask('oslo-3', 5);
    const of = async (name: string, phase: string) =>
      (await allOf(service)).find(
        action => action.device.name === name && action.phase === phase,
      );
    await until(
      async () => (await of('oslo-2', 'running'))?.progress !== undefined,
    );
    for (const [name, phase] of [
      ['oslo-1', 'queued'],
      ['oslo-2', 'running'],
    ]) {
      const asked = (await of(name, phase))?.id ?? '';
      const both = await Promise.allSettled([
        service.actions.cancel(asked, person(omar), 'Enough.'),
        service.actions.cancel(asked, person(omar), 'Enough.'),
      ]);
      // Not that it has moved on, which says nothing to the one who came second.
      expect(
        both.map(said => said.status === 'rejected' && said.reason.code).sort(),
      ).toEqual([false, 'isOver']);
    }
    const stopped = await of('oslo-2', 'cancelled');
    expect(stopped).toMatchObject({ endedBy: omar });
    expect(stopped?.receipt?.message).toMatch(/^Enough\. It had begun: /);
    ahead += 5 * 60_000;
    await until(async () => (await of('oslo-3', 'expired')) !== undefined);
    await expect(
      service.actions.cancel(stopped?.id ?? '', person(omar), 'Again.'),
    ).rejects.toMatchObject({ code: 'isOver' });
    await expect(knex('device_action_places')).resolves.toEqual([]);
  });

  it('tries again after an attempt that failed', async () => {
    ledger.fails = 1;
    let ahead = 0;
    const service = start({ clock: () => new Date(Date.now() + ahead) });
    await service.actions.request(
      { ...wish, devices: devicesOf('turin-1') },
      person(mia),
    );
    const first = async () => (await allOf(service))[0];
    await until(async () => (await first()).retryAt !== undefined);
    expect((await first()).progress?.message).toBe('It fell over.');
    ahead += 60_000;
    await until(async () => (await first()).phase === 'succeeded');
    expect((await first()).attempt).toBe(2);
  });

  const points = (['prepare', 'advance', 'append'] as const).flatMap(at =>
    (['before', 'after'] as const).map(where => ({ at, where })),
  );
  it.each(points)(
    'goes on after a crash $where $at, and does nothing twice',
    async ({ at, where }) => {
      let dies = true;
      let end: () => void = () => undefined;
      let ahead = 0;
      const clock = () => new Date(Date.now() + ahead);
      const crashed = new Promise<void>(resolved => {
        start({
          clock,
          onPoint: point => {
            if (!dies || point.at !== at || point.where !== where)
              return undefined;
            dies = false;
            resolved();
            // The process is gone: nothing after this happens in it.
            return new Promise<void>((_, reject) => {
              end = () => reject(new Error('gone'));
            });
          },
        });
      });
      const [dead] = running;
      await dead.actions.request(
        { ...wish, devices: devicesOf('turin-2') },
        person(mia),
      );
      await crashed;
      const stopping = dead.stop();
      // Its lease has run out by then.
      ahead += 20_000;
      const next = start({ clock });
      await until(async () => (await phases(next)).join() === 'succeeded');
      end();
      await stopping;
      expect([...ledger.done.values()]).toEqual([1]);
      const [action] = await allOf(next);
      const { events } = await next.store.load(action.id);
      expect(
        events.map(({ type }) => type).filter(type => type !== 'progressed'),
      ).toEqual(['requested', 'started', 'succeeded']);
    },
  );

  it('takes back what an attempt has left in the cluster before its end is told', async () => {
    let ahead = 0;
    const taken: string[] = [];
    const service: ReturnType<typeof startQueue> = start({
      clock: () => new Date(Date.now() + ahead),
      executors: [
        {
          ...ledger.executor({ timeout: 60_000, attempts: 1 }),
          advance: async () => ({
            state: 'running',
            progress: { message: 'It waits for its controller.' },
          }),
          withdraw: async ({ node }) => {
            taken.push(`${node} ${await phases(service)}`);
            // The cluster does not answer at first, and in the end it does not allow it.
            throw taken.length === 1
              ? new ServiceUnavailableError('The cluster sleeps.')
              : new NotAllowedError('No right to delete plans.');
          },
        },
      ],
    });
    await service.actions.request(
      { ...wish, devices: devicesOf('turin-1') },
      person(mia),
    );
    await until(async () => (await allOf(service))[0]?.progress !== undefined);
    ahead = 61_000;
    await until(async () => (await phases(service)).join() === 'failed');
    expect(taken).toEqual(['turin-1 running', 'turin-1 running']);
    const [{ receipt }] = await allOf(service);
    expect(receipt?.message).toMatch(
      /not done in time.*waits for its controller.*may go on: No right to delete plans\.$/,
    );
  });
});
