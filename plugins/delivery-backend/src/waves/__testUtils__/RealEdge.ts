// SPDX-License-Identifier: Apache-2.0
import {
  formatImage,
  usualLimits,
  type Target,
} from '@causeway/plugin-delivery-common';
import type { Cluster } from '@causeway/test-cluster';
import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  PolicyV1Api,
  setHeaderOptions,
  type V1Pod,
  type V1PodSpec,
} from '@kubernetes/client-node';
import { WatchedFleet } from '../../fleet/__testUtils__/WatchedFleet';
import type { DeclaredImage } from '../../gitops/FleetRepositories';
import type { MemoryWorld } from '../../promotions/__fixtures__/memoryWorld';
import type { ActOn } from '../replacePods';
import type { Edge } from './WaveStage';

/** Milliseconds between two looks. */
const PAUSE = 200;

const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

/** The devices of a real cluster, over which only Flux is played: it applies when it is asked to. */
export class RealEdge implements Edge {
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly policy: PolicyV1Api;
  readonly watched: WatchedFleet;
  /** Evictions that a disruption budget refused, by the name of the pod. */
  readonly refused = new Set<string>();
  /** Nodes on which a Job tested the release. */
  readonly probed = new Set<string>();
  /** Nodes on which a pod with this image crashes. */
  readonly bad = new Map<string, string>();

  constructor(cluster: Cluster) {
    const config = new KubeConfig();
    config.loadFromFile(cluster.kubeconfigFile);
    this.core = config.makeApiClient(CoreV1Api);
    this.apps = config.makeApiClient(AppsV1Api);
    this.policy = config.makeApiClient(PolicyV1Api);
    const { name, url, token, caFile } = cluster;
    this.watched = WatchedFleet.start([{ name, url, token, caFile }], {
      clock: () => new Date(),
      interval: 100,
      hardware: () => usualLimits,
    });
  }

  /** Git of the promotion, which Flux would apply. */
  git: MemoryWorld['fleet'] | undefined;

  readonly clusters: Edge['clusters'] = {
    targetState: target => this.watched.clusters.targetState(target),
    requestReconcile: async target => {
      if (this.git) await this.apply(target, this.git.imagesAt(target));
    },
  };

  readonly actOn: ActOn = (cluster, behalf, signal) => {
    const there = this.watched.clusters.actOn(cluster, behalf, signal);
    return (
      there && {
        get: path => there.get(path),
        list: (path, filter) => there.list(path, filter),
        status: (path, within) => there.status(path, within),
        remove: path => there.remove(path),
        create: async (path, body) => {
          const outcome = await there.create(path, body);
          const [, pod] = /\/pods\/([^/]+)\/eviction/.exec(path) ?? [];
          if (outcome.kind === 'busy') this.refused.add(pod);
          if (path.endsWith('/jobs')) this.probed.add(nodeOf(body));
          return outcome;
        },
      }
    );
  };

  reader() {
    return this.watched.fleet;
  }

  async pass(): Promise<void> {
    await new Promise(resolve => {
      setTimeout(resolve, PAUSE);
    });
    for (const [node, image] of this.bad) await this.#crash(node, image);
  }

  /** The DaemonSet, with a template of these images. */
  async apply(
    { workload }: Target,
    images: readonly DeclaredImage[],
  ): Promise<void> {
    const { namespace, name } = workload;
    const labels = { app: name };
    const body = {
      metadata: { name, namespace },
      spec: {
        updateStrategy: { type: 'OnDelete' },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: images.map(image => ({
              name,
              image: formatImage(image),
            })),
          },
        },
      },
    };
    const found = await this.apps.listNamespacedDaemonSet({ namespace });
    if (found.items.length === 0)
      await this.apps.createNamespacedDaemonSet({ namespace, body });
    else
      await this.apps.patchNamespacedDaemonSet(
        { namespace, name, body },
        merge,
      );
  }

  /** The pods of a workload by node, those that end left out. */
  async pods({
    workload,
  }: Pick<Target, 'workload'>): Promise<ReadonlyMap<string, V1Pod>> {
    const { namespace, name } = workload;
    const { items } = await this.core.listNamespacedPod({
      namespace,
      labelSelector: `app=${name}`,
    });
    return new Map(
      items
        .filter(({ metadata }) => !metadata?.deletionTimestamp)
        .map(pod => [pod.spec?.nodeName ?? '', pod]),
    );
  }

  /** kwok lets go of a node without its label, and its lease is renewed no more. */
  async setHeard(node: string, isHeard: boolean): Promise<void> {
    const type = isHeard ? 'kwok' : null;
    await this.core.patchNode(
      { name: node, body: { metadata: { labels: { type } } } },
      merge,
    );
  }

  /** As a kubelet tells of a container that falls over. */
  async #crash(node: string, image: string): Promise<void> {
    const { items } = await this.core.listPodForAllNamespaces({
      fieldSelector: `spec.nodeName=${node}`,
    });
    for (const { metadata, spec, status } of items) {
      const [container] = spec?.containers ?? [];
      const isReady = status?.conditions?.some(
        each => each.type === 'Ready' && each.status === 'True',
      );
      if (!container?.image?.includes(image) || !isReady) continue;
      const waiting = { reason: 'CrashLoopBackOff' };
      await this.core.patchNamespacedPodStatus(
        {
          namespace: metadata?.namespace ?? '',
          name: metadata?.name ?? '',
          body: {
            status: {
              conditions: status?.conditions?.map(each =>
                each.type === 'Ready' ? { ...each, status: 'False' } : each,
              ),
              containerStatuses: [
                {
                  name: container.name,
                  image: container.image,
                  imageID: '',
                  ready: false,
                  restartCount: 5,
                  state: { waiting },
                },
              ],
            },
          },
        },
        merge,
      );
    }
  }
}

function nodeOf(job: object): string {
  const { spec } = job as {
    readonly spec: { readonly template: { readonly spec: V1PodSpec } };
  };
  return spec.template.spec.nodeName ?? '';
}
