// SPDX-License-Identifier: Apache-2.0
import type {
  GateDefinition,
  GateVerdict,
  Pipeline,
} from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { ScriptedFleet } from '../http/__testUtils__/scriptedFleet';
import { accepted, Engines, until, untilPhase } from './__fixtures__/engines';
import { memoryWorld, type MemoryWorld } from './__fixtures__/memoryWorld';
import {
  aPipeline,
  aRelease,
  aTarget,
  omar,
  service,
} from './__fixtures__/parcelVision';
import type { PromotionEngine } from './createPromotionEngine';
import { StageObservations } from './StageObservations';

/** Real connections and databases, on machines that may be busy. */
jest.setTimeout(120_000);

const databases = EmptyDatabases.create();
const image = 'registry.norden.example/belt';
const digest = `sha256:${'b'.repeat(64)}`;
const release = {
  ...aRelease(1),
  images: [{ name: image, tag: '2', digest }],
};
const names = ['oslo-pi-01', 'oslo-pi-02', 'oslo-pi-03'];
const gate: GateDefinition = {
  kind: 'deviceHealth',
  name: 'Device health in Edge',
  stage: 'edge',
  healthyPercent: 60,
  duration: 120_000,
  atLeast: 1,
};

/** To `production` only when devices of `edge` do well. */
function throughTheEdge(): Pipeline {
  const { stages, ...pipeline } = aPipeline();
  const [edge, production] = ['edge', 'production'].map(
    name => stages.find(stage => stage.name === name)!,
  );
  const workload = {
    kind: 'DaemonSet',
    namespace: 'sorting',
    name: 'belt',
  } as const;
  return {
    ...pipeline,
    images: [image],
    stages: [
      {
        ...edge,
        kind: 'edge',
        after: [],
        targets: [{ ...aTarget('edge-north'), workload }],
      },
      { ...production, after: ['edge'], gates: [gate] },
    ],
  };
}

describe.each(databases.eachSupportedId())('the gate on %s', id => {
  let told: ScriptedFleet;
  let database: Knex;
  let world: MemoryWorld;
  let engines: Engines;

  /** What the devices measure from now on, in degrees; others than those are not measured. */
  function measure(...temperatures: readonly number[]) {
    const at = world.clock.now().toISOString();
    told.watched.fleet.report(
      'edge-north',
      new Map(
        temperatures.map((value, index) => [
          names[index],
          {
            readings: {
              temperature: { value, unit: '°C', at, source: 'test' },
            },
          },
        ]),
      ),
    );
  }

  /** Until the fleet has taken the newest measurements. */
  async function described(): Promise<void> {
    const { fleet } = told.watched;
    const enough = world.clock.now().getTime() + 200_000;
    await told.watched.until(() =>
      [...fleet.entries()].every(({ measuring }) => measuring.until > enough),
    );
  }

  const start = () => engines.start({ devices: told.watched.fleet });
  const ask = async (engine: PromotionEngine): Promise<GateVerdict> => {
    const [verdict] = await engine.promotions.gatesFor({
      service,
      stage: 'production',
      release: release.id,
    });
    return verdict;
  };
  const untilSaid = (engine: PromotionEngine, code: string) =>
    until(async () => {
      const verdict = await ask(engine);
      return verdict.code === code && verdict;
    });

  /** Half a minute in which the portal looks. */
  async function watch(): Promise<void> {
    world.clock.advance(30_000);
    const now = world.clock.now().toISOString();
    world.clusters.restore('edge-north');
    await until(async () => {
      const seen = await new StageObservations(database).of(service);
      return seen.some(
        ({ stage, lastSeenAt }) => stage === 'edge' && lastSeenAt >= now,
      );
    });
  }

  /** As long as the gate wants. */
  async function watchLonger(): Promise<void> {
    for (let half = 0; half < 4; half += 1) await watch();
  }

  beforeEach(async () => {
    told = await ScriptedFleet.start(
      names.map(name => ({
        cluster: 'edge-north',
        name,
        site: 'oslo',
        belt: `2@${digest}`,
      })),
    );
    world = memoryWorld(throughTheEdge());
    database = await databases.take(id);
    engines = new Engines(database, world);
    world.releases.report(release);
    world.settle(release, 'edge');
    world.settle({ ...release, images: aRelease(0).images }, 'production');
  });
  afterEach(async () => {
    await engines.stop();
    await told.stop();
  });

  it('says why nothing is known: no fleet, no measurements, a cluster out of sight', async () => {
    const blind = engines.start();
    expect(await untilSaid(blind, 'devicesUnknown')).toMatchObject({
      verdict: 'waiting',
      reason:
        'How the devices in edge do can not be seen now: No devices of edge-north are followed.',
    });
    const engine = start();
    expect(await untilSaid(engine, 'devicesUnhealthy')).toMatchObject({
      reason:
        '0 of 3 devices in edge are healthy with 2.8.1, 60 % needed; oslo-pi-01 was not measured yet, oslo-pi-02 was not measured yet, oslo-pi-03 was not measured yet.',
    });
    measure(40, 40, 40);
    await untilSaid(engine, 'devicesHolding');
    world.clock.advance(301_000);
    expect(await untilSaid(engine, 'devicesUnhealthy')).toMatchObject({
      reason: expect.stringContaining('oslo-pi-01 is not measured for '),
    });
    world.clusters.cut('edge-north');
    expect(await untilSaid(engine, 'devicesUnknown')).toMatchObject({
      since: expect.stringMatching(/^20/),
    });
  });

  it('lets a promotion wait until enough devices have been well for long enough, and no longer', async () => {
    const engine = start();
    measure(40, 95, 95);
    await watch();
    await until(async () => (await ask(engine)).reason.includes('95 °C'));
    const { promotion } = accepted(
      await engine.promotions.request(
        { service, stage: 'production', release: release.id },
        omar,
      ),
    ).stored;
    const waiting = await until(async () => {
      const stored = await engine.promotions.get(promotion.id);
      return stored && stored.unmet.length > 0 && stored;
    });
    expect(waiting.unmet).toMatchObject([
      {
        code: 'devicesUnhealthy',
        text: expect.stringMatching(
          /^1 of 3 devices in edge .*; oslo-pi-02 is in state critical for .+ \(Hot: 95 °C, limit 90\), oslo-pi-03/,
        ),
      },
    ]);
    expect(world.fleet.commits).toEqual([]);
    measure(40, 40, 95);
    await untilSaid(engine, 'devicesHolding');
    expect(world.fleet.commits).toEqual([]);
    await watchLonger();
    await untilPhase(engine, promotion.id, 'succeeded');
    expect(world.fleet.commits).toHaveLength(1);
  });

  it('goes on counting after a short stop of the portal, and begins anew after a long one', async () => {
    const first = start();
    measure(40, 40, 40);
    await watch();
    const { since } = await untilSaid(first, 'devicesHolding');
    await watchLonger();
    measure(40, 40, 40);
    await described();
    await engines.stop();
    world.clock.advance(200_000);
    measure(40, 40, 40);
    await described();
    expect(await untilSaid(start(), 'devicesHealthy')).toMatchObject({
      verdict: 'passed',
      since,
    });
    await engines.stop();
    for (let part = 0; part < 2; part += 1) {
      world.clock.advance(200_000);
      measure(40, 40, 40);
      await described();
    }
    const then = world.clock.now().toISOString();
    const again = await untilSaid(start(), 'devicesHolding');
    expect(again.since! >= then).toBe(true);
  });
});
