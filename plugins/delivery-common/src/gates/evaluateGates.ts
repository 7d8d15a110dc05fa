// SPDX-License-Identifier: Apache-2.0
import type { GateDefinition } from '../pipeline/pipeline';
import type { Instant } from '../time';
import { approval } from './approval';
import { deviceHealth } from './deviceHealth';
import { drill } from './drill';
import type { GateFacts } from './facts';
import type { GateNeed } from './gate';
import type { GateQuestion } from './question';
import { soak } from './soak';
import type { GateVerdict } from './verdict';

/** Every gate's answer, in the order of the definitions. */
export function evaluateGates(
  definitions: readonly GateDefinition[],
  asked: {
    readonly question: GateQuestion;
    readonly facts: GateFacts;
    readonly now: Instant;
  },
): readonly GateVerdict[] {
  return definitions.map(definition => {
    switch (definition.kind) {
      case 'approval':
        return approval.evaluate(definition, asked);
      case 'soak':
        return soak.evaluate(definition, asked);
      case 'drill':
        return drill.evaluate(definition, asked);
      case 'deviceHealth':
        return deviceHealth.evaluate(definition, asked);
      default:
        return unheardOf(definition);
    }
  });
}

/** The facts that the gates look at, so that nothing else is asked for. */
export function gateNeeds(
  definitions: readonly GateDefinition[],
  question: GateQuestion,
): readonly GateNeed[] {
  return definitions.flatMap(definition => {
    switch (definition.kind) {
      case 'approval':
        return approval.needs(definition, question);
      case 'soak':
        return soak.needs(definition, question);
      case 'drill':
        return drill.needs(definition, question);
      case 'deviceHealth':
        return deviceHealth.needs(definition, question);
      default:
        return unheardOf(definition);
    }
  });
}

/** Whether a release may go on: every gate passed (or was bypassed, which is recorded as such). */
export function allPassed(verdicts: readonly GateVerdict[]): boolean {
  return verdicts.every(
    ({ verdict }) => verdict === 'passed' || verdict === 'bypassed',
  );
}

function unheardOf(definition: never): never {
  throw new TypeError(`Unknown gate ${JSON.stringify(definition)}`);
}
