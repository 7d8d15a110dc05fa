// SPDX-License-Identifier: Apache-2.0
import {
  declares,
  wantedImages,
  type Promotion,
  type ReleaseImage,
  type Target,
} from '@causeway/plugin-delivery-common';
import type { Clusters } from '../clusters/Clusters';
import type { WaveTemplate } from './waveEvents';

/** What a device would get in a cluster now, if its pod were deleted. */
export type SeenTemplate = WaveTemplate['wants'] | 'unknown';

/** What the template of a target's DaemonSet holds, as its cluster shows it now. */
export function templateSeen(
  clusters: Pick<Clusters, 'targetState'>,
  target: Target,
  promotion: Pick<Promotion, 'release' | 'declaration' | 'replaces'>,
): SeenTemplate {
  const { freshness, workload } = clusters.targetState(target);
  if (freshness.state !== 'live' || !workload?.observed) return 'unknown';
  if (declares(workload.images, wantedImages(promotion))) return 'release';
  return declares(workload.images, imagesBefore(promotion))
    ? 'before'
    : 'unknown';
}

/** What the stage ran before; empty when nobody knows. */
export function imagesBefore({
  replaces,
  declaration,
}: Pick<Promotion, 'replaces' | 'declaration'>): readonly ReleaseImage[] {
  return replaces ? wantedImages({ release: replaces, declaration }) : [];
}
