// SPDX-License-Identifier: Apache-2.0
import {
  ConflictError,
  InputError,
  NotAllowedError,
  NotFoundError,
  ServiceUnavailableError,
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
      case 'orderEngine':
        return this.#orderEngine(effect, signal);
      case 'restoreAnalysis':
        return this.#restoreAnalysis(effect, signal);
      case 'switchColours':
        return this.#switchColours(effect, signal);
      case 'retireColours':
        return this.#retireColours(effect, signal);
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
          hurry: effect.hurry,
          ...(effect.colours && { colours: effect.colours }),
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

  /** What the cluster forbids is recorded, so that people see it; it is asked again after a while. */
  async #orderEngine(
    effect: EffectOf<'orderEngine'>,
    signal: AbortSignal,
  ): Promise<PromotionEvent> {
    const { target, order, actor, sentence, promotion } = effect;
    const ordered = {
      at: this.#clock().toISOString(),
      actor,
      type: 'canaryOrdered' as const,
      target: targetKey(target),
      order,
      sentence,
    };
    try {
      const outcome = await this.#clusters.orderEngine(
        target,
        order,
        { actor, promotion },
        signal,
      );
      return { ...ordered, outcome };
    } catch (error) {
      const final =
        error instanceof NotAllowedError || error instanceof NotFoundError;
      if (!final) throw error;
      return { ...ordered, outcome: 'refused', message: error.message };
    }
  }

  /** No failure is final, because what is left in Git would let every later change go unwatched. */
  async #restoreAnalysis(
    effect: EffectOf<'restoreAnalysis'>,
    signal: AbortSignal,
  ): Promise<PromotionEvent> {
    const { promotion, service, stage } = effect;
    const name = service.slice(service.lastIndexOf('/') + 1);
    try {
      const commit = await this.#fleet.restoreAnalysis(
        {
          location: effect.fleet,
          promotion,
          targets: effect.targets,
          author: await this.#actors.describe(PORTAL_ACTOR),
          subject: `Let canaries of ${name} in ${stage} be analysed again`,
          trailers: [['Stage', stage]],
        },
        signal,
      );
      return { ...this.#now(), type: 'analysisRestored', commit };
    } catch (error) {
      throw lasting(error);
    }
  }

  /**
   * Two failures prove that no Service was switched: then a switch is given up, with the way back as
   * for every fault, and a way back ends where only people can go on.
   */
  async #switchColours(
    effect: EffectOf<'switchColours'>,
    signal: AbortSignal,
  ): Promise<PromotionEvent> {
    const { direction, service, stage, version, actor } = effect;
    const name = service.slice(service.lastIndexOf('/') + 1);
    const isBack = direction === 'back';
    try {
      const commit = await this.#fleet.changeColours(
        {
          location: effect.fleet,
          promotion: effect.promotion,
          step: direction,
          targets: effect.targets,
          ...(effect.images && { images: effect.images }),
          author: await this.#actors.describe(actor),
          subject: isBack
            ? `Switch ${name} in ${stage} back from ${version}`
            : `Switch ${name} in ${stage} to ${version}`,
          trailers: [
            ['Release', version],
            ['Stage', stage],
          ],
        },
        signal,
      );
      const type = isBack ? 'coloursSwitchedBack' : 'coloursSwitched';
      return { ...this.#now(), type, commit };
    } catch (error) {
      if (isBack) throw lasting(error);
      const isFinal =
        error instanceof ConflictError || error instanceof InputError;
      if (!isFinal) throw error;
      return {
        ...this.#now(),
        type: 'switchBackBegun',
        problem: {
          code: 'notSwitched',
          message: error.message,
          hint: 'Nothing was switched. See who else writes to the overlay, then promote again.',
        },
      };
    }
  }

  /** Costs pods until it is done, and nothing else; so it is tried until it is. */
  async #retireColours(
    effect: EffectOf<'retireColours'>,
    signal: AbortSignal,
  ): Promise<PromotionEvent> {
    const { promotion, service, stage, since } = effect;
    const name = service.slice(service.lastIndexOf('/') + 1);
    try {
      const commit = await this.#fleet.changeColours(
        {
          location: effect.fleet,
          promotion,
          step: 'retire',
          targets: effect.targets,
          since,
          author: await this.#actors.describe(PORTAL_ACTOR),
          subject: `Scale the colour of ${name} in ${stage} that serves nobody to zero`,
          trailers: [['Stage', stage]],
        },
        signal,
      );
      return { ...this.#now(), type: 'colourRetired', commit };
    } catch (error) {
      throw lasting(error);
    }
  }

  #now(): { readonly at: string; readonly actor: string } {
    return { at: this.#clock().toISOString(), actor: PORTAL_ACTOR };
  }
}

/** A conflict of a promotion with itself would be tried again at once, and for ever. */
function lasting(error: unknown): unknown {
  return error instanceof ConflictError
    ? new ServiceUnavailableError(error.message)
    : error;
}

function unheardOf(effect: never): never {
  throw new TypeError(`Unknown effect ${JSON.stringify(effect)}`);
}
