// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { programPath } from '../build/cacheFolder';
import { Credentials } from './credentials';
import { ProcessSpec } from './processes';

/** Everything the command lines of one cluster are made from. */
export interface Layout {
  readonly cacheFolder: string;
  /** Data, logs and secrets of this cluster; removed when it stops. */
  readonly folder: string;
  readonly ports: Readonly<Record<PortName, number>>;
  readonly credentials: Credentials;
  /** Seconds until a silent node counts as unreachable; the servers' own 50 s when undefined. */
  readonly nodeMonitorGracePeriod: number | undefined;
}

export const PORT_NAMES = [
  'etcd',
  'apiServer',
  'scheduler',
  'artifacts',
  'sourceHealth',
  'kustomizeHealth',
  'flagger',
  'argoRolloutsHealth',
  'argoRolloutsMetrics',
] as const;
export type PortName = (typeof PORT_NAMES)[number];

/** Folder in which the API server puts the certificate it makes for itself. */
export function certificateFolder(folder: string): string {
  return join(folder, 'certificates');
}

/** The API server's certificate followed by the authority that signed it. */
export function caFile(folder: string): string {
  return join(certificateFolder(folder), 'apiserver.crt');
}

export function kubeconfigFile(folder: string, role: string): string {
  return join(folder, `${role}.kubeconfig`);
}

/** Where source-controller keeps what it has fetched; it wants the folder to exist. */
export function artifactFolder(folder: string): string {
  return join(folder, 'artifacts');
}

export function etcd({ cacheFolder, folder, ports }: Layout): ProcessSpec {
  const client = `http://127.0.0.1:${ports.etcd}`;
  // Nobody joins, so any port will do for the peers that never come.
  const peer = 'http://127.0.0.1:0';
  return {
    name: 'etcd',
    tier: 'store',
    command: programPath(cacheFolder, 'etcd'),
    args: [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      // The data lives as long as the test: a power cut loses nothing of value.
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
  };
}

export function apiServer(layout: Layout): ProcessSpec {
  const { cacheFolder, folder, ports, credentials } = layout;
  return {
    name: 'kube-apiserver',
    tier: 'api',
    command: programPath(cacheFolder, 'kube-apiserver'),
    args: [
      `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.apiServer}`,
      '--advertise-address=127.0.0.1',
      `--cert-dir=${certificateFolder(folder)}`,
      `--token-auth-file=${credentials.tokenFile}`,
      '--authorization-mode=Node,RBAC',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-signing-key-file=${credentials.serviceAccountKeyFile}`,
      `--service-account-key-file=${credentials.serviceAccountKeyFile}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      // Loopback is no address for endpoints; without pods nobody calls them.
      '--endpoint-reconciler-type=none',
      '--allow-privileged=true',
      '--enable-admission-plugins=NodeRestriction',
      '--profiling=false',
    ],
  };
}

export function controllerManager(layout: Layout): ProcessSpec {
  const { cacheFolder, folder, credentials } = layout;
  const grace = layout.nodeMonitorGracePeriod;
  return {
    name: 'kube-controller-manager',
    tier: 'client',
    command: programPath(cacheFolder, 'kube-controller-manager'),
    args: [
      `--kubeconfig=${kubeconfigFile(folder, 'controllerManager')}`,
      // Nobody asks it for metrics or health, so it needs no port.
      '--secure-port=0',
      '--leader-elect=false',
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${credentials.serviceAccountKeyFile}`,
      `--root-ca-file=${caFile(folder)}`,
      // The default of 20 requests a second triples the time until it works.
      '--kube-api-qps=500',
      '--kube-api-burst=1000',
      '--profiling=false',
      ...(grace === undefined
        ? []
        : [
            `--node-monitor-grace-period=${grace}s`,
            '--node-monitor-period=1s',
          ]),
    ],
  };
}

export function scheduler(layout: Layout): ProcessSpec {
  const { cacheFolder, folder, ports } = layout;
  const kubeconfig = kubeconfigFile(folder, 'scheduler');
  return {
    name: 'kube-scheduler',
    tier: 'client',
    command: programPath(cacheFolder, 'kube-scheduler'),
    args: [
      `--kubeconfig=${kubeconfig}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.scheduler}`,
      `--cert-dir=${join(folder, 'scheduler')}`,
      '--authentication-skip-lookup=true',
      '--leader-elect=false',
      '--kube-api-qps=500',
      '--kube-api-burst=1000',
      '--profiling=false',
    ],
  };
}

/** Lease of fake nodes; kwok renews it after a quarter of this. */
const LEASE_SECONDS = 40;

/** @param config - KwokConfiguration and stages. */
export function kwok(layout: Layout, config: string): ProcessSpec {
  const { cacheFolder, folder } = layout;
  const lease = layout.nodeMonitorGracePeriod ?? LEASE_SECONDS;
  return {
    name: 'kwok',
    tier: 'client',
    command: programPath(cacheFolder, 'kwok'),
    args: [
      `--kubeconfig=${kubeconfigFile(folder, 'kwok')}`,
      `--config=${config}`,
      '--manage-nodes-with-label-selector=type=kwok',
      `--node-lease-duration-seconds=${lease}`,
      '--node-ip=10.0.0.1',
    ],
  };
}

const fluxArguments = [
  '--enable-leader-election=false',
  '--watch-all-namespaces=true',
  '--events-addr=',
  '--metrics-addr=0',
];

export function sourceController(layout: Layout): ProcessSpec {
  const { cacheFolder, folder, ports } = layout;
  const artifacts = `127.0.0.1:${ports.artifacts}`;
  return {
    name: 'source-controller',
    tier: 'client',
    command: programPath(cacheFolder, 'source-controller'),
    args: [
      `--storage-path=${artifactFolder(folder)}`,
      `--storage-addr=${artifacts}`,
      `--storage-adv-addr=${artifacts}`,
      `--health-addr=127.0.0.1:${ports.sourceHealth}`,
      '--concurrent=4',
      ...fluxArguments,
    ],
    environment: fluxEnvironment(folder),
  };
}

export function kustomizeController(layout: Layout): ProcessSpec {
  const { cacheFolder, folder, ports } = layout;
  return {
    name: 'kustomize-controller',
    tier: 'client',
    command: programPath(cacheFolder, 'kustomize-controller'),
    args: [
      `--health-addr=127.0.0.1:${ports.kustomizeHealth}`,
      '--concurrent=4',
      ...fluxArguments,
    ],
    environment: fluxEnvironment(folder),
  };
}

/** @param metricsServer - address of a Prometheus. */
export function flagger(layout: Layout, metricsServer: string): ProcessSpec {
  const { cacheFolder, folder, ports } = layout;
  return {
    name: 'flagger',
    tier: 'client',
    command: programPath(cacheFolder, 'flagger'),
    args: [
      `--kubeconfig=${kubeconfigFile(folder, 'flux')}`,
      '--mesh-provider=gatewayapi:v1',
      `--metrics-server=${metricsServer}`,
      `--port=${ports.flagger}`,
      '--enable-leader-election=false',
      '--threadiness=2',
    ],
    environment: { HOME: folder },
  };
}

/** It asks nobody for metrics but those that its AnalysisTemplates name. */
export function argoRollouts(layout: Layout): ProcessSpec {
  const { cacheFolder, folder, ports } = layout;
  return {
    name: 'argo-rollouts',
    tier: 'client',
    command: programPath(cacheFolder, 'argo-rollouts'),
    args: [
      `--kubeconfig=${kubeconfigFile(folder, 'flux')}`,
      `--healthzPort=${ports.argoRolloutsHealth}`,
      `--metricsport=${ports.argoRolloutsMetrics}`,
      '--leader-elect=false',
      '--rollout-threads=2',
      '--analysis-threads=2',
    ],
    environment: { HOME: folder },
  };
}

function fluxEnvironment(folder: string): Readonly<Record<string, string>> {
  return {
    KUBECONFIG: kubeconfigFile(folder, 'flux'),
    RUNTIME_NAMESPACE: 'flux-system',
    HOME: folder,
  };
}
