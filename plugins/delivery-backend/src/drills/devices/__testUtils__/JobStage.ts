// SPDX-License-Identifier: Apache-2.0
import https from 'node:https';
import type { DrillDevice } from '@causeway/plugin-delivery-common';
import {
  runControllers,
  simulatedNodeLabel,
  startApiServer,
} from '@causeway/simulator';
import {
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
} from '@kubernetes/client-node';
import { generate } from 'selfsigned';
import { ActingCluster } from '../../../clusters/ActingCluster';
import { HttpClusterTransport } from '../../../clusters/HttpClusterTransport';
import { aTarget } from '../../../promotions/__fixtures__/parcelVision';
import type { FaultOrder } from '../../DrillExecutor';
import { JobFaults } from '../JobFaults';
import type { FaultJobConfig } from '../readDrillConfig';

const clusterName = 'edge';
export const namespace = 'drills';
const portal = 'portal';
export const stranger = 'stranger';
export const administrator = 'admin';

const users = [administrator, portal, stranger];

/** A device that takes up pods, and one that is ready but takes up none, as when it has just gone. */
export const near = deviceNamed('bench-pi-01');
export const silent = deviceNamed('bench-pi-02');
export const target = {
  ...aTarget(clusterName),
  workload: { ...aTarget(clusterName).workload, kind: 'DaemonSet' as const },
};

const config: FaultJobConfig = {
  clusters: [clusterName],
  namespace,
  image: 'drill:1',
  start: 90,
  lead: 20,
  grace: 120,
};

/** The rights that the documentation asks for. */
const rights = [
  aRole('ClusterRole', 'fleet', undefined, [
    { apiGroups: [''], resources: ['nodes', 'pods'], verbs: ['get', 'list'] },
  ]),
  aBinding('ClusterRole', 'fleet', undefined),
  aRole('Role', 'drills', namespace, [
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'create'] },
  ]),
  aBinding('Role', 'drills', namespace),
];

/** A cluster with the controllers of jobs and kubelets, in which Jobs bring faults about. */
export class JobStage {
  /** Milliseconds that the portal's clock is ahead. */
  ahead = 0;

  private constructor(
    readonly admin: KubernetesObjectApi,
    private readonly transports: Readonly<Record<string, HttpClusterTransport>>,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(directory: string): Promise<JobStage> {
    const { cert, private: key } = await generate(
      [{ name: 'commonName', value: clusterName }],
      {
        keyType: 'ec',
        extensions: [
          { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
        ],
      },
    );
    const tokenOf = (user: string) => `a-long-token-of-${user}`;
    const api = await startApiServer({
      name: clusterName,
      port: 0,
      tls: { key, cert },
      tokens: [
        ...users.map(user => ({
          token: tokenOf(user),
          user,
          groups: user === administrator ? ['system:masters'] : [],
        })),
      ],
      clock: () => new Date(),
    });
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: clusterName, server: api.url, skipTLSVerify: true },
      { name: administrator, token: tokenOf(administrator) },
    );
    const admin = KubernetesObjectApi.makeApiClient(kubeConfig);
    for (const name of [namespace, target.workload.namespace]) {
      await admin.create({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name },
      });
    }
    for (const object of rights) await admin.create(object);
    const node = (name: string, labels: Record<string, string>) =>
      admin.create({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, labels },
      });
    await node(near.name, { [simulatedNodeLabel]: '' });
    await node(silent.name, {});
    const core = kubeConfig.makeApiClient(CoreV1Api);
    const { name } = silent;
    const conditions = [{ type: 'Ready', status: 'True' }];
    await core.replaceNodeStatus({
      name,
      body: { ...(await core.readNode({ name })), status: { conditions } },
    });
    const controllers = await runControllers({
      kubeConfig,
      controllers: ['daemonset', 'job', 'scheduler', 'kubelet', 'node'],
      podTimes: { start: 20, stop: 20, complete: 50, crash: 20 },
      directory,
      log: () => undefined,
    });
    const signedInAs = (user: string) =>
      new HttpClusterTransport(async () => ({
        server: api.url,
        agent: new https.Agent({ keepAlive: true, ca: cert }),
        headers: { Authorization: `Bearer ${tokenOf(user)}` },
      }));
    return new JobStage(
      admin,
      Object.fromEntries(users.map(user => [user, signedInAs(user)])),
      async () => {
        await controllers.stop();
        await api.stop();
      },
    );
  }

  /** The portal after a start: it knows nothing but its configuration. */
  faults(
    change: Partial<FaultJobConfig> & { readonly user?: string } = {},
  ): JobFaults {
    const { user = portal, ...own } = change;
    return new JobFaults({
      config: { ...config, ...own },
      clock: () => new Date(Date.now() + this.ahead),
      actOn: (cluster, _, signal) =>
        cluster === clusterName
          ? new ActingCluster(cluster, this.transports[user], undefined, signal)
          : undefined,
    });
  }
}

export function aFault(
  drill: string,
  change: Partial<FaultOrder> = {},
): FaultOrder {
  return {
    drill,
    fault: 'load',
    devices: [near],
    targets: [target],
    duration: 300_000,
    requestedAt: new Date().toISOString(),
    ...change,
  };
}

function deviceNamed(name: string): DrillDevice {
  return { id: `${clusterName}/${name}`, cluster: clusterName, name };
}

function aRole(
  kind: string,
  name: string,
  within: string | undefined,
  rules: readonly object[],
) {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name, namespace: within },
    rules,
  };
}

function aBinding(kind: string, name: string, within: string | undefined) {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: `${kind}Binding`,
    metadata: { name, namespace: within },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
    subjects: [
      { kind: 'User', name: portal, apiGroup: 'rbac.authorization.k8s.io' },
    ],
  };
}
