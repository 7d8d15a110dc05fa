// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { EventRecorder } from '../runtime/EventRecorder';
import { Informer } from '../runtime/Informer';
import { isStatus } from '../runtime/KubernetesError';
import { keyOf, microTimestamp } from '../runtime/resources';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import { visitChanged } from '../workloads/owned';
import { isSimulated } from '../workloads/simulatedNodes';
import { Node, nodes } from '../workloads/workloads';
import { HeartbeatWheel } from './HeartbeatWheel';
import { firstLease, Lease, leaseNamespace, leases } from './leases';
import { Machines } from './Machines';
import { bootId, nodeReport } from './nodeStatus';

export { healthyConditions } from './nodeStatus';

/** How the node side of the kubelets is played. */
export interface NodeAgentSettings {
  readonly machines: Machines;
  /** Milliseconds between two renewals of a lease. */
  readonly heartbeatInterval: number;
}

/** Milliseconds between two heartbeats of a node, as real kubelets have it. */
export const usualHeartbeatInterval = 10_000;

/** A status without news is repeated after so many heartbeats: five minutes of the usual ones. */
const heartbeatsPerReport = 30;

class NodeAgents {
  readonly recorder: EventRecorder;
  readonly #overdue = new Set<string>();
  readonly #reported = new Map<string, number>();
  /** Nodes whose lease was made here, whether the cache shows it yet or not. */
  readonly #leased = new Set<string>();
  #knowsLeases = false;

  constructor(
    private readonly cluster: Cluster,
    private readonly informer: Informer<Node>,
    private readonly leaseInformer: Informer<Lease>,
    private readonly settings: NodeAgentSettings,
  ) {
    this.recorder = cluster.recorder('kubelet');
  }

  /** From now on the cache shows which nodes have a lease. */
  seeLeases(): void {
    this.#knowsLeases = true;
  }

  /** The next look at the node has to renew its lease. */
  beat(name: string): void {
    this.#overdue.add(name);
  }

  forget(name: string): void {
    this.#overdue.delete(name);
    this.#reported.delete(name);
    this.#leased.delete(name);
  }

  async reconcile(name: string): Promise<NextVisit> {
    const node = this.informer.get(name);
    if (!isSimulated(node) || !this.settings.machines.isConnected(name))
      return undefined;
    await this.#report(node);
    if (!this.#knowsLeases) return undefined;
    if (this.#overdue.has(name) || !this.#hasLease(name)) {
      await this.#renewLease(node);
      this.#overdue.delete(name);
      this.#leased.add(name);
    }
    return undefined;
  }

  async #report(node: Node): Promise<void> {
    const { machines, heartbeatInterval } = this.settings;
    const { name } = node.metadata;
    const now = this.cluster.scheduler.now().getTime();
    const bootedAt = machines.bootedAt(name);
    const report = nodeReport(node, {
      pressure: machines.pressure(name),
      bootedAt,
      graphicsProcessors: machines.graphicsProcessors(name),
      now: this.#localTime(name),
    });
    const last = this.#reported.get(name) ?? now;
    this.#reported.set(name, last);
    const isDue = now - last >= heartbeatsPerReport * heartbeatInterval;
    if (!report.isNews && !isDue) return;
    await this.cluster.client.patchStatus(nodes, node.metadata, report.status);
    this.#reported.set(name, now);
    const booted = bootId(name, bootedAt);
    const before = node.status?.nodeInfo?.bootID;
    if (!before || before === booted) return;
    this.recorder.note(nodes, node, {
      type: 'Warning',
      reason: 'Rebooted',
      message: `Node ${name} has been rebooted, boot id: ${booted}`,
    });
  }

  #hasLease(name: string): boolean {
    return (
      this.#leased.has(name) ||
      this.leaseInformer.get(keyOf({ namespace: leaseNamespace, name })) !==
        undefined
    );
  }

  async #renewLease({ metadata: { name, uid } }: Node): Promise<void> {
    const { client } = this.cluster;
    const exists = this.#hasLease(name);
    const renewTime = microTimestamp(this.#localTime(name));
    const renew = () =>
      client.patch(
        leases,
        { namespace: leaseNamespace, name },
        { spec: { renewTime } },
      );
    const create = () =>
      client.create(
        leases,
        leaseNamespace,
        firstLease({ name, uid }, this.settings.heartbeatInterval, renewTime),
      );
    const [first, second] = exists ? [renew, create] : [create, renew];
    try {
      await first();
    } catch (error) {
      // Somebody deleted it, or it is there from an earlier run.
      if (!isStatus(error, exists ? 404 : 409)) throw error;
      await second();
    }
  }

  #localTime(name: string): Date {
    const skew = this.settings.machines.clockSkew(name);
    return new Date(this.cluster.scheduler.now().getTime() + skew);
  }
}

/** Plays the node side of the kubelets: simulated nodes say how they are and renew their leases. */
export function startNodeAgents(
  cluster: Cluster,
  settings: NodeAgentSettings,
): RunningController {
  const informer = cluster.informers.of(nodes);
  const leaseInformer = cluster.informers.of(leases);
  const agents = new NodeAgents(cluster, informer, leaseInformer, settings);
  const queue = new WorkQueue({
    name: 'node',
    scheduler: cluster.scheduler,
    log: cluster.log,
    reconcile: name => agents.reconcile(name),
  });
  const wheel = new HeartbeatWheel(
    cluster.scheduler,
    settings.heartbeatInterval,
    name => {
      agents.beat(name);
      queue.add(name);
    },
  );
  visitChanged(informer, queue);
  informer.onChange((node, previous) => {
    const name = (node ?? previous)?.metadata.name ?? '';
    if (isSimulated(node)) wheel.add(name);
    else {
      wheel.remove(name);
      agents.forget(name);
    }
  });
  leaseInformer.synced.then(() => {
    agents.seeLeases();
    for (const { metadata } of informer.list()) queue.add(metadata.name);
  });
  const unsubscribe = settings.machines.onChange(name => queue.add(name));
  return {
    async stop() {
      unsubscribe();
      wheel.stop();
      await queue.stop();
      await agents.recorder.flush();
    },
  };
}
