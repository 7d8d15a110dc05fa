// SPDX-License-Identifier: Apache-2.0

/** A check of a team's own, beside those that the judge always makes. */
export interface CustomCheck {
  /** Tells the checks of a stage apart. */
  readonly title: string;
  /** What it is measured in; `%` for a share. */
  readonly unit: string;
  readonly measure: CheckMeasure;
  readonly rule: CheckRule;
}

/** How a check is measured of each arm, as PromQL with placeholders. */
export type CheckMeasure =
  | {
      readonly kind: 'share';
      /** Selectors of counters: what is counted, and of how many. */
      readonly part: string;
      readonly whole: string;
    }
  | {
      readonly kind: 'value';
      /** An expression with one series an arm: a gauge, a mean or a quantile. */
      readonly query: string;
    };

/** What a new version must keep to; at least one of the two limits. */
export interface CheckRule {
  /** `upper`: less is better. `lower`: more is better. */
  readonly side: 'upper' | 'lower';
  /** Of a share between 0 and 1, of a value in its unit. */
  readonly limit?: number;
  /** How far it may lie beyond the baseline's, as a share of that. */
  readonly relative?: number;
}

/** How long `{{window}}` is in a query: a minute, like everything that is judged. */
export const checkWindow = '1m';
