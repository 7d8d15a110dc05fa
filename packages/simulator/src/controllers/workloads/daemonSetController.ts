// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { Informer } from '../runtime/Informer';
import { isStatus } from '../runtime/KubernetesError';
import { keyOf } from '../runtime/resources';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import { pinnedTo } from './nodeAffinity';
import {
  OwnedIndex,
  ownerReference,
  statusPatch,
  visitChanged,
  visitOwner,
} from './owned';
import { OwnedPods } from './OwnedPods';
import { planDaemonSet, revisionHashLabel } from './planDaemonSet';
import { planRevisions, revisionData } from './planRevisions';
import { canonicalJson, templateHash } from './templateHash';
import { withDaemonTolerations } from './tolerations';
import {
  ControllerRevision,
  controllerRevisions,
  DaemonSet,
  daemonSets,
  Node,
  nodes,
  Pod,
  pods,
} from './workloads';

const generationAnnotation = 'deprecated.daemonset.template.generation';
const generationLabel = 'pod-template-generation';

class DaemonSetController {
  readonly #revisions: OwnedIndex<ControllerRevision>;

  constructor(
    private readonly cluster: Cluster,
    private readonly informer: Informer<DaemonSet>,
    private readonly owned: OwnedPods<DaemonSet>,
    private readonly revisionInformer: Informer<ControllerRevision>,
    private readonly nodeInformer: Informer<Node>,
  ) {
    this.#revisions = new OwnedIndex(revisionInformer);
  }

  async reconcile(key: string): Promise<NextVisit> {
    const daemonSet = this.informer.get(key);
    if (!daemonSet || daemonSet.metadata.deletionTimestamp) return undefined;
    const { client, scheduler } = this.cluster;
    const owned = this.owned.of(daemonSet);
    const hash = await this.#revise(daemonSet, owned);
    const plan = planDaemonSet({
      daemonSet,
      nodes: this.nodeInformer.list(),
      owned,
      hash,
      now: scheduler.now().getTime(),
    });
    await Promise.all(
      plan.create.map(node => this.#createPod(daemonSet, node, hash)),
    );
    await Promise.all(
      plan.remove.map(pod => this.owned.remove(daemonSet, pod)),
    );
    const patch = statusPatch(daemonSet.status, plan.status);
    if (patch) await client.patchStatus(daemonSets, daemonSet.metadata, patch);
    return plan.recheckAfter === undefined
      ? undefined
      : { after: plan.recheckAfter + 50 };
  }

  /** Keeps the revisions; returns the hash of the present one. */
  async #revise(daemonSet: DaemonSet, owned: readonly Pod[]): Promise<string> {
    const { client } = this.cluster;
    const alive = new Set(
      owned.map(({ metadata }) => metadata.labels?.[revisionHashLabel]),
    );
    const { current, number, obsolete } = planRevisions(
      daemonSet,
      this.#revisions.of(daemonSet),
      ({ metadata }) => alive.has(metadata.labels?.[revisionHashLabel]),
    );
    for (const { metadata } of obsolete)
      await client.delete(controllerRevisions, metadata, { uid: metadata.uid });
    if (current && current.revision !== number)
      await client.patch(controllerRevisions, current.metadata, {
        revision: number,
      });
    return current
      ? current.metadata.labels?.[revisionHashLabel] ?? current.metadata.name
      : this.#createRevision(daemonSet, number);
  }

  async #createRevision(
    daemonSet: DaemonSet,
    revision: number,
  ): Promise<string> {
    const { name, namespace, annotations } = daemonSet.metadata;
    const { template } = daemonSet.spec;
    const hash = templateHash(template);
    const body = {
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels: { ...template.metadata?.labels, [revisionHashLabel]: hash },
        annotations,
        ownerReferences: [ownerReference(daemonSets, daemonSet)],
      },
      data: revisionData(template),
      revision,
    };
    try {
      this.revisionInformer.wrote(
        await this.cluster.client.create(controllerRevisions, namespace, body),
      );
    } catch (error) {
      // The cache is behind: the revision is there and will be found in it.
      if (!isStatus(error, 409)) throw error;
    }
    return hash;
  }

  #createPod(daemonSet: DaemonSet, node: string, hash: string): Promise<void> {
    const { metadata, spec } = daemonSet.spec.template;
    const generation = daemonSet.metadata.annotations?.[generationAnnotation];
    return this.owned.create(daemonSet, {
      metadata: {
        labels: {
          ...metadata?.labels,
          [revisionHashLabel]: hash,
          ...(generation ? { [generationLabel]: generation } : {}),
        },
        annotations: metadata?.annotations,
      },
      spec: pinnedTo(node, withDaemonTolerations(spec)),
    });
  }
}

/** What about a node decides whether daemons run there. */
function placementFacts(node: Node | undefined): string {
  return canonicalJson([node?.metadata.labels, node?.spec?.taints]);
}

/** Keeps one pod of each daemon set on every node that fits. */
export function startDaemonSetController(cluster: Cluster): RunningController {
  const informer = cluster.informers.of(daemonSets);
  const podInformer = cluster.informers.of(pods);
  const nodeInformer = cluster.informers.of(nodes);
  const owned = new OwnedPods(
    cluster,
    daemonSets,
    podInformer,
    'daemonset-controller',
  );
  const controller = new DaemonSetController(
    cluster,
    informer,
    owned,
    cluster.informers.of(controllerRevisions),
    nodeInformer,
  );
  const queue = new WorkQueue({
    name: 'daemonset',
    scheduler: cluster.scheduler,
    log: cluster.log,
    reconcile: key => controller.reconcile(key),
    // Each of its pods changes some times, and each look is at all of them.
    rest: () => nodeInformer.list().length,
  });
  visitChanged(informer, queue);
  visitOwner(podInformer, 'DaemonSet', queue);
  nodeInformer.onChange((node, previous) => {
    if (node && previous && placementFacts(node) === placementFacts(previous))
      return;
    for (const { metadata } of informer.list()) queue.add(keyOf(metadata));
  });
  return {
    async stop() {
      await queue.stop();
      await owned.recorder.flush();
    },
  };
}
