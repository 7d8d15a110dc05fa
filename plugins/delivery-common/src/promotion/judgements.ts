// SPDX-License-Identifier: Apache-2.0
import type { TargetJudgement } from './judgeTarget';
import { targetProblems, type TargetProblemCode } from './problems';

/** A named problem with what a person can do about it. */
export function problem(
  code: TargetProblemCode,
  message: string,
): Extract<TargetJudgement, { state: 'problem' }> {
  return {
    state: 'problem',
    problem: { code, message, hint: targetProblems[code].hint },
  };
}

/** Ordinary progress. */
export function moving(
  code: Extract<TargetJudgement, { state: 'moving' }>['code'],
  text: string,
): Extract<TargetJudgement, { state: 'moving' }> {
  return { state: 'moving', code, text };
}
