// SPDX-License-Identifier: Apache-2.0
import type { PipelineView, StateKey } from '@causeway/plugin-delivery-common';
import { useDeliveryTranslation } from '../translation';

/** One gate's answer for one release. */
export type Gate = PipelineView['stages'][number]['gates'][number];

/** Whether a gate no longer stands in the way. A bypassed gate did not pass, but is open. */
export function hasPassed(gate: Gate): boolean {
  return gate.verdict === 'passed' || gate.verdict === 'bypassed';
}

/** Whether its sentence is worth reading: what is missing, or which devices were not counted. */
export function isTelling(gate: Gate): boolean {
  return !hasPassed(gate) || gate.kind === 'deviceHealth';
}

/** The mark of a gate. An open approval is the person's own when the backend lets them approve. */
export function gateShape(gate: Gate, isMine: boolean): StateKey {
  switch (gate.verdict) {
    case 'passed':
      return 'ok';
    case 'failed':
      return 'bad';
    case 'bypassed':
      return 'bypass';
    default:
      return isMine && gate.kind === 'approval' ? 'you' : 'wait';
  }
}

/** Names a gate: the word for its kind where we have one, otherwise its own name. */
export function useGateTitle(): (gate: Gate) => string {
  const { t } = useDeliveryTranslation();
  return gate => {
    switch (gate.kind) {
      case 'approval':
        return t('gate.approval');
      case 'soak':
        return t('gate.soak');
      default:
        return gate.gate;
    }
  };
}
