// SPDX-License-Identifier: Apache-2.0
import type { FleetChange } from './FleetRepositories';

/** Trailer that ties a commit to its promotion. */
export const promotionTrailer = 'Causeway-Promotion';

/** Format for `git log` that `parseTrailers` reads. */
export const trailerFormat = `--format=%H%n%(trailers:key=${promotionTrailer},valueonly)`;

/** Subject, empty line, trailers. Line ends in values would make trailers of their own and become spaces. */
export function commitMessage(
  change: Pick<FleetChange, 'subject' | 'trailers' | 'promotion'>,
): string {
  const trailers = [...change.trailers, [promotionTrailer, change.promotion]];
  const lines = trailers.map(([key, value]) => `${key}: ${oneLine(value)}`);
  return `${oneLine(change.subject)}\n\n${lines.join('\n')}\n`;
}

/** A commit and the promotions that it says it is of. */
export function parseTrailers(text: string): {
  readonly sha: string;
  readonly promotions: readonly string[];
} {
  const [sha, ...promotions] = text.split('\n').map(line => line.trim());
  return { sha, promotions: promotions.filter(Boolean) };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
