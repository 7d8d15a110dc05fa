// SPDX-License-Identifier: Apache-2.0
import { haveOverlays } from '../pipeline/pipeline';
import type { ReleaseImage } from '../release/release';
import type { Milliseconds } from '../time';
import { wavePolicyFor, type WavePolicy } from '../wave/policy';
import type { WaveState } from '../wave/state';
import { declares } from './declares';
import { wantedImages, type Promotion } from './promotion';

/** What a wave takes from the promotion that it carries out, or would carry out. */
export type PromotionOfWave = Pick<
  Promotion,
  'service' | 'stage' | 'release' | 'declaration'
> &
  Partial<Pick<Promotion, 'kind' | 'mode'>>;

/** No device is tried first, none is watched, and none waits for another but for the room at its site. */
const hurried: Partial<WavePolicy> = {
  mode: { kind: 'growth' },
  canaries: 1_000_000,
  growth: 1_000_000,
  approveAfterCanaries: false,
  firstSoak: 0,
  soak: 0,
  watch: 0,
  tolerance: 1,
  classTolerance: 1,
  unhealthy: 'alike',
  prePull: undefined,
};

const minute: Milliseconds = 60_000;

/**
 * The wave of a promotion. Its order follows from the service, the stage and the release, so that what
 * a preview shows is what will be done. A fast rollback goes to all devices as their sites have room.
 *
 * @param devices - those of the stage
 */
export function waveOf(
  promotion: PromotionOfWave,
  devices: readonly { readonly site: string }[],
): Pick<WaveState, 'id' | 'policy' | 'target'> {
  const { service, stage, release, declaration } = promotion;
  const isHurried = promotion.kind === 'rollback' && promotion.mode !== 'safe';
  const wanted = wantedImages({ release, declaration });
  return {
    id: `${service}/${stage}/${release.version}`,
    target: contentOf(wanted),
    policy: {
      ...wavePolicyFor(devices),
      // Only where the pipeline asks for it, since it makes pods in the cluster.
      prePull: undefined,
      slowAfter: (isHurried ? 5 : 30) * minute,
      ...declaration.wave?.policy,
      ...(isHurried && hurried),
      // Their templates have the release no sooner than at their turn.
      ...(haveOverlays(declaration.targets) && { prePull: undefined }),
      // What ran before is not judged: there is nothing it could be taken back to.
      ...(promotion.kind === 'rollback' && { health: undefined }),
    },
  };
}

/** Names what pods with these images run: the release itself where they have its digests. */
export function runningContent(
  images: readonly string[],
  wanted: readonly ReleaseImage[],
): string {
  return declares(images, wanted) ? contentOf(wanted) : images.join(',');
}

function contentOf(wanted: readonly ReleaseImage[]): string {
  return wanted
    .map(({ name, digest }) => `${name}@${digest}`)
    .sort()
    .join(',');
}
