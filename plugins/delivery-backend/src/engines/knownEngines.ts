// SPDX-License-Identifier: Apache-2.0
import type { ProgressiveEngine } from '@causeway/plugin-delivery-node';
import { argoRollouts } from './argoRollouts';
import { flagger } from './flagger';

/** The engines that the plugin brings itself, in the order in which they are asked. */
export function knownEngines(): readonly ProgressiveEngine[] {
  return [flagger(), argoRollouts()];
}
