// SPDX-License-Identifier: Apache-2.0
import type { CanaryCheckView } from '../../api/views';
import type { CustomCheck } from '../judge/checks/customCheck';

/** A check of a pipeline as the HTTP API shows it, with shares in percent. */
export function checkView({
  title,
  unit,
  measure,
  rule,
}: CustomCheck): CanaryCheckView {
  const { side, limit, relative } = rule;
  const scale = measure.kind === 'share' ? 100 : 1;
  return {
    title,
    unit,
    side,
    ...(limit !== undefined && { limit: inDigits(limit * scale) }),
    ...(relative !== undefined && {
      percentFromBaseline: inDigits(relative * 100),
    }),
  };
}

/** Without the last digits that a hundredth brings. */
function inDigits(value: number): number {
  return Number(value.toPrecision(12));
}
