// SPDX-License-Identifier: Apache-2.0
import { untilPhase } from '../../promotions/__fixtures__/engines';
import type { StoredWave } from '../WaveStore';
import type { WaveStep } from '../WaveSteps';
import type { WaveStage } from './WaveStage';

/** Where a process that moves a wave may die. */
export type KillPoint = readonly [
  where: WaveStep['where'],
  at: WaveStep['at'],
  of: string,
];

/** The moments before and after everything that happens on the way of a wave, by the kind of its step. */
export function killPointsOf(
  onTheWay: Readonly<Partial<Record<WaveStep['at'], readonly string[]>>>,
): readonly KillPoint[] {
  return Object.entries(onTheWay).flatMap(([at, all]) =>
    all.flatMap(of =>
      (['before', 'after'] as const).map(
        where => [where, at as WaveStep['at'], of] as const,
      ),
    ),
  );
}

/**
 * Lets a wave arrive whose process dies on the way, and another one takes over. A runner that never comes back from
 * the kill point stands for the dead one: it is moved look by look, so it writes nothing more.
 */
export async function arriveInSpiteOf(
  [where, at, of]: KillPoint,
  stage: WaveStage,
): Promise<void> {
  const { runner, dead } = stage.mortal(
    step => step.where === where && step.at === at && step.of.includes(of),
  );
  await stage.untilWave(runner, () => false, dead);
  stage.forget();
  await stage.untilWave(stage.runner(), hasArrived);
  await untilPhase(stage.engine, stage.id, 'succeeded');
}

/** Whether a wave has come to its end as it should. */
export function hasArrived({ report }: Pick<StoredWave, 'report'>): boolean {
  return report?.state === 'arrived';
}
