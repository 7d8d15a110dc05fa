// SPDX-License-Identifier: Apache-2.0
import { EntityDisplayName } from '@backstage/plugin-catalog-react';

/** The full name of somebody, given by entity ref. */
export function Person({ entityRef }: { readonly entityRef: string }) {
  return <EntityDisplayName entityRef={entityRef} hideIcon disableTooltip />;
}
