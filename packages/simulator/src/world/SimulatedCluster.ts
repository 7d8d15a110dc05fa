// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ApiServer, startApiServer } from '../apiserver';
import {
  customResourceDefinitions,
  fluxDefinitions,
} from '../controllers/flux/fluxDefinitions';
import { kustomizations } from '../controllers/flux/fluxObjects';
import type { Renderer } from '../controllers/flux/Renderer';
import { healthyConditions } from '../controllers/nodes/nodeController';
import { runControllers } from '../controllers/runControllers';
import type { RunningController } from '../controllers/runtime/Cluster';
import { conditionOf, matchesLabels } from '../controllers/runtime/resources';
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
import type { BareRepository } from '../git/BareRepository';
import type { Scheduler } from '../time/Scheduler';
import type { Certificates } from './certificates';
import type { DemoCluster } from './demo/services';
import { ClusterAccess, addressOf } from './kubeconfig';
import { machinesOf, nodeOf } from './nodes';
import { podLog } from './podLog';

/** What one cluster of the world is made from. */
export interface SimulatedClusterOptions {
  readonly name: DemoCluster;
  /** 0 takes a free port. */
  readonly port: number;
  readonly token: string;
  readonly certificates: Certificates;
  readonly scheduler: Scheduler;
  readonly renderer: Renderer;
  /** The fleet repository, to install Flux's own objects from. */
  readonly fleet: BareRepository;
  /** Folder for the mirrors of its sources. */
  readonly directory: string;
  readonly podTimes?: Partial<PodTimes>;
  readonly seed: number;
  readonly log: (line: string) => void;
}

/** A simulated cluster that follows the fleet repository. Its state lives in memory and comes from Git at every start. */
export class SimulatedCluster {
  private constructor(
    readonly name: DemoCluster,
    readonly api: ApiServer,
    readonly access: ClusterAccess,
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
      podLogs: podLog(scheduler.now),
      report: (message, cause) => options.log(`${name}: ${message}: ${cause}`),
    });
    const access: ClusterAccess = {
      name,
      url: api.url,
      token,
      ca: certificates.ca,
    };
    const kubeConfig = addressOf(access);
    const client = await KubernetesClient.connect(kubeConfig);
    await installMachines(client, options);
    for (const definition of fluxDefinitions)
      await client.create(customResourceDefinitions, undefined, definition);
    const controllers = await runControllers({
      kubeConfig,
      scheduler,
      renderer: options.renderer,
      directory: join(options.directory, name),
      podTimes: options.podTimes,
      log: line => options.log(`${name}: ${line}`),
    });
    await bootstrapFlux(client, options);
    return new SimulatedCluster(name, api, access, client, controllers);
  }

  /** What is not as Git wants it yet, one sentence each; nothing when the cluster has settled. */
  async unsettled(): Promise<readonly string[]> {
    const { items: flux } = await this.client.list(kustomizations);
    const { items: workloads } = await this.client.list(deployments);
    const applied = flux.filter(({ metadata, status }) => {
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

async function installMachines(
  client: KubernetesClient,
  { name, seed, scheduler }: SimulatedClusterOptions,
): Promise<void> {
  const conditions = healthyConditions(scheduler.now());
  await Promise.all(
    machinesOf(name, seed).map(async (machine, index) => {
      const { metadata, status } = nodeOf(machine, index);
      const node = await client.create(nodes, undefined, { metadata });
      await client.patchStatus(nodes, node.metadata, { ...status, conditions });
    }),
  );
}

async function bootstrapFlux(
  client: KubernetesClient,
  { name, fleet }: SimulatedClusterOptions,
): Promise<void> {
  await client.create(namespaces, undefined, {
    metadata: { name: 'flux-system' },
  });
  const path = `clusters/${name}/flux-system/gotk-sync.yaml`;
  const content = await fleet.readFile('main', path);
  if (!content) throw new Error(`The fleet repository has no ${path}`);
  for (const document of parseAllDocuments(content.toString())) {
    const { apiVersion, kind, metadata } = document.toJS();
    const resource = await client.resource(apiVersion, kind);
    if (!resource)
      throw new Error(
        `${path} holds a ${kind}, which the cluster does not know`,
      );
    await client.create(resource, metadata.namespace, document.toJS());
  }
}
