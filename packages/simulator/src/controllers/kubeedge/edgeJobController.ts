// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { KubernetesObject, Resource } from '../runtime/resources';
import { WorkQueue } from '../runtime/WorkQueue';
import { statusPatch, visitChanged } from '../workloads/owned';
import { Node, nodes } from '../workloads/workloads';
import { kubeletVersionOf, withKubeEdgeVersion } from './edgeNodes';
import {
  EdgeSurroundings,
  prePullOf,
  Selected,
  selectNodes,
  upgradeOf,
} from './edgeWork';
import {
  EdgeJobScope,
  EdgeJobStatus,
  imagePrePullJobs,
  NodeTask,
  nodeUpgradeJobs,
} from './jobObjects';
import { EdgeJobNode, JobTimes, planEdgeJob } from './planEdgeJob';

interface EdgeJob extends KubernetesObject {
  readonly status?: EdgeJobStatus;
}

/** How one kind of job is played. */
interface JobKind<T extends EdgeJob> {
  readonly resource: Resource<T>;
  scopeOf(job: T): EdgeJobScope;
  nodeOf(job: T, selected: Selected): EdgeJobNode;
  /** What happens to a node whose task has ended well. */
  onSuccess?(job: T, node: Node): Promise<void>;
}

interface Memory {
  readonly status: EdgeJobStatus;
  readonly times: JobTimes;
}

function startJobs<T extends EdgeJob>(
  cluster: Cluster,
  kind: JobKind<T>,
): RunningController {
  const { client, scheduler, informers, log } = cluster;
  const informer = informers.of(kind.resource);
  const nodeInformer = informers.of(nodes);
  // Nobody else writes these statuses, so what was written last is known better here than in the cache.
  const memories = new Map<string, Memory>();

  const queue = new WorkQueue({
    name: kind.resource.plural,
    scheduler,
    log,
    async reconcile(key) {
      const job = informer.get(key);
      if (!job) return undefined;
      const { uid } = job.metadata;
      const memory = memories.get(uid) ?? {
        status: job.status ?? {},
        times: { began: scheduler.now().getTime(), steps: new Map() },
      };
      const selected = selectNodes(kind.scopeOf(job), nodeInformer.list());
      const plan = planEdgeJob(
        kind.scopeOf(job),
        memory.status,
        selected.map(one => kind.nodeOf(job, one)),
        memory.times,
        scheduler.now().getTime(),
      );
      for (const name of succeededSince(memory.status, plan.status)) {
        const node = nodeInformer.get(name);
        if (node) await kind.onSuccess?.(job, node);
      }
      const patch = statusPatch(memory.status, plan.status);
      if (patch) await client.patchStatus(kind.resource, job.metadata, patch);
      memories.set(uid, plan);
      return plan.after === undefined ? undefined : { after: plan.after };
    },
  });
  visitChanged(informer, queue);
  informer.onChange((job, previous) => {
    if (!job && previous) memories.delete(previous.metadata.uid);
  });
  return { stop: () => queue.stop() };
}

function succeededSince(
  before: EdgeJobStatus,
  after: EdgeJobStatus,
): readonly string[] {
  const successful = ({ phase }: NodeTask) => phase === 'Successful';
  const known = new Set(
    before.nodeStatus?.filter(successful).map(({ nodeName }) => nodeName),
  );
  return (after.nodeStatus ?? [])
    .filter(successful)
    .map(({ nodeName }) => nodeName)
    .filter(name => !known.has(name));
}

/** Plays NodeUpgradeJobs and ImagePrePullJobs: cloudcore that hands out the work, and the edge that does it. */
export function startEdgeJobController(
  cluster: Cluster,
  surroundings: EdgeSurroundings,
): RunningController {
  const upgrades = startJobs(cluster, {
    resource: nodeUpgradeJobs,
    scopeOf: ({ spec }) => spec,
    nodeOf: (job, selected) => upgradeOf(job, selected, surroundings),
    async onSuccess({ spec }, node) {
      const kubeletVersion = withKubeEdgeVersion(
        kubeletVersionOf(node),
        spec.version,
      );
      await cluster.client.patchStatus(nodes, node.metadata, {
        nodeInfo: { kubeletVersion },
      });
    },
  });
  const pulls = startJobs(cluster, {
    resource: imagePrePullJobs,
    scopeOf: ({ spec }) => spec.imagePrePullTemplate,
    nodeOf: (job, selected) => prePullOf(job, selected, surroundings),
  });
  return {
    async stop() {
      await Promise.all([upgrades.stop(), pulls.stop()]);
    },
  };
}
