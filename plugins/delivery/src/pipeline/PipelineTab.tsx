// SPDX-License-Identifier: Apache-2.0
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity } from '@backstage/plugin-catalog-react';
import { Pipeline } from './Pipeline';

/** The Pipeline tab of an entity. */
export function PipelineTab() {
  const { entity } = useEntity();
  return <Pipeline service={stringifyEntityRef(entity)} />;
}
