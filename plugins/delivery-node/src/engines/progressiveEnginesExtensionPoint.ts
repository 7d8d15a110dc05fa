// SPDX-License-Identifier: Apache-2.0
import { createExtensionPoint } from '@backstage/backend-plugin-api';
import type { ProgressiveEngine } from './ProgressiveEngine';

/**
 * Where modules add engines to the delivery plugin. Flagger and Argo Rollouts are there already.
 *
 * @public
 */
export interface ProgressiveEnginesExtensionPoint {
  /** Of two engines that know the same workload the one that was added first counts. */
  addEngine(engine: ProgressiveEngine): void;
}

/**
 * Extension point of the delivery plugin for engines that give new versions their traffic.
 *
 * @public
 */
export const progressiveEnginesExtensionPoint =
  createExtensionPoint<ProgressiveEnginesExtensionPoint>({
    id: 'delivery.progressive-engines',
  });
