// SPDX-License-Identifier: Apache-2.0
import { useEntityPresentation } from '@backstage/plugin-catalog-react';

/** The name of a person of the catalog. */
export function PersonName(props: { entityRef: string }) {
  const { primaryTitle } = useEntityPresentation(props.entityRef);
  return <span title={props.entityRef}>{primaryTitle}</span>;
}
