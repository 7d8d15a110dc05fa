// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { dataSetPath, defaultCacheFolder } from '../build/cacheFolder';
import { missingParts } from '../build/ensureBuilt';
import { NotBuiltError } from '../build/errors';
import {
  argoRolloutsDefinitions,
  flaggerDefinitions,
  fluxDefinitions,
  kubeEdgeDefinitions,
  planDefinitions,
  kwokStages,
} from '../build/recipes';
import * as bootstrap from './bootstrap';
import type { Cluster, ClusterOptions } from './Cluster';
import { createCredentials, ROLES, writeKubeconfig } from './credentials';
import { compactEtcd } from './etcdHistory';
import type { FakeNode } from './fakeNode';
import { freePorts } from './freePorts';
import { readDefinitions, writeKwokConfig } from './manifests';
import { statusOf } from './probe';
import {
  createProcessGroup,
  ProcessGroup,
  ProcessSpec,
  ServerProcess,
} from './processes';
import * as servers from './servers';
import { until } from './until';

/** A port found free can be taken, by any connection, before its server binds it. */
const ATTEMPTS = 3;

/**
 * Starts etcd, the API server, its controllers and what the options ask for,
 * on free ports of 127.0.0.1, and waits until all of it works.
 *
 * Clusters are independent of each other: several may run side by side. When
 * this process dies, even by SIGKILL, its clusters die with it.
 *
 * @throws NotBuiltError when the programs have not been built.
 * @throws Error naming the server that failed, with the end of its log;
 *   nothing is left behind then.
 */
export async function startCluster(
  options: ClusterOptions = {},
): Promise<Cluster> {
  const missing = await missingParts(options.cacheFolder);
  if (missing.length > 0) throw new NotBuiltError(missing);

  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (attempt === ATTEMPTS || !isPortTaken(error)) throw error;
    }
  }
}

function isPortTaken(error: unknown): boolean {
  return (
    error instanceof Error && error.message.includes('address already in use')
  );
}

async function startOnce(options: ClusterOptions): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-cluster-'));
  const group = createProcessGroup(folder);
  try {
    return await Promise.race([bringUp(group, folder, options), group.failure]);
  } catch (error) {
    await group.stop();
    throw error;
  }
}

/** What the steps of a start share. */
interface Start {
  readonly options: ClusterOptions;
  readonly layout: servers.Layout;
  readonly run: (spec: ProcessSpec) => Promise<ServerProcess>;
}

async function bringUp(
  group: ProcessGroup,
  folder: string,
  options: ClusterOptions,
): Promise<Cluster> {
  const layout: servers.Layout = {
    cacheFolder: options.cacheFolder ?? defaultCacheFolder(),
    folder,
    ports: await freePorts(servers.PORT_NAMES),
    credentials: await createCredentials(folder),
    nodeMonitorGracePeriod: options.nodeMonitorGracePeriod,
  };
  const extra = options.extraArguments ?? {};
  const start: Start = {
    options,
    layout,
    run: spec =>
      group.start({
        ...spec,
        args: [...spec.args, ...(extra[spec.name] ?? [])],
      }),
  };

  const { access, apiServer } = await startApi(start);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(access.kubeconfigFile);
  await Promise.all([
    startControllers(start, kubeConfig),
    startNodes(start, kubeConfig),
    startFlux(start, kubeConfig, apiServer),
    startFlagger(start, kubeConfig, apiServer),
    startArgoRollouts(start, kubeConfig, apiServer),
    define(start, kubeConfig, apiServer),
  ]);

  let stopped: Promise<void> | undefined;
  return {
    ...access,
    processes: group.servers.map(({ name, pid }) => ({ name, pid })),
    logs: lines => logsOf(group.servers, lines),
    compact: () => compactEtcd(layout.ports.etcd),
    async stop() {
      stopped ??= group.stop();
      await stopped;
    },
  };
}

type ClusterAccess = Pick<
  Cluster,
  'name' | 'url' | 'token' | 'caFile' | 'caData' | 'kubeconfigFile'
>;

async function startApi({ options, layout, run }: Start): Promise<{
  readonly access: ClusterAccess;
  readonly apiServer: ServerProcess;
}> {
  const { folder, ports, credentials } = layout;
  const name = options.name ?? 'test';
  const url = `https://127.0.0.1:${ports.apiServer}`;
  const caFile = servers.caFile(folder);

  await run(servers.etcd(layout));
  const apiServer = await run(servers.apiServer(layout));
  const ca = await until(
    async () => {
      // The server makes its own certificate, so the file appears meanwhile.
      const pem = await readFile(caFile, 'utf8');
      return (await statusOf(`${url}/readyz`, pem)) === 200 ? pem : undefined;
    },
    { what: 'the API server to be ready', server: apiServer },
  );
  const caData = Buffer.from(ca).toString('base64');
  for (const role of ROLES) {
    await writeKubeconfig(servers.kubeconfigFile(folder, role), {
      clusterName: name,
      url,
      caData,
      token: credentials.tokens[role],
    });
  }
  const access = {
    name,
    url,
    token: credentials.tokens.admin,
    caFile,
    caData,
    kubeconfigFile: servers.kubeconfigFile(folder, 'admin'),
  };
  return { access, apiServer };
}

async function startControllers(
  { layout, run }: Start,
  kubeConfig: KubeConfig,
): Promise<void> {
  const server = await run(servers.controllerManager(layout));
  await bootstrap.untilDefaultServiceAccount(kubeConfig, server);
}

/** Fake nodes, and the scheduler, which is of use only where there are nodes. */
async function startNodes(
  { options, layout, run }: Start,
  kubeConfig: KubeConfig,
): Promise<void> {
  const nodes = nodesOf(options);
  if (nodes.length === 0) return;
  const config = join(layout.folder, 'kwok.yaml');
  await writeKwokConfig(dataSetPath(layout.cacheFolder, kwokStages), config);
  await run(servers.scheduler(layout));
  const server = await run(servers.kwok(layout, config));
  await bootstrap.createNodes(kubeConfig, nodes, server);
}

function nodesOf({ nodes = 0 }: ClusterOptions): readonly FakeNode[] {
  if (typeof nodes !== 'number') return nodes;
  return Array.from({ length: nodes }, (_, index) => ({
    name: `node-${index}`,
  }));
}

async function startFlux(
  { options, layout, run }: Start,
  kubeConfig: KubeConfig,
  apiServer: ServerProcess,
): Promise<void> {
  if (!options.flux) return;
  const definitions = await readDefinitions(
    dataSetPath(layout.cacheFolder, fluxDefinitions),
  );
  await Promise.all([
    bootstrap.installDefinitions(kubeConfig, definitions, apiServer),
    bootstrap.createNamespace(kubeConfig, 'flux-system'),
  ]);
  await mkdir(servers.artifactFolder(layout.folder));
  const { sourceHealth, kustomizeHealth } = layout.ports;
  await Promise.all([
    ready(await run(servers.sourceController(layout)), sourceHealth),
    ready(await run(servers.kustomizeController(layout)), kustomizeHealth),
  ]);
}

async function startFlagger(
  { options, layout, run }: Start,
  kubeConfig: KubeConfig,
  apiServer: ServerProcess,
): Promise<void> {
  if (!options.flagger) return;
  const definitions = await readDefinitions(
    dataSetPath(layout.cacheFolder, flaggerDefinitions),
  );
  await bootstrap.installDefinitions(kubeConfig, definitions, apiServer);
  const { controller, metricsServer } = options.flagger;
  if (!controller) return;
  const server = await run(servers.flagger(layout, metricsServer));
  await ready(server, layout.ports.flagger, '/healthz');
}

async function startArgoRollouts(
  { options, layout, run }: Start,
  kubeConfig: KubeConfig,
  apiServer: ServerProcess,
): Promise<void> {
  if (!options.argoRollouts) return;
  const definitions = await readDefinitions(
    dataSetPath(layout.cacheFolder, argoRolloutsDefinitions),
  );
  await bootstrap.installDefinitions(kubeConfig, definitions, apiServer);
  const server = await run(servers.argoRollouts(layout));
  await ready(server, layout.ports.argoRolloutsHealth, '/healthz');
}

/** The kinds of others, of which none of the programs runs. */
async function define(
  { options, layout }: Start,
  kubeConfig: KubeConfig,
  apiServer: ServerProcess,
): Promise<void> {
  const wanted = [
    ...(options.kubeEdge ? [kubeEdgeDefinitions] : []),
    ...(options.plans ? [planDefinitions] : []),
  ];
  for (const dataSet of wanted) {
    const definitions = await readDefinitions(
      dataSetPath(layout.cacheFolder, dataSet),
    );
    await bootstrap.installDefinitions(kubeConfig, definitions, apiServer);
  }
}

async function ready(
  server: ServerProcess,
  port: number,
  path = '/readyz',
): Promise<void> {
  const url = `http://127.0.0.1:${port}${path}`;
  await until(async () => ((await statusOf(url)) === 200 ? true : undefined), {
    what: `${server.name} to be ready`,
    server,
  });
}

async function logsOf(
  running: readonly ServerProcess[],
  lines: number | undefined,
): Promise<string> {
  const blocks = running.map(
    async server => `== ${server.name}\n${await server.tail(lines)}\n`,
  );
  return (await Promise.all(blocks)).join('\n');
}
