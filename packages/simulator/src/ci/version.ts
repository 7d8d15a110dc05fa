// SPDX-License-Identifier: Apache-2.0

const pattern = /^(\d+)\.(\d+)\.(\d+)$/;

/** The answer of {@link nextVersion}. */
export type VersionChoice =
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * The version a commit is released as: the one its VERSION file names while
 * that is free, else the next free patch of the same minor version.
 */
export function nextVersion(
  declared: string | undefined,
  released: readonly string[],
): VersionChoice {
  const match = pattern.exec(declared?.trim() ?? '');
  if (!match) {
    return {
      kind: 'refused',
      reason: 'The file VERSION must hold a version like 2.7.0.',
    };
  }
  const [version, major, minor] = match;
  if (!released.includes(version)) return { kind: 'version', version };
  const line = `${major}.${minor}.`;
  const patches = released
    .filter(other => other.startsWith(line) && pattern.test(other))
    .map(other => Number(other.slice(line.length)));
  return { kind: 'version', version: `${line}${Math.max(...patches) + 1}` };
}
