// SPDX-License-Identifier: Apache-2.0
import type { ClusterDetails } from '@backstage/plugin-kubernetes-node';
import {
  createClusterAccess,
  type PortalClusters as HandedOver,
} from '@causeway/plugin-delivery-node';
import { silentLogger } from '../testing/silentLogger';
import { portalCredentials } from '../testing/portalCredentials';
import { PortalClusters, type PortalClustersOptions } from './PortalClusters';
import {
  aDeployment,
  aGitRepository,
  aKustomization,
  aRollout,
  aTarget,
} from './testing/objects';
import { ScriptedCluster } from './testing/ScriptedCluster';
import { rollouts } from '../engines/argoRollouts';
import { knownEngines } from '../engines/knownEngines';
import { until as eventually } from '../promotions/__fixtures__/engines';
import {
  deployments,
  gitRepositories,
  kustomizations,
  services,
  smokeTests,
} from './watchedKinds';

/** Real servers and processes, on machines that may be busy. */
jest.setTimeout(60_000);

const collections = [
  kustomizations.path,
  gitRepositories.path,
  deployments.path,
];
/** Paths of the kinds beside these, which the scripted clusters do not serve unless told to. */
const unserved = [
  services,
  smokeTests,
  ...knownEngines().flatMap(({ kinds }) => kinds),
].map(({ path }) => path.replace(/\?.*/, ''));
/** Short pauses, and time limits that a busy machine does not reach. */
const patient: Partial<PortalClustersOptions> = {
  refresh: 50,
  watchLimits: {
    heartbeat: 100,
    silence: 30_000,
    firstPause: 10,
    longestPause: 200,
    missingPause: 100,
    longestMissingPause: 200,
  },
  transportLimits: { answer: 20_000, body: 20_000 },
  breakerLimits: { failures: 5, rest: 60 },
};
/** For clusters that hang: gives up soon, so a busy machine may look like one for a moment. */
const impatient: Partial<PortalClustersOptions> = {
  watchLimits: { ...patient.watchLimits, silence: 300 },
  transportLimits: { answer: 150, body: 300 },
};

const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.stop();
});

async function aCluster(paths: readonly string[] = collections) {
  const cluster = await ScriptedCluster.start(paths);
  running.push({ stop: () => cluster.close() });
  return cluster;
}

async function aFilledCluster() {
  const cluster = await aCluster();
  cluster.put(kustomizations.path, aKustomization());
  cluster.put(gitRepositories.path, aGitRepository());
  cluster.put(deployments.path, aDeployment());
  return cluster;
}

/** Watches clusters whose list and token a test can change. */
function watch(
  configuration: ClusterDetails[],
  options: Partial<PortalClustersOptions> = {},
) {
  const access = createClusterAccess();
  const token = { current: 'a-long-and-random-token-of-a-test', asked: 0 };
  const handedOver: HandedOver = {
    clusterSupplier: { getClusters: async () => configuration },
    authStrategyMap: {
      serviceAccount: {
        getCredential: async () => {
          token.asked += 1;
          return { type: 'bearer token', token: token.current };
        },
        validateCluster: () => [],
        presentAuthMetadata: () => ({}),
      },
    },
  };
  access.provide(handedOver);
  const clusters = new PortalClusters({
    access,
    credentials: async () => portalCredentials,
    logger: silentLogger,
    ...patient,
    ...options,
  });
  clusters.start();
  running.push(clusters);
  return { clusters, token };
}

/** Waits for a change that makes it true; looks again after each change that is told. */
async function until(clusters: PortalClusters, isTrue: () => boolean) {
  await new Promise<void>(resolve => {
    const end = clusters.subscribe(() => look());
    function look() {
      if (!isTrue()) return;
      end();
      resolve();
    }
    look();
  });
}

function stateOf(clusters: PortalClusters, cluster: string) {
  return clusters.targetState(aTarget(cluster));
}

const isLive = (clusters: PortalClusters, cluster: string) =>
  stateOf(clusters, cluster).freshness.state === 'live' &&
  stateOf(clusters, cluster).workload?.health === 'healthy';

describe('PortalClusters', () => {
  it('shows what runs, what Flux says, and what its source says', async () => {
    const cluster = await aFilledCluster();
    const { clusters } = watch([cluster.details('cloud-staging')]);
    await until(clusters, () => isLive(clusters, 'cloud-staging'));

    expect(stateOf(clusters, 'cloud-staging')).toMatchObject({
      freshness: { state: 'live' },
      flux: { ready: 'True', source: { ready: 'True' } },
      workload: {
        health: 'healthy',
        images: ['registry.norden.example/parcel-vision:2.8.1'],
      },
    });
    expect(clusters.list()).toMatchObject([
      { name: 'cloud-staging', title: 'cloud-staging', objects: 3 },
    ]);
    expect(
      clusters.targetState(aTarget('cloud-staging', 'label-api')),
    ).toMatchObject({ workload: { health: 'missing' } });
  });

  describe('with Argo Rollouts', () => {
    async function withRollouts() {
      const cluster = await aCluster([...collections, rollouts.path]);
      cluster.put(kustomizations.path, aKustomization());
      cluster.put(gitRepositories.path, aGitRepository());
      const { clusters } = watch([cluster.details('cloud-staging')]);
      return { cluster, clusters };
    }
    const settled = () => {
      const object = aRollout();
      return {
        ...object,
        status: {
          ...object.status,
          phase: 'Healthy',
          currentStepIndex: 7,
          pauseConditions: [],
          controllerPause: false,
          stableRS: object.status.currentPodHash,
          replicas: 2,
          updatedReplicas: 2,
          canary: {},
        },
      };
    };

    it('shows a Rollout where there is no Deployment of the name', async () => {
      const { cluster, clusters } = await withRollouts();
      cluster.put(rollouts.path, aRollout());
      await until(
        clusters,
        () => stateOf(clusters, 'cloud-staging').canary !== undefined,
      );
      expect(stateOf(clusters, 'cloud-staging')).toMatchObject({
        workload: { health: 'progressing', images: [] },
        canary: {
          engine: 'argoRollouts',
          phase: 'progressing',
          weight: 5,
          declared: ['registry.norden.example/parcel-vision:2.8.1'],
        },
      });

      cluster.put(rollouts.path, settled());
      await until(clusters, () => isLive(clusters, 'cloud-staging'));
      expect(stateOf(clusters, 'cloud-staging')).toMatchObject({
        workload: { images: ['registry.norden.example/parcel-vision:2.8.1'] },
        canary: { phase: 'idle', end: 'promoted' },
      });
    });

    it('shows the Rollout that refers to a Deployment, by the name of either', async () => {
      const { cluster, clusters } = await withRollouts();
      const deployment = aDeployment('parcel-vision', '2.9.0');
      cluster.put(deployments.path, {
        ...deployment,
        spec: { ...deployment.spec, replicas: 0 },
      });
      const { template, ...spec } = settled().spec;
      cluster.put(rollouts.path, {
        ...settled(),
        metadata: { ...settled().metadata, name: 'parcel-vision-rollout' },
        spec: {
          ...spec,
          workloadRef: { kind: 'Deployment', name: 'parcel-vision' },
        },
        status: { ...settled().status, workloadObservedGeneration: '1' },
      });
      await until(clusters, () => isLive(clusters, 'cloud-staging'));
      const expected = {
        workload: {
          images: ['registry.norden.example/parcel-vision:2.9.0'],
          replicas: { desired: 2, available: 2 },
        },
        canary: { name: 'parcel-vision-rollout', end: 'promoted' },
      };
      expect(stateOf(clusters, 'cloud-staging')).toMatchObject(expected);
      const byItsName = aTarget('cloud-staging', 'parcel-vision-rollout');
      expect(clusters.targetState(byItsName)).toMatchObject(expected);
    });

    it('leaves a Deployment alone that merely has the name of a Rollout', async () => {
      const { cluster, clusters } = await withRollouts();
      cluster.put(rollouts.path, aRollout());
      cluster.put(deployments.path, aDeployment());
      await until(clusters, () => isLive(clusters, 'cloud-staging'));
      expect(stateOf(clusters, 'cloud-staging').canary).toBeUndefined();
    });
  });

  it('knows nothing, and says why, before clusters are handed over and of unknown ones', async () => {
    const unconnected = new PortalClusters({
      access: createClusterAccess(),
      credentials: async () => portalCredentials,
      logger: silentLogger,
    });
    unconnected.start();
    running.push(unconnected);
    expect(unconnected.list()).toEqual([]);
    expect(stateOf(unconnected, 'cloud-staging')).toEqual({
      target: aTarget('cloud-staging'),
      freshness: {
        state: 'never',
        since: expect.any(String),
        problem: expect.stringMatching(/not connected/),
      },
    });

    const cluster = await aFilledCluster();
    const { clusters } = watch([cluster.details('cloud-staging')]);
    await until(clusters, () => isLive(clusters, 'cloud-staging'));
    expect(stateOf(clusters, 'atlantis').freshness).toMatchObject({
      state: 'never',
      problem: expect.stringMatching(/no cluster "atlantis"/),
    });
  });

  it('sees changes and deletions, and tells only real ones', async () => {
    const cluster = await aFilledCluster();
    const { clusters } = watch([cluster.details('cloud-staging')]);
    await until(clusters, () => isLive(clusters, 'cloud-staging'));

    const images = () => stateOf(clusters, 'cloud-staging').workload?.images;
    // That a kind is not served is news, too; it is known when it is asked for again.
    await eventually(async () =>
      unserved.every(path => cluster.listsOf(path).length > 1),
    );
    const before = clusters.revision();
    cluster.put(deployments.path, aDeployment());
    cluster.bookmark(deployments.path);
    cluster.put(deployments.path, aDeployment('parcel-vision', '2.9.0'));
    await until(clusters, () => images()?.[0].endsWith('2.9.0') ?? false);
    expect(clusters.revision()).toBe(before + 1);

    cluster.remove(deployments.path, 'sorting', 'parcel-vision');
    await until(
      clusters,
      () => stateOf(clusters, 'cloud-staging').workload?.health === 'missing',
    );
  });

  it('reads long lists in pages', async () => {
    const cluster = await aCluster();
    cluster.pageSize = 2;
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      cluster.put(deployments.path, aDeployment(name));
    }
    const { clusters } = watch([cluster.details('cloud-staging')]);
    await until(clusters, () => clusters.list()[0]?.objects === 5);
    expect(cluster.listsOf(deployments.path)).toHaveLength(3);
  });

  it('refuses to hold more objects than it may', async () => {
    const cluster = await aFilledCluster();
    cluster.put(deployments.path, aDeployment('belt-control'));
    const { clusters } = watch([cluster.details('cloud-staging')], {
      watchLimits: { ...patient.watchLimits, objects: 1 },
    });
    await until(clusters, () => clusters.list()[0]?.objects === 2);
    await until(clusters, () => 'problem' in clusters.list()[0].freshness);
    expect(clusters.list()[0].freshness).toMatchObject({
      state: 'never',
      problem: expect.stringMatching(/more than 1 deployments.apps/),
    });
  });

  it.each(['end', 'cut'] as const)(
    'goes on from the last version after its watches %s, without a list',
    async how => {
      const cluster = await aFilledCluster();
      const { clusters } = watch([cluster.details('cloud-staging')]);
      await until(clusters, () => isLive(clusters, 'cloud-staging'));
      const lists = cluster.listsOf(deployments.path).length;
      cluster.bookmark(deployments.path);
      cluster.put(deployments.path, aDeployment('belt-control'));
      await until(clusters, () => clusters.list()[0].objects === 4);
      const [first] = cluster.watchesOf(deployments.path);

      cluster.endWatches(how);
      await cluster.until(
        () => cluster.watchesOf(deployments.path).length === 2,
      );
      const second = cluster.watchesOf(deployments.path)[1];
      expect(Number(second.query.get('resourceVersion'))).toBe(
        Number(first.query.get('resourceVersion')) + 2,
      );
      expect(cluster.listsOf(deployments.path)).toHaveLength(lists);
      expect(stateOf(clusters, 'cloud-staging').freshness.state).toBe('live');
    },
  );

  it.each([
    [
      'its version was forgotten',
      (cluster: ScriptedCluster) => {
        cluster.oldestVersion = 1_000_000;
        cluster.endWatches('end');
      },
    ],
    [
      'its version was forgotten while watching',
      (cluster: ScriptedCluster) =>
        cluster.send(deployments.path, {
          type: 'ERROR',
          object: { kind: 'Status', code: 410, message: 'too old' },
        }),
    ],
    [
      'an event can not be read',
      (cluster: ScriptedCluster) =>
        cluster.send(deployments.path, '{"type":"MODIFIED","obj'),
    ],
    [
      'an event has no shape of its kind',
      (cluster: ScriptedCluster) =>
        cluster.send(deployments.path, { type: 'MODIFIED', object: {} }),
    ],
  ])('lists again when %s', async (_name, disturb) => {
    const cluster = await aFilledCluster();
    const { clusters } = watch([cluster.details('cloud-staging')]);
    await until(clusters, () => isLive(clusters, 'cloud-staging'));
    await cluster.until(() => cluster.watchesOf(deployments.path).length > 0);

    cluster.remove(deployments.path, 'sorting', 'parcel-vision', false);
    cluster.put(deployments.path, aDeployment('belt-control'), false);
    disturb(cluster);
    await until(
      clusters,
      () =>
        stateOf(clusters, 'cloud-staging').workload?.health === 'missing' &&
        clusters.targetState(aTarget('cloud-staging', 'belt-control')).workload
          ?.health === 'healthy',
    );
    expect(stateOf(clusters, 'cloud-staging').freshness.state).toBe('live');
  });

  it.each([
    ['hang', 'stale', /did not answer|said nothing/],
    ['fail', 'stale', /status 500: no leader/],
    ['forbid', 'forbidden', /deployments.apps is forbidden/],
    ['refuseCredential', 'forbidden', /credential/],
  ] as const)(
    'keeps the last word when a cluster begins to %s, delays no other, and recovers',
    async (behaviour, state, problem) => {
      const cluster = await aFilledCluster();
      const other = await aFilledCluster();
      const { clusters } = watch(
        [cluster.details('cloud-staging'), other.details('edge-staging')],
        // Without kinds that it never served: the first refusal could be of one of them.
        { engines: [], ...(behaviour === 'hang' && impatient) },
      );
      await until(clusters, () => isLive(clusters, 'cloud-staging'));
      await until(clusters, () => isLive(clusters, 'edge-staging'));

      cluster.misbehave(behaviour);
      await until(
        clusters,
        () => stateOf(clusters, 'cloud-staging').freshness.state === state,
      );
      expect(stateOf(clusters, 'cloud-staging')).toMatchObject({
        freshness: {
          seenAt: expect.any(String),
          problem: expect.stringMatching(problem),
        },
        workload: { health: 'healthy' },
      });
      other.put(deployments.path, aDeployment('belt-control'));
      await until(clusters, () => clusters.list()[1].objects === 4);
      await until(clusters, () => isLive(clusters, 'edge-staging'));
      expect(stateOf(clusters, 'cloud-staging').freshness.state).toBe(state);

      cluster.behave();
      await until(clusters, () => isLive(clusters, 'cloud-staging'));
    },
  );

  it('takes a quiet cluster for alive while it answers, and reads it without asking more', async () => {
    const cluster = await aFilledCluster();
    const { clusters } = watch([cluster.details('cloud-staging')]);
    await until(clusters, () => isLive(clusters, 'cloud-staging'));
    const seenAt = () => {
      const { freshness } = stateOf(clusters, 'cloud-staging');
      return freshness.state === 'live' ? freshness.seenAt : 'not live';
    };
    const first = seenAt();
    const asked = () =>
      cluster.seen.filter(({ path }) => path === '/version').length;
    // By then every kind has been heard of, also those that this cluster does not serve.
    await cluster.until(() => asked() === 1);
    const revision = clusters.revision();
    await cluster.until(() => asked() === 3);
    expect(Date.parse(seenAt())).toBeGreaterThan(Date.parse(first));
    expect(clusters.revision()).toBe(revision);
    expect(cluster.watchesOf(deployments.path)).toHaveLength(1);
    expect(cluster.listsOf(deployments.path)).toHaveLength(1);
  });

  it('asks for a kind that is not served more and more rarely', async () => {
    const triesWith = async (longestMissingPause: number) => {
      const cluster = await aCluster([deployments.path]);
      watch([cluster.details('cloud-staging')], {
        watchLimits: {
          ...patient.watchLimits,
          missingPause: 10,
          longestMissingPause,
        },
      });
      return { cluster, lists: () => cluster.listsOf(kustomizations.path) };
    };
    const often = await triesWith(10);
    const rarely = await triesWith(3_600_000);
    await often.cluster.until(() => often.lists().length > 100);
    expect(rarely.lists().length).toBeLessThan(30);
  });

  it('opens a watch again that may be half open, because nothing came for long', async () => {
    const cluster = await aFilledCluster();
    const { clusters } = watch([cluster.details('cloud-staging')], {
      transportLimits: { ...patient.transportLimits, idle: 50 },
    });
    await until(clusters, () => isLive(clusters, 'cloud-staging'));
    await cluster.until(() => cluster.watchesOf(deployments.path).length >= 3);
    expect(cluster.listsOf(deployments.path)).toHaveLength(1);
    expect(stateOf(clusters, 'cloud-staging').freshness.state).toBe('live');
  });

  it('says so when a cluster is down from the start, and reads it when it comes', async () => {
    const cluster = await aFilledCluster();
    const details = cluster.details('cloud-staging');
    await cluster.close();
    const { clusters } = watch([details]);
    await until(
      clusters,
      () => clusters.list()[0]?.freshness.state === 'unreachable',
    );
    expect(stateOf(clusters, 'cloud-staging')).toMatchObject({
      freshness: { problem: expect.stringMatching(/refused/) },
      workload: undefined,
    });
    await cluster.listen();
    await until(clusters, () => isLive(clusters, 'cloud-staging'));
  });

  it('watches a cluster without Flux, and notices when Flux arrives', async () => {
    const cluster = await aCluster([deployments.path]);
    cluster.put(deployments.path, aDeployment());
    const { clusters } = watch([cluster.details('cloud-staging')]);
    await until(clusters, () => clusters.list()[0]?.freshness.state === 'live');
    await until(clusters, () => clusters.list()[0]?.objects === 1);
    expect(stateOf(clusters, 'cloud-staging').freshness).toMatchObject({
      state: 'never',
      problem: expect.stringMatching(/serves no .*fluxcd.io. Install Flux/),
    });

    cluster.serve(gitRepositories.path);
    cluster.serve(kustomizations.path);
    cluster.put(kustomizations.path, aKustomization());
    await until(clusters, () => isLive(clusters, 'cloud-staging'));
    expect(stateOf(clusters, 'cloud-staging').flux?.ready).toBe('True');
  });

  it('signs in again when its credential is no longer accepted', async () => {
    const cluster = await aFilledCluster();
    const { clusters, token } = watch([cluster.details('cloud-staging')]);
    await until(clusters, () => isLive(clusters, 'cloud-staging'));
    expect(token.asked).toBe(1);

    cluster.token = 'the-next-long-and-random-token';
    token.current = cluster.token;
    cluster.put(deployments.path, aDeployment('belt-control'), false);
    cluster.oldestVersion = 1_000_000;
    cluster.endWatches('end');
    await until(clusters, () => clusters.list()[0].objects === 4);
  });

  it('follows the configuration: clusters come, go and move', async () => {
    const first = await aFilledCluster();
    const second = await aFilledCluster();
    second.put(deployments.path, aDeployment('belt-control'));
    const configuration = [first.details('cloud-staging')];
    const { clusters } = watch(configuration);
    await until(clusters, () => isLive(clusters, 'cloud-staging'));

    configuration.push(second.details('edge-staging'));
    await until(clusters, () => isLive(clusters, 'edge-staging'));
    configuration.splice(0, 1);
    await until(clusters, () => clusters.list().length === 1);
    configuration.splice(0, 1, first.details('edge-staging'));
    await until(clusters, () => clusters.list()[0]?.objects === 3);
    expect(clusters.list().map(({ name }) => name)).toEqual(['edge-staging']);
  });

  it('keeps no more of an object than decisions need', async () => {
    const cluster = await aFilledCluster();
    const { clusters } = watch([cluster.details('cloud-staging')]);
    await until(clusters, () => isLive(clusters, 'cloud-staging'));
    const kept = JSON.stringify(stateOf(clusters, 'cloud-staging'));
    expect(kept).not.toMatch(/ballast|managedFields|PASSWORD/);
  });
});

describe('requestReconcile', () => {
  const behalf = { actor: 'user:default/mia', promotion: 'p-1' };
  const signal = () => AbortSignal.timeout(60_000);
  const patches = (cluster: ScriptedCluster) =>
    cluster.seen.filter(({ method }) => method === 'PATCH');

  it('annotates the source, in its own namespace, and then the Kustomization', async () => {
    const cluster = await aFilledCluster();
    const { clusters } = watch([cluster.details('cloud-staging')]);
    await until(clusters, () => isLive(clusters, 'cloud-staging'));
    await clusters.requestReconcile(
      aTarget('cloud-staging'),
      'token-1',
      behalf,
      signal(),
    );
    expect(patches(cluster).map(({ path }) => path)).toEqual([
      '/apis/source.toolkit.fluxcd.io/v1/namespaces/sources/gitrepositories/fleet',
      '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/parcel-vision',
    ]);
    for (const { query, headers, body } of patches(cluster)) {
      expect(query.get('fieldManager')).toBe('causeway');
      expect(headers['content-type']).toBe('application/merge-patch+json');
      expect(headers['impersonate-user']).toBeUndefined();
      expect(JSON.parse(body)).toEqual({
        metadata: {
          annotations: { 'reconcile.fluxcd.io/requestedAt': 'token-1' },
        },
      });
    }
  });

  it('writes under the name of the user where that is configured, never for the portal itself', async () => {
    const cluster = await aFilledCluster();
    const { clusters } = watch([cluster.details('cloud-staging')], {
      impersonate: true,
    });
    await until(clusters, () => isLive(clusters, 'cloud-staging'));
    const target = aTarget('cloud-staging');
    await clusters.requestReconcile(target, 'one', behalf, signal());
    await clusters.requestReconcile(
      target,
      'two',
      { ...behalf, actor: 'plugin:delivery' },
      signal(),
    );
    expect(
      patches(cluster).map(({ headers }) => headers['impersonate-user']),
    ).toEqual(['user:default/mia', 'user:default/mia', undefined, undefined]);
  });

  it.each([
    ['forbid', 'NotAllowedError'],
    ['hang', 'ServiceUnavailableError'],
    ['fail', 'ServiceUnavailableError'],
  ] as const)(
    'says what a cluster that begins to %s means',
    async (behaviour, name) => {
      const cluster = await aFilledCluster();
      const { clusters } = watch(
        [cluster.details('cloud-staging')],
        behaviour === 'hang' ? impatient : {},
      );
      await until(clusters, () => isLive(clusters, 'cloud-staging'));
      cluster.behaviour = behaviour;
      await expect(
        clusters.requestReconcile(
          aTarget('cloud-staging'),
          't',
          behalf,
          signal(),
        ),
      ).rejects.toMatchObject({ name });
    },
  );

  it('says that a Kustomization or a cluster does not exist', async () => {
    const cluster = await aFilledCluster();
    const { clusters } = watch([cluster.details('cloud-staging')]);
    await until(clusters, () => isLive(clusters, 'cloud-staging'));
    await expect(
      clusters.requestReconcile(
        aTarget('cloud-staging', 'label-api'),
        't',
        behalf,
        signal(),
      ),
    ).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(
      clusters.requestReconcile(aTarget('atlantis'), 't', behalf, signal()),
    ).rejects.toMatchObject({ name: 'ServiceUnavailableError' });
  });
});
