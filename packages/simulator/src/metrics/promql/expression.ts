// SPDX-License-Identifier: Apache-2.0
import type { LabelMatcher } from '../SeriesSource';

/** When a selector or subquery looks. All in milliseconds. */
export interface Moment {
  /** How far before the evaluation time; negative looks ahead. */
  readonly offset: number;
  /** A fixed time instead of the evaluation time. */
  readonly at?: number | 'start' | 'end';
}

/** Which series of the two sides of an operator belong together. */
export interface Matching {
  /** Only these labels count (`on`), or all but these (`ignoring`). */
  readonly on: boolean;
  readonly labels: readonly string[];
  /** The side of which several may meet one of the other. */
  readonly many?: 'left' | 'right';
  /** Labels taken over from the one side. */
  readonly include: readonly string[];
}

/** A selector of series. */
export interface Selector {
  readonly kind: 'selector';
  readonly matchers: readonly LabelMatcher[];
  readonly moment: Moment;
}

/** A PromQL expression. Durations are in milliseconds. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | Selector
  | {
      readonly kind: 'range';
      readonly selector: Selector;
      readonly range: number;
    }
  | {
      readonly kind: 'subquery';
      readonly expression: Expression;
      readonly range: number;
      /** The evaluation interval when left out. */
      readonly step: number | undefined;
      readonly moment: Moment;
    }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly parameters: readonly Expression[];
    }
  | {
      readonly kind: 'aggregate';
      readonly operator: string;
      readonly parameter: Expression | undefined;
      readonly expression: Expression;
      readonly without: boolean;
      readonly labels: readonly string[];
    }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
      /** Comparisons answer 0 or 1 instead of filtering. */
      readonly bool: boolean;
      readonly matching: Matching;
    }
  | { readonly kind: 'negation'; readonly expression: Expression };

/** The query is no PromQL. */
export class QuerySyntaxError extends Error {}

/** The query is PromQL, but can not be evaluated: something in it is not simulated, or does not fit the data. */
export class QueryExecutionError extends Error {}
