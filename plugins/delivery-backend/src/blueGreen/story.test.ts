// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { createKustomize } from '@causeway/kustomize';
import {
  parseImage,
  type BlueGreenStrategy,
  type Pipeline,
  type Release,
  type Target,
} from '@causeway/plugin-delivery-common';
import { createClusterAccess } from '@causeway/plugin-delivery-node';
import {
  acceleratedScheduler,
  startWorld,
  type World,
} from '@causeway/simulator';
import { silentLogger } from '../testing/silentLogger';
import { portalCredentials } from '../testing/portalCredentials';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { PortalClusters } from '../clusters/PortalClusters';
import { knownEngines } from '../engines/knownEngines';
import { GitFleetRepositories } from '../gitops/GitFleetRepositories';
import { createCanaryMetrics } from '../monitoring/createCanaryMetrics';
import {
  accepted,
  until,
  untilPhase,
} from '../promotions/__fixtures__/engines';
import {
  MemoryActors,
  MemoryPipelines,
  MemoryReleases,
} from '../promotions/__fixtures__/memoryWorld';
import { omar } from '../promotions/__fixtures__/parcelVision';
import {
  createPromotionEngine,
  type PromotionEngine,
} from '../promotions/createPromotionEngine';
import { colouredOverlay, smokeTestFile } from './testing/colouredOverlay';
import { breakPods } from './testing/breakPods';

const databases = EmptyDatabases.create(['POSTGRES_18']);
const git = promisify(execFile);
const minute = 60_000;
const cluster = 'cloud-staging';
const service = 'component:default/label-api';
const image = 'registry.norden.example/label-api';
const token = 'a-long-and-random-token-of-a-test';

jest.setTimeout(1_800_000);

const target: Target = {
  cluster,
  path: `services/label-api/overlays/${cluster}`,
  kustomization: { namespace: 'flux-system', name: 'label-api' },
  workload: { kind: 'Deployment', namespace: 'sorting', name: 'label-api' },
  coloured: true,
  smokeTest: 'label-api-smoke',
};

function aPipeline(forge: string, strategy: BlueGreenStrategy): Pipeline {
  return {
    service,
    images: [image],
    fleet: { repository: `${forge}/norden/fleet`, branch: 'main' },
    stages: [
      {
        name: cluster,
        title: 'Cloud staging',
        kind: 'cloud',
        after: [],
        promotion: 'manual',
        gates: [],
        targets: [target],
        blueGreen: strategy,
      },
    ],
  };
}

/**
 * Clusters, Git, kustomize and Flux of the simulated world, in which half an hour passes in half a
 * minute, and the portal's own engine on a real database. No engine moves any traffic here.
 */
describe('two colours, from the commit to the end of the old one', () => {
  const scheduler = acceleratedScheduler(40);
  const strategy: BlueGreenStrategy = {
    watch: 2 * minute,
    keep: 4 * minute,
    promotion: 'auto',
  };
  let directory: string;
  let world: World;
  let fleet: string;
  let clusters: PortalClusters;
  let engine: PromotionEngine | undefined;
  let pipelines: MemoryPipelines;
  const releases = new MemoryReleases();
  const kustomize = createKustomize();

  function running(): PromotionEngine {
    if (!engine) throw new Error('The engine has not been started');
    return engine;
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'causeway-colours-'));
    world = await startWorld({
      dataDirectory: directory,
      secrets: { clusterToken: token, forgePassword: 'forge' },
      scheduler,
      only: [cluster],
      sites: 1,
      devices: 1,
      ciDuration: 0,
      podTimes: { start: 200, stop: 100 },
      patience: 600_000,
      log: () => undefined,
    });
    const forge = world.forge.url;
    const { host } = new URL(forge);
    fleet = `${forge}/norden/fleet`;
    const integrations = {
      gitea: [
        { host, baseUrl: forge, username: 'causeway', password: 'forge' },
      ],
    };
    const prometheus = [
      { name: cluster, url: world.clusters[cluster].metrics },
    ];
    const config = new ConfigReader({ integrations, delivery: { prometheus } });
    const logger = silentLogger;
    clusters = portalClusters(world);
    clusters.start();
    await until(async () => clusters.list().length > 0);
    const plain = { ...target, coloured: undefined };
    const before = await until(
      async () => clusters.targetState(plain).workload?.images[0],
    );
    const runs = parseImage(before);
    await commitToFleet(
      colouredOverlay(target, {
        image,
        tag: '4.2.1',
        digest: runs?.digest ?? '',
        replicas: 2,
      }),
    );
    const database = await databases.take('POSTGRES_18');
    pipelines = new MemoryPipelines(aPipeline(forge, strategy));
    const parts = {
      clusters,
      releases,
      pipelines,
      actors: new MemoryActors(),
      fleet: new GitFleetRepositories({
        directory: join(directory, 'repositories'),
        integrations: ScmIntegrations.fromConfig(config),
        render: (input, options) => kustomize.build(input, options),
      }),
      metrics: createCanaryMetrics({ config, logger, clock: scheduler.now }),
      clock: scheduler.now,
      logger,
    };
    engine = createPromotionEngine({ ...parts, database });
    running().start();
    releases.report(aRelease('4.2.1', runs?.digest));
    await until(
      async () => shown().live === 'blue' && shown().blue.health === 'healthy',
    );
  });

  afterAll(async () => {
    await engine?.stop();
    await clusters?.stop();
    await world?.stop();
    await kustomize.dispose();
    await rm(directory, { recursive: true, force: true });
  });

  /** As a person would, from a clone. */
  async function commitToFleet(files: Readonly<Record<string, string>>) {
    const clone = await mkdtemp(join(directory, 'clone-'));
    const at = (...args: string[]) => git('git', ['-C', clone, ...args]);
    const address = new URL(fleet);
    address.username = 'causeway';
    address.password = 'forge';
    await git('git', ['clone', '--quiet', address.href, clone]);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(clone, path)), { recursive: true });
      await writeFile(join(clone, path), text);
    }
    await at('add', '.');
    const who = [
      '-c',
      'user.name=Nils',
      '-c',
      'user.email=nils@norden.example',
    ];
    await at(...who, 'commit', '--quiet', '-m', 'Change label-api');
    await at('push', '--quiet');
  }

  function aRelease(version: string, digest?: string): Release {
    const hex = Buffer.from(version).toString('hex').padEnd(64, '0');
    return {
      id: version,
      service,
      version,
      commit: {
        sha: hex.slice(0, 40),
        message: 'A change',
        author: 'Nils Berg',
        time: scheduler.now().toISOString(),
      },
      images: [
        { name: image, tag: version, digest: digest ?? `sha256:${hex}` },
      ],
      reportedAt: scheduler.now().toISOString(),
    };
  }

  async function promote(version: string): Promise<string> {
    releases.report(aRelease(version));
    const command = { service, stage: cluster, release: version };
    return accepted(await running().promotions.request(command, omar)).stored
      .promotion.id;
  }

  async function rollBack(version: string): Promise<string> {
    const outcome = accepted(
      await running().rollbacks.request(
        {
          service,
          stages: [cluster],
          release: version,
          reason: 'Belts stop',
        },
        omar,
      ),
    );
    return outcome.promotions[0].promotion.id;
  }

  function shown() {
    const { colours } = clusters.targetState(target);
    if (!colours) throw new Error('The target has no colours');
    return colours;
  }

  const typesOf = async (promotion: string) =>
    (await running().promotions.events(promotion)).map(({ type }) => type);

  const commitsOf = async (promotion: string) => {
    const events = await running().promotions.events(promotion);
    return events.flatMap(event =>
      'commit' in event && event.commit.changed ? [event.type] : [],
    );
  };

  /** What the promotion leaves to do after its end is done. */
  const settled = (promotion: string) =>
    until(async () => (await typesOf(promotion)).includes('colourRetired'));

  it('makes the new version ready, switches, watches, and ends the old one when it was kept long enough', async () => {
    releases.report(aRelease('4.3.0'));
    const plan = await running().promotions.plan(
      { service, stage: cluster, release: '4.3.0' },
      AbortSignal.timeout(60_000),
    );
    const touched =
      'diff' in plan && plan.diff.known
        ? plan.diff.value.objects.map(({ kind, name }) => `${kind} ${name}`)
        : plan;
    expect(touched).toContain('Deployment label-api-green');
    expect(touched).not.toContain('Deployment label-api-blue');

    const promotion = await promote('4.3.0');
    // Every moment that the portal sees: one version serves, and it is the old one until the switch.
    const served = new Set<string | undefined>();
    const stop = clusters.subscribe(() => {
      served.add(clusters.targetState(target).workload?.health);
    });
    const { promotion: done } = await untilPhase(
      running(),
      promotion,
      'succeeded',
    );
    stop();
    expect(served).toEqual(new Set(['healthy']));
    expect(shown()).toMatchObject({
      live: 'green',
      blue: { health: 'healthy', replicas: { available: 2 } },
      green: { health: 'healthy', replicas: { desired: 2, available: 2 } },
    });
    const events = await running().promotions.events(promotion);
    const at = (type: string) =>
      Date.parse(events.find(event => event.type === type)?.at ?? '');
    expect(at('succeeded') - at('colourServing')).toBeGreaterThanOrEqual(
      strategy.watch,
    );
    await settled(promotion);
    await until(async () => shown().blue.replicas.desired === 0);
    const kept = await running().promotions.events(promotion);
    const retired = kept.find(({ type }) => type === 'colourRetired');
    expect(
      Date.parse(retired?.at ?? '') - at('succeeded'),
    ).toBeGreaterThanOrEqual(strategy.keep);
    expect(done).toMatchObject({ proof: [{ replicas: 2 }] });
    expect(await commitsOf(promotion)).toEqual([
      'committed',
      'coloursSwitched',
      'colourRetired',
    ]);
  });

  it('switches nothing to a version that does not start, and takes its pods away', async () => {
    const promotion = await promote('4.4.0-bad');
    const { promotion: failed } = await untilPhase(
      running(),
      promotion,
      'failed',
    );
    // Its pods and its smoke test crash; whichever is seen first.
    expect(failed).toMatchObject({
      problem: { code: expect.stringMatching(/degraded|smokeTestFailed/) },
    });
    await settled(promotion);
    await until(async () => shown().blue.replicas.desired === 0);
    expect(shown()).toMatchObject({ live: 'green' });
    expect(await commitsOf(promotion)).toEqual(['committed', 'colourRetired']);
  });

  it('switches nothing to a version whose smoke test fails, although it is ready', async () => {
    const file = `${target.path}/blue/smoke.yaml`;
    const smokeTest = (fault: 'none' | 'crash') =>
      smokeTestFile('label-api', 'sorting', image, fault);
    await commitToFleet({ [file]: smokeTest('crash') });
    const promotion = await promote('4.4.1');
    const { promotion: failed } = await untilPhase(
      running(),
      promotion,
      'failed',
    );
    expect(failed).toMatchObject({ problem: { code: 'smokeTestFailed' } });
    await settled(promotion);
    expect(shown().live).toBe('green');
    expect(await commitsOf(promotion)).toEqual(['committed', 'colourRetired']);
    await commitToFleet({ [file]: smokeTest('none') });
  });

  it('switches back at once when the new version fails in front of users', async () => {
    const promotion = await promote('4.5.0');
    await until(async () => shown().live === 'blue');
    await breakPods(world.clusters[cluster], {
      namespace: 'sorting',
      prefix: 'label-api-blue-',
    });
    const { promotion: failed } = await untilPhase(
      running(),
      promotion,
      'failed',
    );
    expect(failed).toMatchObject({ problem: { code: 'switchedBack' } });
    expect(shown().live).toBe('green');
    await settled(promotion);
    expect(await commitsOf(promotion)).toEqual([
      'committed',
      'coloursSwitched',
      'coloursSwitchedBack',
      'colourRetired',
    ]);
  });

  it('goes back by one commit while the old version is kept, and the long way afterwards', async () => {
    const promotion = await promote('4.6.0');
    await untilPhase(running(), promotion, 'succeeded');
    expect(shown().live).toBe('blue');
    const back = await rollBack('4.3.0');
    await untilPhase(running(), back, 'succeeded');
    expect(shown().live).toBe('green');
    expect(await commitsOf(back)).toEqual(['committed']);
    // The older promotion's debt is this one's business now, which keeps blue for a while.
    await settled(promotion);
    await settled(back);
    expect(await commitsOf(promotion)).toEqual([
      'committed',
      'coloursSwitched',
    ]);
    await until(async () => shown().blue.replicas.desired === 0);
    const longWay = await rollBack('4.6.0');
    await untilPhase(running(), longWay, 'succeeded');
    expect(shown().live).toBe('blue');
    expect(await commitsOf(longWay)).toEqual(['committed', 'coloursSwitched']);
    await settled(longWay);
  });

  it('switches back on what the metrics say, with their numbers', async () => {
    const measured: BlueGreenStrategy = {
      ...strategy,
      watch: 8 * minute,
      metrics: {
        policy: {
          errorRatePass: 0.001,
          errorRateAboveBaseline: 0.01,
          slaP95Ms: 500,
          latencyAboveBaseline: 0.2,
        },
        undecided: 'hold',
      },
    };
    pipelines.change({ stages: aPipeline(world.forge.url, measured).stages });
    const { live } = shown();
    const promotion = await promote('4.7.0-errors');
    const { promotion: failed } = await untilPhase(
      running(),
      promotion,
      'failed',
    );
    expect(failed).toMatchObject({
      problem: {
        code: 'switchedBack',
        message: expect.stringMatching(
          /^Switched back after \d+ min: [\d,]+ errors in [\d,]+ requests .* before the switch\)/,
        ),
      },
    });
    expect(shown().live).toBe(live);
    const types = await typesOf(promotion);
    expect(types).toContain('canaryJudged');
    await settled(promotion);
  });

  it('waits for a person where the document says so, who may also cancel', async () => {
    const { stages } = aPipeline(world.forge.url, {
      ...strategy,
      promotion: 'manual',
    });
    pipelines.change({ stages });
    const waits = async (promotion: string) =>
      until(async () => {
        const stored = await running().promotions.get(promotion);
        return stored?.unmet.some(({ code }) => code === 'switchWaits');
      });
    const first = await promote('4.7.0');
    await waits(first);
    expect(shown().live).toBe('blue');
    accepted(await running().promotions.cancel(first, {}, omar));
    await settled(first);
    await until(async () => shown().green.replicas.desired === 0);
    expect(shown().live).toBe('blue');

    const second = await promote('4.8.0');
    await waits(second);
    accepted(
      await running().promotions.steer(
        second,
        { action: 'promoteFully' },
        omar,
      ),
    );
    await until(async () => shown().live === 'green');
    accepted(
      await running().promotions.steer(
        second,
        { action: 'abort', reason: 'Labels are wrong' },
        omar,
      ),
    );
    const { promotion: failed } = await untilPhase(running(), second, 'failed');
    expect(failed).toMatchObject({
      problem: { message: expect.stringContaining('Labels are wrong') },
    });
    expect(shown().live).toBe('blue');
  });
});

/** The portal's own view of a cluster, by real watches; its freshness is a matter of real time. */
function portalClusters(world: World): PortalClusters {
  const access = createClusterAccess();
  const { url, caFile } = world.clusters[cluster];
  const provider = 'serviceAccount';
  const authMetadata = { 'kubernetes.io/auth-provider': provider };
  access.provide({
    clusterSupplier: {
      getClusters: async () => [{ name: cluster, url, caFile, authMetadata }],
    },
    authStrategyMap: {
      [provider]: {
        getCredential: async () => ({ type: 'bearer token', token }),
        validateCluster: () => [],
        presentAuthMetadata: () => ({}),
      },
    },
  });
  return new PortalClusters({
    access,
    engines: knownEngines(),
    credentials: async () => portalCredentials,
    logger: silentLogger,
    watchLimits: { missingPause: 1_000, longestMissingPause: 1_000 },
  });
}
