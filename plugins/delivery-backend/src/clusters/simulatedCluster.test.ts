// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterDetails } from '@backstage/plugin-kubernetes-node';
import { createClusterAccess } from '@causeway/plugin-delivery-node';
import {
  startApiServer,
  type ApiServer,
  type Fault,
} from '@causeway/simulator';
import { KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node';
import { generate } from 'selfsigned';
import { silentLogger } from '../testing/silentLogger';
import { portalCredentials } from '../testing/portalCredentials';
import { PortalClusters } from './PortalClusters';
import {
  aDeployment,
  aGitRepository,
  aKustomization,
  aTarget,
} from './testing/objects';

/** Real servers and processes, on machines that may be busy. */
jest.setTimeout(60_000);

/** The simulated API server over HTTPS: the same cache against the protocol in full. */
const token = 'a-long-and-random-token-of-a-test';
let api: ApiServer;
let admin: KubernetesObjectApi;
let caFile: string;
let directory: string;
let clusters: PortalClusters | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-cluster-'));
  const tls = await generate([{ name: 'commonName', value: 'cluster' }], {
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  caFile = join(directory, 'ca.crt');
  await writeFile(caFile, tls.cert);
  api = await startApiServer({
    name: 'cloud-staging',
    port: 0,
    tls: { key: tls.private, cert: tls.cert },
    tokens: [{ token, user: 'portal', groups: ['system:masters'] }],
    clock: () => new Date(),
  });
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'it', server: api.url, caFile, skipTLSVerify: false },
    { name: 'portal', token },
  );
  admin = KubernetesObjectApi.makeApiClient(config);
  await admin.create(
    aDefinition('kustomize.toolkit.fluxcd.io', 'Kustomization'),
  );
  await admin.create(aDefinition('source.toolkit.fluxcd.io', 'GitRepository'));
  for (const name of ['sorting', 'flux-system', 'sources']) {
    await admin.create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    });
  }
  await admin.create(flux('kustomize', 'Kustomization', aKustomization()));
  await admin.create(flux('source', 'GitRepository', aGitRepository()));
  await admin.create(deployment('parcel-vision'));
});
afterEach(async () => {
  await clusters?.stop();
  await api.faults.clear();
});
afterAll(async () => {
  await api?.stop();
  await rm(directory, { recursive: true, force: true });
});

function aDefinition(group: string, kind: string) {
  const plural =
    kind === 'Kustomization' ? 'kustomizations' : 'gitrepositories';
  const schema = {
    openAPIV3Schema: {
      type: 'object',
      x_kubernetes_preserve_unknown_fields: true,
    },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind,
        plural,
        singular: kind.toLowerCase(),
        listKind: `${kind}List`,
      },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

function flux(
  group: string,
  kind: string,
  {
    metadata,
    ...rest
  }: ReturnType<typeof aKustomization> | ReturnType<typeof aGitRepository>,
) {
  const { name, namespace } = metadata;
  return {
    apiVersion: `${group}.toolkit.fluxcd.io/v1`,
    kind,
    ...rest,
    metadata: { name, namespace },
  };
}

function deployment(name: string) {
  const { spec } = aDeployment(name);
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'sorting' },
    spec: {
      ...spec,
      selector: { matchLabels: labels },
      template: { ...spec.template, metadata: { labels } },
    },
  };
}

/** Time limits that a busy machine does not reach, except for clusters that are to hang. */
function watch({
  details = { caFile },
  impersonate = false,
  answer = 20_000,
}: {
  readonly details?: Partial<ClusterDetails>;
  readonly impersonate?: boolean;
  readonly answer?: number;
} = {}) {
  const access = createClusterAccess();
  const cluster = {
    name: 'cloud-staging',
    url: api.url,
    authMetadata: { 'kubernetes.io/auth-provider': 'serviceAccount' },
    ...details,
  };
  access.provide({
    clusterSupplier: { getClusters: async () => [cluster] },
    authStrategyMap: {
      serviceAccount: {
        getCredential: async () => ({ type: 'bearer token', token }),
        validateCluster: () => [],
        presentAuthMetadata: () => ({}),
      },
    },
  });
  clusters = new PortalClusters({
    access,
    impersonate,
    credentials: async () => portalCredentials,
    logger: silentLogger,
    watchLimits: {
      heartbeat: 200,
      silence: 30_000,
      firstPause: 10,
      longestPause: 200,
    },
    transportLimits: { answer },
    breakerLimits: { rest: 100 },
  });
  clusters.start();
  return clusters;
}

async function until(watched: PortalClusters, isTrue: () => boolean) {
  await new Promise<void>(resolve => {
    const end = watched.subscribe(() => look());
    function look() {
      if (!isTrue()) return;
      end();
      resolve();
    }
    look();
  });
}

const target = aTarget('cloud-staging');
const isLive = (watched: PortalClusters) => {
  const { freshness, flux: state } = watched.targetState(target);
  return freshness.state === 'live' && state?.source !== undefined;
};

it('trusts the configured certificate authority and no other', async () => {
  const trusting = watch();
  await until(trusting, () => isLive(trusting));
  expect(trusting.targetState(target)).toMatchObject({
    workload: {
      images: ['registry.norden.example/parcel-vision:2.8.1'],
      observed: false,
    },
  });
  await trusting.stop();

  const careful = watch({ details: {} });
  await until(
    careful,
    () => careful.list()[0]?.freshness.state === 'unreachable',
  );
  expect(careful.list()[0].freshness).toMatchObject({
    problem: expect.stringMatching(/certificate .* not trusted/),
  });
});

it.each<[Fault['kind'], string]>([
  ['hang', 'stale'],
  ['error', 'stale'],
  ['refuse', 'unreachable'],
  ['forbidden', 'forbidden'],
])(
  'shows the fault %s as %s, and what happened meanwhile when it is over',
  async (kind, state) => {
    const watched = watch(kind === 'hang' ? { answer: 300 } : {});
    await until(watched, () => isLive(watched));
    await api.faults.set({ kind } as Fault);
    // Open watches outlive faults of new requests; only what comes after them can show those.
    if (kind === 'error' || kind === 'forbidden') api.compact();
    await until(watched, () => watched.list()[0].freshness.state === state);
    expect(watched.targetState(target).flux?.ready).toBe('True');
    await api.faults.clear();
    await admin.create(deployment(`during-${kind}`));
    await until(watched, () => isLive(watched));
    await until(
      watched,
      () =>
        watched.targetState(aTarget('cloud-staging', `during-${kind}`)).workload
          ?.health === 'progressing',
    );
  },
);

it.each<Fault['kind']>(['cut', 'gone'])(
  'goes on after the fault %s without missing anything',
  async kind => {
    const watched = watch();
    await until(watched, () => isLive(watched));
    await api.faults.set({ kind } as Fault);
    await api.faults.clear();
    await admin.create(deployment(`after-${kind}`));
    await until(
      watched,
      () =>
        watched.targetState(aTarget('cloud-staging', `after-${kind}`)).workload
          ?.health === 'progressing',
    );
    await until(watched, () => isLive(watched));
    expect(watched.targetState(target).workload?.health).toBe('progressing');
  },
);

it('asks Flux for the Kustomization of a target', async () => {
  const watched = watch();
  await until(watched, () => isLive(watched));
  const behalf = { actor: 'user:default/mia', promotion: 'p-1' };
  await watched.requestReconcile(
    target,
    'token-1',
    behalf,
    AbortSignal.timeout(60_000),
  );
  for (const object of [
    flux('kustomize', 'Kustomization', aKustomization()),
    flux('source', 'GitRepository', aGitRepository()),
  ]) {
    const { metadata } = await admin.read(object);
    expect(metadata?.annotations).toEqual({
      'reconcile.fluxcd.io/requestedAt': 'token-1',
    });
  }
});

it('may not do for a user what that user may not do', async () => {
  const watched = watch({ impersonate: true });
  await until(watched, () => isLive(watched));
  await expect(
    watched.requestReconcile(
      target,
      'token-2',
      { actor: 'user:default/lena', promotion: 'p-1' },
      AbortSignal.timeout(60_000),
    ),
  ).rejects.toMatchObject({
    name: 'NotAllowedError',
    message: expect.stringMatching(/user:default\/lena/),
  });
});
