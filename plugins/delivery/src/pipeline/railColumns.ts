// SPDX-License-Identifier: Apache-2.0
import type { StageView } from '@causeway/plugin-delivery-common';

/** Whether something moves in a stage now. */
export function isLive(stage: StageView): boolean {
  return stage.state.key === 'run';
}

/** The columns that the rail and the road under it share: live stages are a third wider. */
export function columnsOf(stages: readonly StageView[]): string {
  return stages
    .map(stage => `minmax(0, ${isLive(stage) ? 1.34 : 1}fr)`)
    .join(' ');
}

/** The width at which the columns stop growing: 420 px each. */
export function widestOf(stages: readonly StageView[]): string {
  return `${stages.length * 420}px`;
}
