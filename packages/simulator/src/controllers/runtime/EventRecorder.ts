// SPDX-License-Identifier: Apache-2.0
import { Clock } from '../../time/Scheduler';
import { KubernetesClient } from './KubernetesClient';
import { isStatus } from './KubernetesError';
import { KubernetesObject, Resource, StringMap, timestamp } from './resources';

const events: Resource = {
  apiVersion: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

/** Something worth telling about an object. */
export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly annotations?: StringMap;
}

/** Notes about one object that are written at once, and milliseconds until another one may be; client-go's limits. */
const burst = 25;
const refill = 300_000;
/** Objects of which is known how much was said; client-go's as well. */
const knownObjects = 4_096;

/**
 * Writes Kubernetes Events. The same note about the same object raises the
 * count of the first one. Events are hints: one that cannot be written is logged
 * and dropped, as the real recorders do. So is what would be too much about one object.
 */
export class EventRecorder {
  readonly #sent = new Map<string, { readonly name: string; count: number }>();
  readonly #said = new Map<string, { credit: number; at: number }>();
  #queue: Promise<void> = Promise.resolve();
  #number = 0;

  constructor(
    private readonly client: KubernetesClient,
    private readonly component: string,
    private readonly now: Clock,
    private readonly log: (line: string) => void,
  ) {}

  /** Notes something about an object; returns at once. */
  note(resource: Resource, object: KubernetesObject, note: EventNote): void {
    if (this.#isTooMuch(object.metadata.uid)) return;
    this.#queue = this.#queue
      .then(() => this.#write(resource, object, note))
      .catch(error =>
        this.log(`event ${note.reason} of ${object.metadata.name}: ${error}`),
      );
  }

  /** Resolves when everything noted has been sent. */
  flush(): Promise<void> {
    return this.#queue;
  }

  #isTooMuch(uid: string): boolean {
    const now = this.now().getTime();
    const { credit, at } = this.#said.get(uid) ?? { credit: burst, at: now };
    const left = Math.min(burst, credit + (now - at) / refill);
    this.#said.delete(uid);
    this.#said.set(uid, { credit: left < 1 ? left : left - 1, at: now });
    const [oldest] = this.#said.keys();
    if (this.#said.size > knownObjects) this.#said.delete(oldest);
    return left < 1;
  }

  async #write(
    resource: Resource,
    { metadata }: KubernetesObject,
    note: EventNote,
  ): Promise<void> {
    const when = timestamp(this.now());
    const namespace = metadata.namespace ?? 'default';
    const identity = [metadata.uid, note.type, note.reason, note.message].join(
      '\n',
    );
    const earlier = this.#sent.get(identity);
    if (earlier && (await this.#countUp(namespace, earlier, when))) return;
    this.#number += 1;
    const unique = (
      this.now().getTime() * 1000 +
      (this.#number % 1000)
    ).toString(16);
    const name = `${metadata.name}.${unique}`;
    this.#remember(identity, name);
    await this.client.create(events, namespace, {
      metadata: {
        name,
        namespace,
        ...(note.annotations ? { annotations: note.annotations } : {}),
      },
      involvedObject: {
        apiVersion: resource.apiVersion,
        kind: resource.kind,
        name: metadata.name,
        ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
      },
      type: note.type,
      reason: note.reason,
      message: note.message,
      source: { component: this.component },
      reportingComponent: this.component,
      reportingInstance: '',
      firstTimestamp: when,
      lastTimestamp: when,
      count: 1,
    });
  }

  /** Raises the count of an event written before; false when the server has forgotten it. */
  async #countUp(
    namespace: string,
    earlier: { readonly name: string; count: number },
    when: string,
  ): Promise<boolean> {
    earlier.count += 1;
    try {
      await this.client.patch(
        events,
        { namespace, name: earlier.name },
        { count: earlier.count, lastTimestamp: when },
      );
      return true;
    } catch (error) {
      if (isStatus(error, 404)) return false;
      throw error;
    }
  }

  #remember(identity: string, name: string): void {
    this.#sent.set(identity, { name, count: 1 });
    if (this.#sent.size > 500) {
      const [oldest] = this.#sent.keys();
      this.#sent.delete(oldest);
    }
  }
}
