// SPDX-License-Identifier: Apache-2.0
import type { Entity } from '@backstage/catalog-model';

/**
 * The annotation that names a service's pipeline document, for example `./delivery.yaml`.
 *
 * @public
 */
export const PIPELINE_ANNOTATION = 'causeway.dev/pipeline';

/**
 * Whether an entity says where its pipeline document is.
 *
 * @public
 */
export function hasPipeline(entity: Entity): boolean {
  return entity.metadata.annotations?.[PIPELINE_ANNOTATION] !== undefined;
}
