// SPDX-License-Identifier: Apache-2.0

const pattern = /^(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?$/;

/** The answer of {@link nextVersion}. */
export type VersionChoice =
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * The version a commit is released as: the one its VERSION file names while
 * that is free, else the next free patch of the same minor version, with the
 * same suffix if there is one.
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
  const [version, major, minor, , suffix = ''] = match;
  if (!released.includes(version)) return { kind: 'version', version };
  const patches = released.flatMap(other => {
    const [, otherMajor, otherMinor, patch] = pattern.exec(other) ?? [];
    return otherMajor === major && otherMinor === minor ? [Number(patch)] : [];
  });
  const patch = Math.max(...patches) + 1;
  return { kind: 'version', version: `${major}.${minor}.${patch}${suffix}` };
}

/** The version a tag like `v2.7.0` stands for; undefined for other tags. */
export function versionOfTag(tag: string): string | undefined {
  const version = tag.startsWith('v') ? tag.slice(1) : '';
  return pattern.test(version) ? version : undefined;
}
