// SPDX-License-Identifier: Apache-2.0
import { Cluster } from '../runtime/Cluster';
import { EventRecorder } from '../runtime/EventRecorder';
import { Informer } from '../runtime/Informer';
import { KubernetesObject, Resource, timestamp } from '../runtime/resources';
import { OwnedIndex, ownerReference } from './owned';
import { Pod, pods, PodTemplate } from './workloads';

/** The pods of one kind of owner, as its controller makes and removes them: each with an event. */
export class OwnedPods<Owner extends KubernetesObject> {
  readonly recorder: EventRecorder;
  readonly #index: OwnedIndex<Pod>;

  /** @param component - the controller, as events name it */
  constructor(
    private readonly cluster: Cluster,
    private readonly owners: Resource<Owner>,
    private readonly informer: Informer<Pod>,
    component: string,
  ) {
    this.recorder = cluster.recorder(component);
    this.#index = new OwnedIndex(informer);
  }

  /** The cached pods of an owner. */
  of(owner: Owner): readonly Pod[] {
    return this.#index.of(owner);
  }

  /** Resolves when the API server and the cache have another pod of the owner. */
  async create(
    owner: Owner,
    { metadata, spec }: PodTemplate,
    finalizers?: readonly string[],
  ): Promise<void> {
    const { name, namespace } = owner.metadata;
    const pod = await this.cluster.client.create(pods, namespace, {
      metadata: {
        generateName: `${name}-`,
        namespace,
        labels: metadata?.labels,
        annotations: metadata?.annotations,
        finalizers,
        ownerReferences: [ownerReference(this.owners, owner)],
      },
      spec,
    });
    this.informer.wrote(pod);
    this.recorder.note(this.owners, owner, {
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created pod: ${pod.metadata.name}`,
    });
  }

  /** Resolves when the API server has begun to delete the pod, which the cache knows then. */
  async remove(owner: Owner, pod: Pod): Promise<void> {
    const { name, uid } = pod.metadata;
    await this.cluster.client.delete(pods, pod.metadata, { uid });
    this.informer.deleting(pod, timestamp(this.cluster.scheduler.now()));
    this.recorder.note(this.owners, owner, {
      type: 'Normal',
      reason: 'SuccessfulDelete',
      message: `Deleted pod: ${name}`,
    });
  }
}
