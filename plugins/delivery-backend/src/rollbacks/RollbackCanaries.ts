// SPDX-License-Identifier: Apache-2.0
import {
  engineTitle,
  known,
  unknown,
  type Known,
  type Pipeline,
  type RollbackMode,
  type Stage,
  type Target,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import type { Clusters } from '../clusters/Clusters';
import type { FleetRepositories } from '../gitops/FleetRepositories';

/** Engines of one stage that give new versions their traffic step by step. */
export interface StageCanaries {
  /** Where a cluster shows one, or Git declares one. */
  readonly targets: readonly Target[];
  /** Those that a commit can tell to skip their analysis. */
  readonly canHurry: Known<readonly Target[]>;
  /** Those whose engine is told to take all steps at once. */
  readonly told: readonly Target[];
  /** What people call them. */
  readonly engines: readonly string[];
}

/** Finds out what engines would make of a rollback. */
export class RollbackCanaries {
  readonly #fleet: Pick<FleetRepositories, 'canHurry'>;
  readonly #clusters: Pick<Clusters, 'targetState'>;
  readonly #clock: Clock;

  constructor(options: {
    readonly fleet: Pick<FleetRepositories, 'canHurry'>;
    readonly clusters: Pick<Clusters, 'targetState'>;
    readonly clock: Clock;
  }) {
    this.#fleet = options.fleet;
    this.#clusters = options.clusters;
    this.#clock = options.clock;
  }

  /** Undefined for a stage without such engines. */
  async of(
    { targets }: Stage,
    { fleet }: Pipeline,
    signal: AbortSignal,
  ): Promise<StageCanaries | undefined> {
    const canHurry = await this.#canHurry(fleet, targets, signal);
    const shown = targets.flatMap(target => {
      const { canary } = this.#clusters.targetState(target);
      // Where people skip the analysis themselves, there is nothing to spare.
      return canary && !canary.skipsAnalysis
        ? [
            {
              target,
              engine: engineTitle(canary.engine),
              isTold: canary.takesOrders === true,
            },
          ]
        : [];
    });
    const all = targets.filter(
      each =>
        shown.some(({ target }) => target === each) ||
        (canHurry.known && canHurry.value.includes(each)),
    );
    const engines = [...new Set(shown.map(({ engine }) => engine))];
    const told = shown
      .filter(({ isTold }) => isTold)
      .map(({ target }) => target);
    return all.length > 0
      ? { targets: all, canHurry, told, engines }
      : undefined;
  }

  async #canHurry(
    fleet: Pipeline['fleet'],
    targets: readonly Target[],
    signal: AbortSignal,
  ): Promise<Known<readonly Target[]>> {
    try {
      return known(await this.#fleet.canHurry(fleet, targets, signal));
    } catch (error) {
      return unknown(
        this.#clock().toISOString(),
        error instanceof Error ? error.message : `${error}`,
      );
    }
  }
}

/** `whole` where even a fast rollback takes a whole canary. What is not known may be fast. */
export function speedOf({ canHurry, told }: StageCanaries): 'fast' | 'whole' {
  const isFast =
    told.length > 0 || !canHurry.known || canHurry.value.length > 0;
  return isFast ? 'fast' : 'whole';
}

/** What the engines will do, and what that means for users. */
export function sayCanaries(
  { targets, canHurry, told, engines }: StageCanaries,
  asked: {
    readonly mode: RollbackMode;
    readonly title: string;
    readonly version: string;
  },
): readonly string[] {
  const { mode, title, version } = asked;
  const who = engines.length > 0 ? engines.join(' and ') : 'the canary';
  if (mode === 'safe') {
    return [
      `${title} goes back safely: ${version} gets its traffic step by step and is watched like a new release; everybody else keeps the present one until that has ended.`,
    ];
  }
  if (!canHurry.known) {
    return [
      `Whether ${title} can go back without a whole canary is not known now: ${canHurry.problem}`,
    ];
  }
  const slow = targets.filter(
    target => !canHurry.value.includes(target) && !told.includes(target),
  );
  const fast = canHurry.value;
  return [
    ...(fast.length > 0
      ? [
          `${title} goes back fast: the commit also tells ${who} in ${clustersOf(
            fast,
          )} to skip its analysis, so ${version} gets all traffic at once and nothing compares it. A second commit takes that back when the rollback has ended.`,
        ]
      : []),
    ...(told.length > 0
      ? [
          `${title} goes back fast: ${who} in ${clustersOf(
            told,
          )} is told to give ${version} all traffic at once, and nothing compares it.`,
        ]
      : []),
    ...(slow.length > 0
      ? [
          `Going back takes a whole canary in ${clustersOf(
            slow,
          )}: no file of the overlay there declares the Canary in a way that can be edited.`,
        ]
      : []),
  ];
}

function clustersOf(targets: readonly Target[]): string {
  return [...new Set(targets.map(({ cluster }) => cluster))].join(' and ');
}
