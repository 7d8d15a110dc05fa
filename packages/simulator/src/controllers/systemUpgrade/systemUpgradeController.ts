// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { EventRecorder } from '../runtime/EventRecorder';
import { isStatus } from '../runtime/KubernetesError';
import { Condition, conditionOf, keyOf, timestamp } from '../runtime/resources';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import { statusPatch, visitChanged } from '../workloads/owned';
import { jobs, nodes, pods } from '../workloads/workloads';
import { cordon, evictAll } from './NodeDrain';
import {
  nodeLabel,
  Plan,
  planLabel,
  planNameLabel,
  plans,
  PlanStatus,
} from './planObjects';
import {
  hashOf,
  jobOf,
  labelValueOf,
  nodeInfoAfter,
  planUpgrade,
  UpgradePlan,
} from './planUpgrade';

/** How often pods that have not left are asked again, in milliseconds. */
const drainInterval = 5_000;

type Statement = Omit<Condition, 'lastTransitionTime'>;

/** What a plan says that has no version. Channels are not asked here. */
const unresolved: readonly Statement[] = [
  { type: 'Validated', status: 'True', reason: 'PlanIsValid', message: '' },
  {
    type: 'LatestResolved',
    status: 'False',
    reason: 'Error',
    message: 'cannot resolve plan: missing channel and version',
  },
  {
    type: 'Complete',
    status: 'False',
    reason: 'NotReady',
    message: 'plan is not valid and resolved',
  },
];

class SystemUpgradeController {
  readonly recorder: EventRecorder;
  /** Since when nodes are drained, in milliseconds since the epoch, by plan and node. */
  readonly #draining = new Map<string, number>();

  constructor(
    private readonly cluster: Cluster,
    private readonly planInformer = cluster.informers.of(plans),
    private readonly nodeInformer = cluster.informers.of(nodes),
    private readonly jobInformer = cluster.informers.of(jobs),
    private readonly podInformer = cluster.informers.of(pods),
  ) {
    this.recorder = cluster.recorder('system-upgrade-controller');
  }

  async reconcile(key: string): Promise<NextVisit> {
    const plan = this.planInformer.get(key);
    if (!plan || plan.metadata.deletionTimestamp) return undefined;
    const version = plan.spec.version && labelValueOf(plan.spec.version);
    if (!version) {
      await this.#send(plan, {}, unresolved);
      return undefined;
    }
    const hash = hashOf(plan, version);
    const { namespace, name } = plan.metadata;
    const own = this.jobInformer
      .list()
      .filter(
        ({ metadata }) =>
          metadata.namespace === namespace &&
          metadata.labels?.[planNameLabel] === name,
      );
    const work = planUpgrade(plan, hash, this.nodeInformer.list(), own);
    const { client } = this.cluster;
    for (const { metadata } of work.outdated)
      await client.delete(jobs, metadata, { propagationPolicy: 'Background' });
    for (const node of work.finished) await this.#finish(plan, node, hash);
    await this.#send(
      plan,
      {
        latestVersion: version,
        latestHash: hash,
        applying: work.applying.length > 0 ? work.applying : undefined,
      },
      statementsOf(work),
    );
    let isWaiting = false;
    for (const node of work.preparing) {
      const ready = await this.#prepare(plan, node);
      if (ready) await this.#begin(plan, node, version, hash);
      else isWaiting = true;
    }
    return isWaiting ? { after: drainInterval } : undefined;
  }

  /** Closes and empties a node as far as the plan asks for; whether the upgrade can begin. */
  async #prepare({ metadata, spec }: Plan, node: string): Promise<boolean> {
    const { client, scheduler } = this.cluster;
    if (!spec.cordon && !spec.drain) return true;
    if (!this.nodeInformer.get(node)?.spec?.unschedulable)
      await cordon(client, node);
    if (!spec.drain) return true;
    const key = `${metadata.uid}/${node}`;
    const now = scheduler.now().getTime();
    const since = this.#draining.get(key) ?? now;
    this.#draining.set(key, since);
    const left = await evictAll(
      client,
      node,
      this.podInformer.list(),
      spec.drain,
    );
    const timeout = (spec.drain.timeout ?? Infinity) / 1_000_000;
    return left === 0 || now - since >= timeout;
  }

  async #begin(
    plan: Plan,
    node: string,
    version: string,
    hash: string,
  ): Promise<void> {
    const { namespace } = plan.metadata;
    this.#draining.delete(`${plan.metadata.uid}/${node}`);
    try {
      const job = await this.cluster.client.create(
        jobs,
        namespace,
        jobOf(plan, node, version, hash),
      );
      this.jobInformer.wrote(job);
    } catch (error) {
      // The cache has not met what an earlier look has made.
      if (!isStatus(error, 409)) throw error;
      return;
    }
    this.recorder.note(plans, plan, {
      type: 'Normal',
      reason: 'SyncJob',
      message: `Jobs synced for version ${version} on Nodes ${node}. Hash: ${hash}`,
    });
  }

  /** Marks a node that has it and opens it for pods again. */
  async #finish(plan: Plan, node: string, hash: string): Promise<void> {
    const { metadata, spec } = plan;
    const isClosed = spec.cordon === true || spec.drain !== undefined;
    const nodeInfo = nodeInfoAfter(plan);
    if (nodeInfo !== undefined)
      await this.cluster.client.patchStatus(
        nodes,
        { name: node },
        { nodeInfo },
      );
    await this.cluster.client.patch(
      nodes,
      { name: node },
      {
        metadata: { labels: { [planLabel(metadata.name)]: hash } },
        ...(isClosed ? { spec: { unschedulable: false } } : {}),
      },
    );
    this.recorder.note(plans, plan, {
      type: 'Normal',
      reason: 'JobComplete',
      message: `Job completed on Node ${node}`,
    });
  }

  async #send(
    plan: Plan,
    status: Partial<PlanStatus>,
    statements: readonly Statement[],
  ): Promise<void> {
    const when = timestamp(this.cluster.scheduler.now());
    const before = plan.status ?? {};
    const conditions = statements.map((next): Condition => {
      const known = conditionOf(before.conditions, next.type);
      const since =
        known?.status === next.status ? known.lastTransitionTime : undefined;
      return { ...next, lastTransitionTime: since ?? when };
    });
    const { applying, ...rest } = { ...before, ...status };
    const next = { ...rest, ...(applying ? { applying } : {}), conditions };
    const patch = statusPatch(before, next);
    if (patch)
      await this.cluster.client.patchStatus(plans, plan.metadata, patch);
  }
}

function completeness({
  applying,
  finished,
  failed,
}: UpgradePlan): Omit<Statement, 'type'> {
  if (applying.length === 0 && finished.length === 0)
    return { status: 'True', reason: 'Complete', message: '' };
  const [first] = failed;
  if (first) {
    const { namespace, name, labels = {} } = first.metadata;
    const why = conditionOf(first.status?.conditions, 'Failed');
    return {
      status: 'False',
      reason: 'JobFailed',
      message: `Job ${namespace}/${name} failed on Node ${labels[nodeLabel]}: ${why?.reason}: ${why?.message}`,
    };
  }
  return { status: 'False', reason: 'SyncJob', message: '' };
}

function statementsOf(work: UpgradePlan): readonly Statement[] {
  return [
    { type: 'Validated', status: 'True', reason: 'PlanIsValid', message: '' },
    { type: 'LatestResolved', status: 'True', reason: 'Version', message: '' },
    { type: 'Complete', ...completeness(work) },
  ];
}

/** Plays system-upgrade-controller: chooses nodes, empties them, and lets a Job upgrade each. */
export function startSystemUpgradeController(
  cluster: Cluster,
): RunningController {
  const controller = new SystemUpgradeController(cluster);
  const queue = new WorkQueue({
    name: 'plan',
    scheduler: cluster.scheduler,
    log: cluster.log,
    reconcile: key => controller.reconcile(key),
  });
  const informer = cluster.informers.of(plans);
  visitChanged(informer, queue);
  const visitAll = () => {
    for (const { metadata } of informer.list()) queue.add(keyOf(metadata));
  };
  cluster.informers.of(jobs).onChange((job, previous) => {
    const { metadata } = job ?? previous ?? {};
    const name = metadata?.labels?.[planNameLabel];
    if (name) queue.add(keyOf({ namespace: metadata?.namespace, name }));
  });
  cluster.informers.of(nodes).onChange((node, previous) => {
    const labels = [node, previous].map(one =>
      JSON.stringify(one?.metadata.labels),
    );
    if (labels[0] !== labels[1]) visitAll();
  });
  return {
    async stop() {
      await queue.stop();
      await controller.recorder.flush();
    },
  };
}
