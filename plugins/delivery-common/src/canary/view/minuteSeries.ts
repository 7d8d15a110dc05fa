// SPDX-License-Identifier: Apache-2.0
import type { CanaryMinuteView } from '../../api/views';
import { later, type Instant } from '../../time';
import { histogramOf, latencyQuantile } from '../judge/buckets';
import {
  stepOf,
  type ArmMinute,
  type CanaryMinute,
  type CanaryPlan,
  type CheckSample,
} from '../judge/minutes';

const MINUTE = 60_000;

/**
 * Minutes for charts and tables: counts as they were, quantiles read from the buckets as the judge
 * reads them. A minute in which an arm was not heard has no quantiles. The minute in which a step was
 * taken counts to the new one.
 */
export function minuteSeries({
  minutes,
  boundsMs,
  begin,
  plan,
}: {
  readonly minutes: readonly CanaryMinute[];
  readonly boundsMs: readonly number[];
  /** When minute 1 began. */
  readonly begin: Instant;
  readonly plan: CanaryPlan;
}): readonly CanaryMinuteView[] {
  return minutes.map(({ minute, baseline, canary }) => ({
    minute,
    at: later(begin, (minute - 1) * MINUTE),
    weight: minute > 0 ? plan.weights[stepOf(plan, minute)] ?? 0 : 0,
    baseline: arm(baseline, boundsMs),
    canary: arm(canary, boundsMs),
  }));
}

function arm(
  {
    requests,
    errors,
    buckets,
    cpuPercent,
    memoryPercent,
    scrapes,
    checks = [],
  }: ArmMinute,
  boundsMs: readonly number[],
): CanaryMinuteView['canary'] {
  const histogram = histogramOf(buckets, boundsMs);
  const quantile = (name: 'p50' | 'p95' | 'p99', share: number) => {
    const found =
      scrapes > 0 ? latencyQuantile(histogram, share)?.value : undefined;
    return found === undefined ? {} : { [name]: Math.round(found * 10) / 10 };
  };
  return {
    requests,
    errors,
    ...quantile('p50', 0.5),
    ...quantile('p95', 0.95),
    ...quantile('p99', 0.99),
    ...(cpuPercent !== null && { cpuPercent }),
    ...(memoryPercent !== null && { memoryPercent }),
    ...(checks.length > 0 && { checks: checks.flatMap(checkOf) }),
  };
}

/** A share of nothing is unknown. */
function checkOf({ title, value, of }: CheckSample) {
  if (of === undefined) return [{ title, value }];
  return of > 0 ? [{ title, value: (value / of) * 100 }] : [];
}
