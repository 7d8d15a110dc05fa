// SPDX-License-Identifier: Apache-2.0
import type { GateDefinition } from '../pipeline/pipeline';
import type { Instant } from '../time';
import type { GateFacts } from './facts';
import type { GateQuestion } from './question';
import type { GateVerdict } from './verdict';

/** A fact that a gate looks at. It is gathered for it, and it receives nothing else from outside. */
export type GateNeed =
  | { readonly fact: 'stage'; readonly stage: string }
  | { readonly fact: 'drills'; readonly stage: string }
  | { readonly fact: 'devices'; readonly stage: string }
  | {
      readonly fact: 'membership';
      readonly user: string;
      readonly group: string;
    };

export type GateKind = GateDefinition['kind'];
export type GateDefinitionOf<K extends GateKind> = Extract<
  GateDefinition,
  { readonly kind: K }
>;

/** One kind of gate: what it needs to know, and its answer. Unknown is never passed. */
export interface Gate<K extends GateKind> {
  readonly kind: K;
  needs(
    definition: GateDefinitionOf<K>,
    question: GateQuestion,
  ): readonly GateNeed[];
  evaluate(
    definition: GateDefinitionOf<K>,
    asked: {
      readonly question: GateQuestion;
      readonly facts: GateFacts;
      readonly now: Instant;
    },
  ): GateVerdict;
}
