// SPDX-License-Identifier: Apache-2.0

/**
 * The known name that somebody most likely meant: the closest by edits (insert, remove, replace),
 * if it is within a third of the length; otherwise undefined rather than a far-fetched guess.
 */
export function nearestName(
  written: string,
  known: readonly string[],
): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    const distance = editDistance(written.slice(0, 64), name.slice(0, 64));
    if (!best || distance < best.distance) best = { name, distance };
  }
  if (!best) return undefined;
  const allowed = Math.max(
    2,
    Math.floor(Math.max(written.length, best.name.length) / 3),
  );
  return best.distance <= allowed ? best.name : undefined;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      next[j] = Math.min(
        next[j - 1] + 1,
        row[j] + 1,
        row[j - 1] + (left[i - 1] === right[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[right.length];
}
