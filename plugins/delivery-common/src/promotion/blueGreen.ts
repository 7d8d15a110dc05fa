// SPDX-License-Identifier: Apache-2.0
import {
  otherColour,
  type Colour,
  type ColoursState,
} from '../cluster/describeColours';
import { later, type Instant } from '../time';
import { declares } from './declares';
import type { TargetFact } from './facts';
import {
  isActive,
  targetKey,
  wantedImages,
  type Promotion,
  type PromotionCommit,
  type PromotionProblem,
} from './promotion';

/** What a promotion does with the two colours of one target. */
export interface ColourChoice {
  /** The colour that was live in the cluster when this was chosen. */
  readonly live: Colour;
  /** The colour that gets the release; the live one where that runs it already. */
  readonly to: Colour;
  /** How many pods the live colour was to have, and so the other one. */
  readonly replicas: number;
}

/** By target key. */
export type ColourChoices = Readonly<Record<string, ColourChoice>>;

/** How far a promotion between two colours has come. */
export interface BlueGreenProgress {
  readonly choices: ColourChoices;
  /** The first commit switches, too: every target already runs the release, ready to serve. */
  readonly atOnce: boolean;
  /** From this moment a commit that switches may exist. */
  readonly switching?: Instant;
  readonly switched?: {
    readonly at: Instant;
    readonly commit: PromotionCommit;
  };
  /** By target key: when its Service was first seen to select the new colour. */
  readonly serving: Readonly<Record<string, Instant>>;
  /** It is switched back, since when, why and by whom. From here a commit that does so may exist. */
  readonly returning?: {
    readonly at: Instant;
    readonly by: string;
    readonly problem: PromotionProblem;
  };
  readonly returned?: {
    readonly at: Instant;
    readonly commit: PromotionCommit;
  };
  /** The colour that nobody needs any more was scaled to nothing, or somebody else needs it. */
  readonly retired?: true;
}

/**
 * What to do with the colours, from what the clusters show now. A string says why that can not be
 * told: nothing is written on a guess about which colour serves users.
 */
export function chooseColours(
  promotion: Pick<Promotion, 'kind' | 'release' | 'declaration'>,
  targets: Readonly<Record<string, Pick<TargetFact, 'state'>>>,
): { readonly choices: ColourChoices; readonly atOnce: boolean } | string {
  const images = wantedImages(promotion);
  const choices: Record<string, ColourChoice> = {};
  let isReady = true;
  for (const target of promotion.declaration.targets) {
    const key = targetKey(target);
    const state = targets[key]?.state;
    const { freshness, colours } = state ?? {};
    if (freshness?.state !== 'live') {
      return `${target.cluster} can not be seen, so it is not known which colour serves there.`;
    }
    if (!colours?.live) {
      return `${target.cluster}: ${
        colours?.problem ?? 'The target has no two colours.'
      }`;
    }
    const { live } = colours;
    const isThere = declares(colours[live].images, images);
    const to = isThere ? live : otherColour(live);
    const { desired } = colours[live].replicas;
    choices[key] = { live, to, replicas: Math.max(1, desired) };
    // What goes forward is tried first, and a person may want a word.
    const isKept =
      promotion.kind === 'rollback' && isReadyToServe(colours, to, images);
    isReady &&= isThere || isKept;
  }
  return { choices, atOnce: isReady };
}

/** Its pods run the images and could take the requests of the other colour now. */
function isReadyToServe(
  colours: ColoursState,
  colour: Colour,
  images: Parameters<typeof declares>[1],
): boolean {
  const { health, replicas, observed } = colours[colour];
  const { desired } = colours[otherColour(colour)].replicas;
  return (
    declares(colours[colour].images, images) &&
    observed &&
    health === 'healthy' &&
    replicas.available >= desired
  );
}

/** Colours that the promotion leaves running without need, by target key, and when to end them. */
export interface Retirement {
  readonly at: Instant;
  /** The promotion's last commit so far. */
  readonly since: string;
  readonly colours: Readonly<Record<string, Colour>>;
}

/**
 * What an ended promotion still has to tidy up: after a success the old colour, when it was kept long
 * enough; after a failure or a cancellation the new one, at once. What gave way after its switch
 * leaves that to its successor, which knows where it goes.
 */
export function retirementOf(promotion: Promotion): Retirement | undefined {
  const { colours, declaration } = promotion;
  if (!colours || colours.retired || isActive(promotion)) return undefined;
  const written = 'commit' in promotion && promotion.commit;
  if (!written || !declaration.blueGreen) return undefined;
  const { finishedAt } = promotion;
  const { sha: since } =
    colours.returned?.commit ?? colours.switched?.commit ?? written;
  if (promotion.phase === 'succeeded') {
    return {
      at: later(finishedAt, declaration.blueGreen.keep),
      since,
      colours: map(colours.choices, ({ to }) => otherColour(to)),
    };
  }
  const isBack = !colours.switching || colours.returned;
  if (!isBack) return undefined;
  const unused = Object.entries(colours.choices).filter(
    ([, { live, to }]) => live !== to,
  );
  return unused.length > 0
    ? {
        at: finishedAt,
        since,
        colours: map(Object.fromEntries(unused), ({ to }) => to),
      }
    : undefined;
}

/** It ended, and no cluster was told to send its version any requests. */
export function neverSwitched(promotion: Promotion): boolean {
  const { colours } = promotion;
  if (!colours || isActive(promotion)) return false;
  return !colours.switching || colours.returned !== undefined;
}

function map<T>(
  choices: ColourChoices,
  value: (choice: ColourChoice) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(choices).map(([key, choice]) => [key, value(choice)]),
  );
}
