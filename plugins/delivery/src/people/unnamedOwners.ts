// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';

/** The owners whose name a sentence does not already say, so that nobody is named twice. */
export function unnamedOwners(
  sentence: string,
  owners: readonly string[],
): readonly string[] {
  return owners.filter(owner => !sentence.includes(nameOf(owner)));
}

function nameOf(owner: string): string {
  try {
    return parseEntityRef(owner).name;
  } catch {
    // Not an entity ref: a name as people write it.
    return owner;
  }
}
