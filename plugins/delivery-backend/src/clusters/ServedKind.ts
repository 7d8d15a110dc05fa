// SPDX-License-Identifier: Apache-2.0
import { listIn, textIn } from './fields';
import type { FollowedKind } from './ClusterCache';
import type { Answer, ClusterTransport } from './ClusterTransport';
import type { WatchLimits } from './KindWatch';
import { Pause } from './pause';

/**
 * Whether one cluster serves a kind, for kinds whose objects nobody watches, because that takes rights
 * in all of its namespaces. Discovery needs none and is asked once a minute. What is not known, because
 * the cluster does not answer or does not say so, is never taken for a no.
 */
export class ServedKind implements FollowedKind {
  #heardAt: Date | undefined;
  #served: boolean | undefined;
  readonly #pause: Pause;

  /**
   * @param kind.name - of the kind, `plans.upgrade.cattle.io`
   * @param kind.api - group and version, `upgrade.cattle.io/v1`
   */
  constructor(
    private readonly kind: { readonly name: string; readonly api: string },
    private readonly around: {
      readonly transport: Pick<ClusterTransport, 'get'>;
      readonly limits: Pick<WatchLimits, 'missingPause'>;
      readonly clock: () => Date;
    },
  ) {
    const { missingPause } = around.limits;
    this.#pause = new Pause({ first: missingPause, longest: missingPause });
  }

  /** When the cluster said something about it the last time. */
  get heardAt(): Date | undefined {
    return this.#heardAt;
  }

  /** The cluster has said that it does not serve it. */
  get missing(): boolean {
    return this.#served === false;
  }

  /** Asks the cluster again and again until `signal` aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    const { transport } = this.around;
    while (!signal.aborted) {
      const answer = await transport.get(`/apis/${this.kind.api}`, signal);
      if (signal.aborted) return;
      this.#take(answer);
      await this.#pause.wait(signal);
    }
  }

  /** Asks again now instead of later. */
  retry(): void {
    this.#pause.wake();
  }

  /** That a cluster lives says nothing about what it serves. */
  alive(): void {}

  lost(): void {}

  #take(answer: Answer<unknown>): void {
    if (!answer.ok && answer.failure.kind !== 'missing') {
      if (answer.failure.kind === 'forbidden') this.#served = undefined;
      return;
    }
    this.#heardAt = this.around.clock();
    const [plural] = this.kind.name.split('.');
    this.#served =
      answer.ok &&
      listIn(answer.value, 'resources').some(
        resource => textIn(resource, 'name') === plural,
      );
  }
}
