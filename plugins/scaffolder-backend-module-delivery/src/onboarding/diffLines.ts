// SPDX-License-Identifier: Apache-2.0

/** Longer texts are compared whole; nobody reads such a difference line by line. */
const MOST_LINES = 400;

/** What differs between two texts: lines of the first with `-`, of the second with `+`, others left out. */
export function diffLines(before: string, after: string): string {
  const left = before.split('\n');
  const right = after.split('\n');
  if (left.length > MOST_LINES || right.length > MOST_LINES) {
    return `- ${left.length} lines\n+ ${right.length} lines`;
  }
  const common = lengthsOfCommon(left, right);
  const lines: string[] = [];
  let here = 0;
  let there = 0;
  while (here < left.length || there < right.length) {
    if (left[here] === right[there] && here < left.length) {
      here += 1;
      there += 1;
    } else if (
      there >= right.length ||
      (here < left.length && common[here + 1][there] >= common[here][there + 1])
    ) {
      lines.push(`- ${left[here]}`);
      here += 1;
    } else {
      lines.push(`+ ${right[there]}`);
      there += 1;
    }
  }
  return lines.join('\n');
}

/** For each pair of ends, how many lines both have in common from there on. */
function lengthsOfCommon(
  left: readonly string[],
  right: readonly string[],
): readonly (readonly number[])[] {
  const table = Array.from({ length: left.length + 1 }, () =>
    new Array<number>(right.length + 1).fill(0),
  );
  for (let here = left.length - 1; here >= 0; here -= 1) {
    for (let there = right.length - 1; there >= 0; there -= 1) {
      table[here][there] =
        left[here] === right[there]
          ? table[here + 1][there + 1] + 1
          : Math.max(table[here + 1][there], table[here][there + 1]);
    }
  }
  return table;
}
