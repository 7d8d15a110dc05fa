// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { Informer } from '../runtime/Informer';
import { isStatus } from '../runtime/KubernetesError';
import { controllerOf, keyOf } from '../runtime/resources';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import { statusPatch, visitChanged, visitOwner } from './owned';
import { OwnedPods } from './OwnedPods';
import { isTracked, planJob, trackingFinalizer } from './planJob';
import { Job, jobs, Pod, pods } from './workloads';

class JobController {
  constructor(
    private readonly cluster: Cluster,
    private readonly informer: Informer<Job>,
    private readonly podInformer: Informer<Pod>,
    private readonly owned: OwnedPods<Job>,
  ) {}

  async reconcile(key: string): Promise<NextVisit> {
    const job = this.informer.get(key);
    if (!job) return undefined;
    const { client, scheduler } = this.cluster;
    const plan = planJob(job, this.owned.of(job), scheduler.now());
    const { resourceVersion, uid } = job.metadata;
    if (plan.isExpired && !job.metadata.deletionTimestamp) {
      await client.delete(jobs, job.metadata, {
        propagationPolicy: 'Foreground',
        uid,
      });
      return undefined;
    }
    await Promise.all(plan.release.map(pod => this.#release(pod)));
    await Promise.all(plan.remove.map(pod => this.owned.remove(job, pod)));
    await Promise.all(
      Array.from({ length: plan.create }, () =>
        this.owned.create(job, job.spec.template, [trackingFinalizer]),
      ),
    );
    const patch = statusPatch(job.status, plan.status);
    const { succeeded = null, failed = null } =
      plan.status.uncountedTerminatedPods ?? {};
    const counting = { uncountedTerminatedPods: { succeeded, failed } };
    // Counts only grow, so one that was made on old knowledge has to be refused.
    if (patch)
      await client.patch(
        jobs,
        job.metadata,
        { metadata: { resourceVersion }, status: { ...patch, ...counting } },
        { subresource: 'status' },
      );
    if (plan.note) this.owned.recorder.note(jobs, job, plan.note);
    return plan.recheckAfter === undefined
      ? undefined
      : { after: plan.recheckAfter + 50 };
  }

  /** Lets a pod go that is being deleted and has no job any more to count it. */
  async releaseOrphan(key: string): Promise<NextVisit> {
    const pod = this.podInformer.get(key);
    if (!pod || !isTracked(pod) || !pod.metadata.deletionTimestamp)
      return undefined;
    const { namespace } = pod.metadata;
    const owner = controllerOf(pod);
    const job =
      owner && this.informer.get(keyOf({ namespace, name: owner.name }));
    if (!job || job.metadata.uid !== owner.uid) await this.#release(pod);
    return undefined;
  }

  async #release({ metadata }: Pod): Promise<void> {
    const { resourceVersion, finalizers = [] } = metadata;
    const kept = finalizers.filter(one => one !== trackingFinalizer);
    try {
      await this.cluster.client.patch(pods, metadata, {
        metadata: {
          resourceVersion,
          finalizers: kept.length > 0 ? kept : null,
        },
      });
    } catch (error) {
      // Gone, or changed: then the watch brings us back.
      if (!isStatus(error, 404) && !isStatus(error, 409)) throw error;
    }
  }
}

/** Runs pods to their end as often as jobs ask for. */
export function startJobController(cluster: Cluster): RunningController {
  const informer = cluster.informers.of(jobs);
  const podInformer = cluster.informers.of(pods);
  const owned = new OwnedPods(cluster, jobs, podInformer, 'job-controller');
  const controller = new JobController(cluster, informer, podInformer, owned);
  const queue = new WorkQueue({
    name: 'job',
    scheduler: cluster.scheduler,
    log: cluster.log,
    reconcile: key => controller.reconcile(key),
  });
  visitChanged(informer, queue);
  visitOwner(podInformer, 'Job', queue);
  const orphans = new WorkQueue({
    name: 'job orphans',
    scheduler: cluster.scheduler,
    log: cluster.log,
    reconcile: key => controller.releaseOrphan(key),
  });
  podInformer.onChange(pod => {
    if (pod?.metadata.deletionTimestamp && isTracked(pod))
      orphans.add(keyOf(pod.metadata));
  });
  return {
    async stop() {
      await Promise.all([queue.stop(), orphans.stop()]);
      await owned.recorder.flush();
    },
  };
}
