// SPDX-License-Identifier: Apache-2.0
import type { CanaryQuantileLimits, CanaryView } from '../../api/views';
import type { CanaryPolicy, QuantilePolicy } from '../judge/policy';
import { checkView } from './checkView';

/** The limits of a pipeline as charts and their words show them, in percent and milliseconds. */
export function limitsView(policy: CanaryPolicy): CanaryView['limits'] {
  return {
    errorPercent: policy.errorRatePass * 100,
    p95Milliseconds: policy.slaP95Ms,
    latencyPercentAboveBaseline: policy.latencyAboveBaseline * 100,
    cpuPercent: policy.cpuMaxPercent,
    memoryPercent: policy.memoryMaxPercent,
    ...(policy.p50 && { p50: quantileLimits(policy.p50) }),
    ...(policy.p99 && { p99: quantileLimits(policy.p99) }),
    ...(policy.checks && { checks: policy.checks.map(checkView) }),
  };
}

function quantileLimits({
  aboveBaseline,
  limitMs,
}: QuantilePolicy): CanaryQuantileLimits {
  return {
    percentAboveBaseline: aboveBaseline * 100,
    ...(limitMs !== undefined && { milliseconds: limitMs }),
  };
}
