// SPDX-License-Identifier: Apache-2.0
import { createHmac, randomUUID } from 'node:crypto';
import { parseAllDocuments } from 'yaml';
import { ApiServer, RestoredObject, startApiServer } from '../apiserver';
import {
  customResourceDefinitions,
  fluxDefinitions,
} from '../controllers/flux/fluxDefinitions';
import { flaggerDefinitions } from '../controllers/flagger/flaggerDefinitions';
import { kustomizations } from '../controllers/flux/fluxObjects';
import type { GitSources } from '../controllers/flux/GitSources';
import type { Renderer } from '../controllers/flux/Renderer';
import { secrets } from '../controllers/flux/secretToken';
import { firstLease, leases } from '../controllers/nodes/leases';
import { healthyConditions } from '../controllers/nodes/nodeController';
import { runControllers } from '../controllers/runControllers';
import { planDefinitions } from '../controllers/systemUpgrade/planDefinitions';
import type { RunningController } from '../controllers/runtime/Cluster';
import {
  conditionOf,
  matchesLabels,
  microTimestamp,
} from '../controllers/runtime/resources';
import { KubernetesClient } from '../controllers/runtime/KubernetesClient';
import type { PodTimes } from '../controllers/workloads/kubeletController';
import {
  Deployment,
  deployments,
  namespaces,
  nodes,
  Pod,
  pods,
} from '../controllers/workloads/workloads';
import { deviceMetrics } from '../devices/deviceMetrics';
import { DeviceMachines } from '../devices/DeviceMachines';
import type { DeviceWorld } from '../devices/DeviceWorld';
import type { BareRepository } from '../git/BareRepository';
import type { SeriesSource } from '../metrics/SeriesSource';
import type { Traffic } from '../metrics/Traffic';
import type { Scheduler } from '../time/Scheduler';
import { boardTwins, installBoards } from './boardTwins';
import type { Certificates } from './certificates';
import type { DemoCluster } from './demo/services';
import { ClusterAccess, addressOf } from './kubeconfig';
import { EdgePlatform, machinesOf, nodeOf } from './nodes';
import { platformDefinitions } from './platformDefinitions';
import { podLog } from './podLog';
import type { Registry } from './Registry';

/** Who manages the devices of a cluster. */
export type DeviceManagement = 'none' | 'kubeedge';

/** What one cluster of the world is made from. */
export interface SimulatedClusterOptions {
  readonly name: string;
  /** The cluster of the demo whose folder of the fleet repository it follows. */
  readonly follows: DemoCluster;
  /** 0 takes a free port. */
  readonly port: number;
  readonly token: string;
  readonly certificates: Certificates;
  readonly scheduler: Scheduler;
  readonly renderer: Renderer;
  /** The fleet repository, to install Flux's own objects from. */
  readonly fleet: BareRepository;
  /** The mirrors of what it follows, which it shares with the other clusters. */
  readonly sources: GitSources;
  /** Changes of each kind that its API server keeps for watches to resume. */
  readonly historyLimit: number;
  readonly podTimes?: Partial<PodTimes>;
  /** The devices of the world, of which some are this cluster's. */
  readonly devices: DeviceWorld;
  /** Where its machines pull images. */
  readonly registry: Registry;
  /** What makes nodes of its devices. */
  readonly edgePlatform: EdgePlatform;
  /** Who manages its devices: nobody, or KubeEdge with a twin for each. */
  readonly deviceManagement: DeviceManagement;
  /** Milliseconds between two heartbeats of a node. */
  readonly heartbeatInterval: number;
  /** The requests to its services. */
  readonly traffic: Traffic;
  /** Address of the Prometheus that its Flagger asks. */
  readonly metricsServer: string;
  /** Where its Flagger asks, and what its key is made of; it asks nobody when left out. */
  readonly portal?: CanaryPortal;
  /** Services whose Kustomizations are suspended from the beginning. */
  readonly suspended: readonly string[];
  readonly log: (line: string) => void;
}

/** A portal that answers questions about canaries. */
export interface CanaryPortal {
  /** Address of the portal's API, below which is `/canary`. */
  readonly url: string;
  readonly secret: string;
}

/** A simulated cluster that follows the fleet repository. Its state lives in memory and comes from Git at every start. */
export class SimulatedCluster {
  private constructor(
    readonly name: string,
    readonly api: ApiServer,
    readonly access: ClusterAccess,
    /** The requests to its services. */
    readonly traffic: Traffic,
    /** What its pods and devices measure. */
    readonly metrics: readonly SeriesSource[],
    private readonly machines: DeviceMachines,
    private readonly client: KubernetesClient,
    private readonly controllers: RunningController,
  ) {}

  /** Starts the API server, the machines, the controllers, and installs Flux, as `flux bootstrap` would. */
  static async start(
    options: SimulatedClusterOptions,
  ): Promise<SimulatedCluster> {
    const { name, token, certificates, scheduler } = options;
    const api = await startApiServer({
      name,
      port: options.port,
      tls: certificates.serving,
      tokens: [
        {
          token,
          user: 'system:serviceaccount:causeway:portal',
          groups: ['system:masters'],
        },
      ],
      clock: scheduler.now,
      historyLimit: options.historyLimit,
      podLogs: podLog(scheduler.now),
      report: (message, cause) => options.log(`${name}: ${message}: ${cause}`),
    });
    const access: ClusterAccess = {
      name,
      url: api.url,
      token,
      ca: certificates.ca,
    };
    // Its controllers live in this process: encryption would cost them the most of all.
    const kubeConfig = addressOf(access, () => api.connect());
    const client = await KubernetesClient.connect(kubeConfig);
    const machines = new DeviceMachines(options.devices, name, scheduler);
    api.restore(machinesAtWork(machines, options));
    for (const definition of [
      ...fluxDefinitions,
      ...flaggerDefinitions,
      ...platformDefinitions,
    ])
      await client.create(customResourceDefinitions, undefined, definition);
    const boards = options.devices.plan.devicesOf(name);
    const hasTwins =
      options.deviceManagement === 'kubeedge' && boards.length > 0;
    if (hasTwins) await installBoards(client, boards);
    if (boards.length > 0) await installSystemUpgrade(client);
    const controllers = await runControllers({
      kubeConfig,
      scheduler,
      machines: options.registry.serving(machines),
      additional: [
        ...(boards.length > 0 ? (['systemupgrade'] as const) : []),
        ...(hasTwins ? (['kubeedge'] as const) : []),
      ],
      kubeEdge: { twins: boardTwins(options.devices) },
      heartbeatInterval: options.heartbeatInterval,
      renderer: options.renderer,
      directory: options.sources,
      podTimes: options.podTimes,
      traffic: options.traffic,
      flagger: {
        metricsServer: options.metricsServer,
        meshProvider: 'gatewayapi:v1',
      },
      log: line => options.log(`${name}: ${line}`),
    });
    await bootstrapFlux(client, options);
    return new SimulatedCluster(
      name,
      api,
      access,
      options.traffic,
      [options.traffic, deviceMetrics(options.devices, name)],
      machines,
      client,
      controllers,
    );
  }

  /** What is not as Git wants it yet, one sentence each; nothing when the cluster has settled. */
  async unsettled(): Promise<readonly string[]> {
    const { items: flux } = await this.client.list(kustomizations);
    const { items: workloads } = await this.client.list(deployments);
    const applied = flux.filter(({ metadata, spec, status }) => {
      if (spec.suspend) return false;
      const ready = conditionOf(status?.conditions, 'Ready')?.status === 'True';
      return !ready || status?.observedGeneration !== metadata.generation;
    });
    const incomplete = workloads.filter(workload => !isComplete(workload));
    const crashing = incomplete.length > 0 ? await this.#crashingPods() : [];
    return [
      ...(flux.length < 2
        ? [`${this.name}: Flux has not applied its folder`]
        : []),
      ...applied.map(
        ({ metadata }) =>
          `${this.name}: Kustomization ${metadata.name} is not ready`,
      ),
      ...incomplete
        // A release that crashes is as settled as it will ever be.
        .filter(
          ({ spec }) =>
            !crashing.some(({ metadata }) =>
              matchesLabels(spec.selector.matchLabels, metadata.labels),
            ),
        )
        .map(
          ({ metadata }) =>
            `${this.name}: Deployment ${metadata.namespace}/${metadata.name} is not complete`,
        ),
    ];
  }

  async #crashingPods(): Promise<readonly Pod[]> {
    const { items } = await this.client.list(pods);
    return items.filter(({ status }) =>
      status?.containerStatuses?.some(
        ({ ready, restartCount, lastState }) =>
          !ready && (restartCount > 0 || 'terminated' in lastState),
      ),
    );
  }

  /** Ends controllers and API server. */
  async stop(): Promise<void> {
    await this.api.faults.clear();
    this.machines.stop();
    await this.controllers.stop();
    this.client.close();
    await this.api.stop();
  }
}

function isComplete({ metadata, spec, status }: Deployment): boolean {
  const wanted = spec.replicas ?? 1;
  return (
    status?.observedGeneration === metadata.generation &&
    (status?.updatedReplicas ?? 0) === wanted &&
    (status?.availableReplicas ?? 0) === wanted &&
    (status?.replicas ?? 0) === wanted
  );
}

/** The nodes of a cluster and their leases, as kubelets that run have them. */
function* machinesAtWork(
  running: DeviceMachines,
  options: SimulatedClusterOptions,
): Iterable<RestoredObject> {
  const { name: cluster, devices, edgePlatform, scheduler } = options;
  const machines = machinesOf(cluster, devices.plan, edgePlatform);
  const conditions = healthyConditions(scheduler.now());
  for (const [index, machine] of machines.entries()) {
    const { name } = machine;
    const { metadata, status } = nodeOf(machine, index, running.bootedAt(name));
    const uid = randomUUID();
    yield {
      apiVersion: nodes.apiVersion,
      kind: nodes.kind,
      metadata: { ...metadata, name, uid },
      status: { ...status, conditions },
    };
    const renewTime = microTimestamp(
      new Date(scheduler.now().getTime() + running.clockSkew(name)),
    );
    yield {
      apiVersion: leases.apiVersion,
      kind: leases.kind,
      ...firstLease({ name, uid }, options.heartbeatInterval, renewTime),
    };
  }
}

/** What system-upgrade-controller needs, where there are devices to upgrade. */
async function installSystemUpgrade(client: KubernetesClient): Promise<void> {
  for (const definition of planDefinitions)
    await client.create(customResourceDefinitions, undefined, definition);
  await client.create(namespaces, undefined, {
    metadata: { name: 'system-upgrade' },
  });
}

async function bootstrapFlux(
  client: KubernetesClient,
  { name, follows, fleet, portal, suspended }: SimulatedClusterOptions,
): Promise<void> {
  await client.create(namespaces, undefined, {
    metadata: { name: 'flux-system' },
  });
  if (portal) {
    const key = createHmac('sha256', portal.secret).update(`canary:${name}`);
    await client.create(secrets, 'flux-system', {
      metadata: { name: 'causeway' },
      data: encoded({
        causeway_url: portal.url,
        causeway_cluster: name,
        causeway_key: key.digest('hex'),
      }),
    });
  }
  const folder = `clusters/${follows}`;
  // Before Flux finds them; as `flux suspend` does, it leaves in place what Git says nothing of.
  for (const service of suspended)
    await createFrom(client, fleet, `${folder}/${service}.yaml`, object => ({
      ...object,
      spec: { ...object.spec, suspend: true },
    }));
  await createFrom(client, fleet, `${folder}/flux-system/gotk-sync.yaml`);
}

/** An object as a file of the fleet repository has it. */
interface WrittenObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace?: string };
  readonly spec?: object;
}

/** Creates what a file of the fleet repository holds. */
async function createFrom(
  client: KubernetesClient,
  fleet: BareRepository,
  path: string,
  change: (object: WrittenObject) => object = object => object,
): Promise<void> {
  const content = await fleet.readFile('main', path);
  if (!content) throw new Error(`The fleet repository has no ${path}`);
  for (const document of parseAllDocuments(content.toString())) {
    const object: WrittenObject = document.toJS();
    const { apiVersion, kind, metadata } = object;
    const resource = await client.resource(apiVersion, kind);
    if (!resource)
      throw new Error(
        `${path} holds a ${kind}, which the cluster does not know`,
      );
    await client.create(resource, metadata.namespace, change(object));
  }
}

function encoded(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      Buffer.from(value).toString('base64'),
    ]),
  );
}
