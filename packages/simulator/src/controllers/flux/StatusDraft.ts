// SPDX-License-Identifier: Apache-2.0
import { KubernetesClient } from '../runtime/KubernetesClient';
import { KubernetesObject, Resource } from '../runtime/resources';
import { statusPatch } from '../workloads/owned';

/** The status of an object while it is reconciled: changed in memory, sent in steps that others can watch. */
export class StatusDraft<S extends object> {
  #sent: S;

  constructor(
    private readonly client: KubernetesClient,
    private readonly resource: Resource,
    private readonly object: KubernetesObject,
    status: S,
  ) {
    this.#sent = status;
  }

  /** The status as it was sent last. */
  get current(): S {
    return this.#sent;
  }

  /** Sends what `change` alters; nothing when that is nothing. */
  async send(change: Partial<S>): Promise<void> {
    const next = { ...this.#sent, ...change };
    const patch = statusPatch(this.#sent, next);
    if (patch)
      await this.client.patchStatus(this.resource, this.object.metadata, patch);
    this.#sent = next;
  }
}
