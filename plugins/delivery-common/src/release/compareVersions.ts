// SPDX-License-Identifier: Apache-2.0

interface Version {
  readonly numbers: readonly [number, number, number];
  readonly prerelease: readonly (string | number)[];
}

const SEMANTIC =
  /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/**
 * Orders versions as semver.org does (precedence, build metadata ignored): negative when `left` is
 * older. Undefined when one of them is not a semantic version (`develop-<sha>`), because then only
 * the time of the report says which is newer.
 */
export function compareVersions(
  left: string,
  right: string,
): number | undefined {
  const a = parse(left);
  const b = parse(right);
  if (!a || !b) return undefined;
  for (let part = 0; part < 3; part++) {
    if (a.numbers[part] !== b.numbers[part]) {
      return a.numbers[part] - b.numbers[part];
    }
  }
  return comparePrerelease(a.prerelease, b.prerelease);
}

function parse(text: string): Version | undefined {
  const match = SEMANTIC.exec(text);
  if (!match) return undefined;
  return {
    numbers: [Number(match[1]), Number(match[2]), Number(match[3])],
    prerelease: (match[4]?.split('.') ?? []).map(part =>
      /^\d+$/.test(part) ? Number(part) : part,
    ),
  };
}

/** A version without a prerelease is newer; numbers are older than words; more parts are newer. */
function comparePrerelease(
  left: Version['prerelease'],
  right: Version['prerelease'],
): number {
  if (left.length === 0 || right.length === 0) {
    return (left.length === 0 ? 1 : 0) - (right.length === 0 ? 1 : 0);
  }
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const order = compareIdentifiers(left[index], right[index]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareIdentifiers(
  left: string | number,
  right: string | number,
): number {
  if (typeof left === 'number' && typeof right === 'number') {
    return left - right;
  }
  if (typeof left === 'number') return -1;
  if (typeof right === 'number') return 1;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
