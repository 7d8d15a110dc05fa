// SPDX-License-Identifier: Apache-2.0
import type { FleetChange } from './FleetRepositories';

/** Trailer that ties a commit to its promotion. */
export const promotionTrailer = 'Causeway-Promotion';

/** Trailer of the commit that takes back what a promotion told engines; its own, so that a promotion has one commit. */
export const restoringTrailer = 'Causeway-Restores';

/** Trailers of the commits that follow the one of a promotion between two colours. */
export const colourTrailers = {
  new: 'Causeway-Switches',
  back: 'Causeway-Switches-Back',
  retire: 'Causeway-Retires',
} as const;

export type ColourTrailer =
  (typeof colourTrailers)[keyof typeof colourTrailers];

/** Trailer of a commit that tells engines to skip their analysis. */
const analysisTrailer = 'Canary-Analysis';
const skipped = 'skipped';

/** Says in a commit that engines are to skip their analysis. */
export const skipsAnalysis = [analysisTrailer, skipped] as const;

/** Every trailer that names the promotion which a commit is of. */
export const trailersOfPromotions = [
  promotionTrailer,
  restoringTrailer,
  ...Object.values(colourTrailers),
] as const;

export type PromotionTrailer = (typeof trailersOfPromotions)[number];

/** Format for `git log` that `parseTrailers` reads. */
export const trailerFormat = `--format=%H%n%(trailers:${[
  ...trailersOfPromotions,
  analysisTrailer,
]
  .map(key => `key=${key}`)
  .join(',')})`;

/** Subject, empty line, trailers. Line ends in values would make trailers of their own and become spaces. */
export function commitMessage(
  change: Pick<FleetChange, 'subject' | 'trailers'>,
): string {
  const lines = change.trailers.map(
    ([key, value]) => `${key}: ${oneLine(value)}`,
  );
  return `${oneLine(change.subject)}\n\n${lines.join('\n')}\n`;
}

/** A commit and what it says about itself. */
export interface ToldCommit {
  readonly sha: string;
  /** The promotions that it is of. */
  readonly promotions: readonly string[];
  /** The promotions for which it lets engines compare again. */
  readonly restores: readonly string[];
  /** The promotions whose colours it changes after their first commit. */
  readonly colours: Readonly<Record<ColourTrailer, readonly string[]>>;
  readonly skipsAnalysis: boolean;
}

/** Reads what `git log` wrote in {@link trailerFormat}. */
export function parseTrailers(text: string): ToldCommit {
  const [sha, ...lines] = text.split('\n').map(line => line.trim());
  const valuesOf = (key: string) =>
    lines
      .filter(line => line.startsWith(`${key}:`))
      .map(line => line.slice(key.length + 1).trim())
      .filter(Boolean);
  return {
    sha,
    promotions: valuesOf(promotionTrailer),
    restores: valuesOf(restoringTrailer),
    colours: {
      [colourTrailers.new]: valuesOf(colourTrailers.new),
      [colourTrailers.back]: valuesOf(colourTrailers.back),
      [colourTrailers.retire]: valuesOf(colourTrailers.retire),
    },
    skipsAnalysis: valuesOf(analysisTrailer).includes(skipped),
  };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
