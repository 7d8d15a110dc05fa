// SPDX-License-Identifier: Apache-2.0
import {
  ConflictError,
  InputError,
  NotAllowedError,
  NotFoundError,
} from '@backstage/errors';
import {
  commitMessage,
  PORTAL_ACTOR,
  targetKey,
  type Effect,
  type PromotionEvent,
} from '@causeway/plugin-delivery-common';
import type { Actors } from '../audit/Actors';
import type { Clock } from '../Clock';
import type { Clusters } from '../clusters/Clusters';
import type { FleetRepositories } from '../gitops/FleetRepositories';

type EffectOf<K extends Effect['kind']> = Extract<Effect, { readonly kind: K }>;

/**
 * Carries out effects. Each may be repeated: the commit is looked up by its promotion before it is
 * written, and the reconcile token is the same every time. The returned event says what is proven;
 * an exception proves nothing, and the caller tries again later.
 */
export class Effects {
  readonly #fleet: FleetRepositories;
  readonly #clusters: Clusters;
  readonly #actors: Actors;
  readonly #clock: Clock;

  constructor(options: {
    readonly fleet: FleetRepositories;
    readonly clusters: Clusters;
    readonly actors: Actors;
    readonly clock: Clock;
  }) {
    this.#fleet = options.fleet;
    this.#clusters = options.clusters;
    this.#actors = options.actors;
    this.#clock = options.clock;
  }

  async perform(effect: Effect, signal: AbortSignal): Promise<PromotionEvent> {
    switch (effect.kind) {
      case 'writeCommit':
        return this.#writeCommit(effect, signal);
      case 'requestReconcile':
        return this.#requestReconcile(effect, signal);
      default:
        return unheardOf(effect);
    }
  }

  async #writeCommit(
    effect: EffectOf<'writeCommit'>,
    signal: AbortSignal,
  ): Promise<PromotionEvent> {
    const { requestedBy, approvedBy } = effect.message;
    const people = new Map<string, { name: string; email: string }>();
    for (const person of [requestedBy, ...approvedBy]) {
      people.set(person, await this.#actors.describe(person));
    }
    const author = people.get(requestedBy);
    const { subject, trailers } = commitMessage(effect.message, person => {
      const described = people.get(person);
      return described ? `${described.name} <${described.email}>` : person;
    });
    try {
      const commit = await this.#fleet.commit(
        {
          location: effect.fleet,
          promotion: effect.promotion,
          targets: effect.targets,
          images: effect.images,
          author: author ?? (await this.#actors.describe(PORTAL_ACTOR)),
          subject,
          trailers,
        },
        signal,
      );
      return { ...this.#now(), type: 'committed', commit };
    } catch (error) {
      return this.#notWritten(effect, error);
    }
  }

  /** Two answers are final, because they prove that nothing was written; the rest may heal. */
  #notWritten(effect: EffectOf<'writeCommit'>, error: unknown): PromotionEvent {
    const problem = (code: string, hint: string, message: string) => ({
      ...this.#now(),
      type: 'failed' as const,
      problem: { code, message, hint },
    });
    if (error instanceof ConflictError) {
      return problem(
        'pushRefused',
        `Nothing was written. See who else writes to ${effect.fleet.branch} and what protects it, then promote again.`,
        error.message,
      );
    }
    if (error instanceof InputError) {
      return problem(
        'overlayUnusable',
        'Nothing was written. Correct the overlay in the fleet repository or the target in the pipeline document.',
        error.message,
      );
    }
    throw error;
  }

  /**
   * Flux looks by itself at every interval, so a cluster that refuses the annotation only makes the
   * promotion slower; it is recorded and not asked again.
   */
  async #requestReconcile(
    effect: EffectOf<'requestReconcile'>,
    signal: AbortSignal,
  ): Promise<PromotionEvent> {
    const asked = {
      type: 'reconcileRequested' as const,
      target: targetKey(effect.target),
      token: effect.token,
    };
    try {
      await this.#clusters.requestReconcile(
        effect.target,
        effect.token,
        { actor: effect.actor, promotion: effect.promotion },
        signal,
      );
      return { ...this.#now(), ...asked, outcome: 'accepted' };
    } catch (error) {
      const final =
        error instanceof NotAllowedError || error instanceof NotFoundError;
      if (!final) throw error;
      return {
        ...this.#now(),
        ...asked,
        outcome: 'refused',
        message: error.message,
      };
    }
  }

  #now(): { readonly at: string; readonly actor: string } {
    return { at: this.#clock().toISOString(), actor: PORTAL_ACTOR };
  }
}

function unheardOf(effect: never): never {
  throw new TypeError(`Unknown effect ${JSON.stringify(effect)}`);
}
