// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';

/** The one spelling of a full entity ref; undefined for text that is none. */
export function canonicalRef(text: string): string | undefined {
  try {
    return stringifyEntityRef(parseEntityRef(text));
  } catch {
    // Whatever can not be parsed names nothing in the catalog.
    return undefined;
  }
}
