// SPDX-License-Identifier: Apache-2.0
import type { Target } from '../pipeline/pipeline';
import type { Facts, TargetFact } from './facts';
import type { TargetJudgement } from './judgeTarget';
import { moving, problem } from './judgements';
import { targetKey } from './promotion';

/**
 * Where a wave brings the release to devices, Flux only changes the template; what the devices run is
 * the wave's word, and the DaemonSet's numbers say nothing: devices that are away count in them, too.
 */
export function judgeWave(
  target: Target,
  judged: TargetJudgement,
  { state }: TargetFact,
  facts: Facts,
): TargetJudgement {
  if (!('applied' in judged) || !judged.applied) return judged;
  const { applied } = judged;
  const isGone =
    judged.state === 'problem' && judged.problem.code === 'workloadMissing';
  if (isGone) return judged;
  const { wave } = facts;
  if (!wave) return { ...moving('wave', 'The wave begins.'), applied };
  switch (wave.state) {
    case 'arrived':
      return {
        state: 'proven',
        applied,
        proof: {
          target: targetKey(target),
          seenAt: facts.now,
          revision: applied.revision,
          images: state.workload?.images ?? [],
          replicas: wave.counts.proven,
        },
      };
    case 'stopped':
      return { ...problem('waveStopped', wave.sentence), applied };
    default:
      return { ...moving('wave', wave.sentence), applied };
  }
}
