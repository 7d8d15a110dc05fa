// SPDX-License-Identifier: Apache-2.0
import type { Arm, CanaryMinute, CanaryPlan, CheckSample } from '../minutes';
import type { JudgeParameters } from '../policy';

/** What one check of the team says. */
export interface CheckFindings {
  readonly title: string;
  readonly condemned: boolean;
  /** What speaks against the version, as part of a sentence; undefined when nothing does. */
  readonly against: string | undefined;
  /** Whether the canary may get more traffic, and what was seen, as part of a sentence. */
  readonly gate: { readonly open: boolean; readonly words: string };
}

/** What is known when the checks are asked. */
export interface CheckQuestion {
  /** Minutes of canary and history in which the baseline was well. */
  readonly clean: readonly CanaryMinute[];
  /** Those of the canary behind its warm-up. */
  readonly warm: readonly CanaryMinute[];
  /** The newest minute. */
  readonly last: number;
  /** Weight of the step in percent. */
  readonly weight: number;
  readonly step: number;
  readonly plan: CanaryPlan;
  readonly parameters: JudgeParameters;
}

/** What a check says by its measurements alone. */
export type CheckVerdict = Omit<CheckFindings, 'title' | 'condemned'>;

/** What an arm measured for a check in a minute; undefined where it was not heard or can not be. */
export function sampleOf(
  minute: CanaryMinute,
  arm: Arm,
  title: string,
): CheckSample | undefined {
  const sample = minute[arm].checks?.find(each => each.title === title);
  if (!sample || !Number.isFinite(sample.value)) return undefined;
  const { value, of } = sample;
  if (of === undefined) return sample;
  return Number.isFinite(of) && value >= 0 && value <= of ? sample : undefined;
}
