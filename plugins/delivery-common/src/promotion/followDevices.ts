// SPDX-License-Identifier: Apache-2.0
import type { Facts } from './facts';
import { declares } from './declares';
import { targetProblems } from './problems';
import {
  PORTAL_ACTOR,
  targetKey,
  wantedImages,
  type ActivePromotion,
  type TargetProof,
} from './promotion';
import type { Step, Wake } from './step';

type Following = Extract<
  ActivePromotion,
  { phase: 'reconciling' | 'verifying' }
>;

/**
 * The next step where devices have an overlay each: the word of the wave, whatever is known of each
 * cluster, because one that is away holds nobody up.
 */
export function followDevices(promotion: Following, facts: Facts): Step {
  const { wave, now } = facts;
  const byPortal = { at: now, actor: PORTAL_ACTOR };
  if (wave?.state === 'arrived')
    return {
      kind: 'record',
      event: {
        ...byPortal,
        type: 'succeeded',
        proof: proofOf(promotion, facts),
      },
    };
  if (wave?.state === 'stopped')
    return {
      kind: 'record',
      event: {
        ...byPortal,
        type: 'failed',
        problem: {
          code: 'waveStopped',
          message: wave.sentence,
          hint: targetProblems.waveStopped.hint,
        },
      },
    };
  const clusters = new Set(
    promotion.declaration.targets.map(({ cluster }) => cluster),
  );
  const [first, ...others] = [...clusters].map(
    (cluster): Wake => ({ on: 'cluster', cluster }),
  );
  return {
    kind: 'wait',
    // A promotion always has targets; without any it would wait for a decision.
    wake: [first ?? { on: 'decision' }, ...others],
    unmet: [
      {
        code: 'wave',
        text: wave?.sentence ?? 'The wave begins.',
        owners: [],
      },
    ],
  };
}

/** Of the devices that are seen with the release now; others follow when they are back. */
function proofOf(
  promotion: Following,
  { targets, now }: Facts,
): readonly TargetProof[] {
  const wanted = wantedImages(promotion);
  return promotion.declaration.targets.flatMap(target => {
    const state = targets[targetKey(target)]?.state;
    const { workload, flux, freshness } = state ?? {};
    const isSeen = freshness?.state === 'live' && workload?.observed;
    if (!isSeen || !declares(workload.images, wanted)) return [];
    return [
      {
        target: targetKey(target),
        seenAt: now,
        revision: flux?.lastAppliedRevision ?? promotion.commit.sha,
        images: workload.images,
        replicas: workload.replicas.available,
      },
    ];
  });
}
