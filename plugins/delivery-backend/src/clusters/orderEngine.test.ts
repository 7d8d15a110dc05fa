// SPDX-License-Identifier: Apache-2.0
import { Agent } from 'node:https';
import { startApiServer, type ApiServer } from '@causeway/simulator';
import {
  KubeConfig,
  KubernetesObjectApi,
  type KubernetesObject,
} from '@kubernetes/client-node';
import type { EngineOrder } from '@causeway/plugin-delivery-common';
import { generate } from 'selfsigned';
import { argoRollouts } from '../engines/argoRollouts';
import type { ClusterTransport } from './ClusterTransport';
import { HttpClusterTransport } from './HttpClusterTransport';
import { orderEngine } from './orderEngine';

jest.setTimeout(60_000);

const token = 'a-long-and-random-token-of-a-test';
const name = 'label-api';
const namespace = 'sorting';
const { orders } = argoRollouts();
if (!orders) throw new Error('Argo Rollouts takes no orders');
const taken = orders;

const signal = () => AbortSignal.timeout(30_000);

let api: ApiServer;
let admin: KubernetesObjectApi;
let transport: HttpClusterTransport;

interface Rollout extends KubernetesObject {
  readonly spec: { readonly paused?: boolean };
  readonly status: {
    readonly abort?: boolean;
    readonly pauseConditions?: readonly unknown[];
  };
}

/** A Rollout that stands at its first pause, on the simulated API server over HTTPS. */
beforeAll(async () => {
  const tls = await generate([{ name: 'commonName', value: 'cluster' }], {
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  api = await startApiServer({
    name: 'cloud-staging',
    port: 0,
    tls: { key: tls.private, cert: tls.cert },
    tokens: [{ token, user: 'portal', groups: ['system:masters'] }],
    clock: () => new Date(),
  });
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    {
      name: 'it',
      server: api.url,
      caData: Buffer.from(tls.cert).toString('base64'),
      skipTLSVerify: false,
    },
    { name: 'portal', token },
  );
  admin = KubernetesObjectApi.makeApiClient(config);
  const agent = new Agent({ ca: tls.cert });
  transport = new HttpClusterTransport(async () => ({
    server: api.url,
    agent,
    headers: { Authorization: `Bearer ${token}` },
  }));
  await admin.create(definition());
  await admin.create({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
});

afterAll(async () => {
  transport?.close();
  await api?.stop();
});

beforeEach(async () => {
  const created: KubernetesObject = await admin.create(rollout());
  const path = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/rollouts/${name}/status`;
  const status = standing(created.metadata?.generation);
  await transport.patch(path, { status }, {}, signal());
});
afterEach(() => admin.delete(rollout()));

function definition() {
  const schema = {
    openAPIV3Schema: {
      type: 'object',
      x_kubernetes_preserve_unknown_fields: true,
    },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'rollouts.argoproj.io' },
    spec: {
      group: 'argoproj.io',
      scope: 'Namespaced',
      names: {
        kind: 'Rollout',
        plural: 'rollouts',
        singular: 'rollout',
        listKind: 'RolloutList',
      },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          schema,
          subresources: { status: {} },
        },
      ],
    },
  };
}

function rollout() {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name, namespace },
    spec: {
      strategy: { canary: { steps: [{ setWeight: 25 }, { pause: {} }] } },
    },
  };
}

function standing(generation = 1) {
  return {
    observedGeneration: `${generation}`,
    phase: 'Paused',
    currentPodHash: 'new',
    stableRS: 'old',
    currentStepIndex: 1,
    controllerPause: true,
    pauseConditions: [{ reason: 'CanaryPauseStep' }],
  };
}

async function seen(): Promise<Rollout> {
  return (await admin.read(rollout())) as Rollout;
}

const goOn: EngineOrder = {
  kind: 'goOn',
  revision: 'new',
  pause: 'new/1/CanaryPauseStep',
};
const give = (order: EngineOrder, user?: string) =>
  orderEngine(transport, taken, { namespace, name }, order, user, signal());

it('is written to the object, and found done when it is given again', async () => {
  expect(await give({ kind: 'abort', revision: 'new' })).toBe('accepted');
  expect((await seen()).status.abort).toBe(true);
  const version = (await seen()).metadata?.resourceVersion;
  expect(await give({ kind: 'abort', revision: 'new' })).toBe('accepted');
  expect((await seen()).metadata?.resourceVersion).toBe(version);
});

it('is not given about a pause that was left meanwhile', async () => {
  expect(await give(goOn)).toBe('accepted');
  expect((await seen()).status.pauseConditions).toBeUndefined();
  expect(await give(goOn)).toBe('overtaken');
});

it('is refused by the cluster when somebody writes between its look and its word', async () => {
  // A controller that goes on at this very moment.
  const moved: ClusterTransport = {
    list: (path, page, until) => transport.list(path, page, until),
    watch: (path, version, until) => transport.watch(path, version, until),
    probe: until => transport.probe(until),
    patch: (path, body, options, until) =>
      transport.patch(path, body, options, until),
    close: () => transport.close(),
    async get(path, until) {
      const answer = await transport.get(path, until);
      const next = { status: { currentStepIndex: 2 } };
      await transport.patch(`${path}/status`, next, {}, until);
      return answer;
    },
  };
  const outcome = await orderEngine(
    moved,
    taken,
    { namespace, name },
    goOn,
    undefined,
    signal(),
  );
  expect(outcome).toBe('overtaken');
  expect((await seen()).status.pauseConditions).toHaveLength(1);
});

it('may not do for a user what that user may not do', async () => {
  await expect(give(goOn, 'user:default/lena')).rejects.toMatchObject({
    name: 'NotAllowedError',
    message: expect.stringMatching(/sorting\/label-api.*user:default\/lena/),
  });
  expect((await seen()).status.pauseConditions).toHaveLength(1);
});

it('says that there is no such object', async () => {
  const gone = { namespace, name: 'gone' };
  await expect(
    orderEngine(transport, taken, gone, goOn, undefined, signal()),
  ).rejects.toMatchObject({ name: 'NotFoundError' });
});
