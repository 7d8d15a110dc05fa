// SPDX-License-Identifier: Apache-2.0
import {
  defaultCanaryPolicy,
  usualQuantiles,
  type CanaryPolicy,
} from '../canary/judge/policy';
import { buildCheck, type CheckDocument } from './customChecks';
import { checkedDuration } from './duration';
import type {
  BlueGreenStrategy,
  CanaryStrategy,
  Stage,
  SwitchMetrics,
} from './pipeline';
import { buildWave, type WaveDocument } from './waveStrategy';

/** A strategy as the document writes it, once the schema accepted it: exactly one. */
export interface StrategyDocument {
  readonly canary?: CanaryDocument;
  readonly blueGreen?: BlueGreenDocument;
  readonly wave?: WaveDocument;
}

interface BlueGreenDocument {
  readonly smokeTest?: string;
  readonly watch?: string;
  readonly keep?: string;
  readonly promotion?: BlueGreenStrategy['promotion'];
  readonly undecided?: SwitchMetrics['undecided'];
  readonly limits?: Pick<
    NonNullable<CanaryDocument['limits']>,
    | 'errorPercent'
    | 'errorPercentAboveBaseline'
    | 'p95Milliseconds'
    | 'latencyPercentAboveBaseline'
  >;
}

interface CanaryDocument {
  readonly soak?: string;
  readonly warmUp?: string;
  readonly longestWait?: string;
  readonly promotion?: CanaryStrategy['promotion'];
  readonly onFault?: CanaryStrategy['onFault'];
  readonly analysis?: boolean;
  readonly limits?: {
    readonly errorPercent?: number;
    readonly rollbackErrorPercent?: number;
    readonly errorPercentAboveBaseline?: number;
    readonly latencyPercentAboveBaseline?: number;
    readonly p95Milliseconds?: number;
    readonly rollbackLatencyFactor?: number;
    readonly p50Milliseconds?: number;
    readonly p50PercentAboveBaseline?: number;
    readonly p99Milliseconds?: number;
    readonly p99PercentAboveBaseline?: number;
    readonly cpuPercent?: number;
    readonly memoryPercent?: number;
  };
  readonly checks?: readonly CheckDocument[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What a stage does with new versions, with every default filled in. */
export function buildStrategy({
  canary,
  blueGreen,
  wave,
}: StrategyDocument): Pick<Stage, 'strategy' | 'blueGreen' | 'wave'> {
  return {
    ...(canary && { strategy: buildCanary(canary) }),
    ...(blueGreen && { blueGreen: buildBlueGreen(blueGreen) }),
    ...(wave && { wave: buildWave(wave) }),
  };
}

function buildBlueGreen(blueGreen: BlueGreenDocument): BlueGreenStrategy {
  return {
    watch: checkedDuration(blueGreen.watch ?? '10m'),
    keep: checkedDuration(blueGreen.keep ?? '30m'),
    promotion: blueGreen.promotion ?? 'auto',
    ...(blueGreen.limits && { metrics: buildSwitchMetrics(blueGreen) }),
  };
}

function buildSwitchMetrics({
  limits = {},
  undecided = 'hold',
}: BlueGreenDocument): SwitchMetrics {
  const { policy } = buildCanary({ limits });
  const {
    errorRatePass,
    errorRateAboveBaseline,
    slaP95Ms,
    latencyAboveBaseline,
  } = policy;
  return {
    policy: {
      errorRatePass,
      errorRateAboveBaseline,
      slaP95Ms,
      latencyAboveBaseline,
    },
    undecided,
  };
}

function buildCanary(canary: CanaryDocument): CanaryStrategy {
  const soak = checkedDuration(canary.soak ?? '30m');
  const usual = defaultCanaryPolicy;
  const { limits = {} } = canary;
  const share = (percent: number | undefined, otherwise: number) =>
    percent === undefined ? otherwise : percent / 100;
  return {
    kind: 'canary',
    soak,
    longestWait:
      canary.longestWait === undefined
        ? Math.max(2 * soak, HOUR)
        : checkedDuration(canary.longestWait),
    promotion: canary.promotion ?? 'auto',
    onFault: canary.onFault ?? 'rollBack',
    analysis: canary.analysis ?? true,
    policy: {
      errorRatePass: share(limits.errorPercent, usual.errorRatePass),
      errorRateRollback: share(
        limits.rollbackErrorPercent,
        usual.errorRateRollback,
      ),
      errorRateAboveBaseline: share(
        limits.errorPercentAboveBaseline,
        usual.errorRateAboveBaseline,
      ),
      latencyAboveBaseline: share(
        limits.latencyPercentAboveBaseline,
        usual.latencyAboveBaseline,
      ),
      slaP95Ms: limits.p95Milliseconds ?? usual.slaP95Ms,
      slaRollbackFactor:
        limits.rollbackLatencyFactor ?? usual.slaRollbackFactor,
      ...quantileOf(
        'p50',
        limits.p50PercentAboveBaseline,
        limits.p50Milliseconds,
      ),
      ...quantileOf(
        'p99',
        limits.p99PercentAboveBaseline,
        limits.p99Milliseconds,
      ),
      cpuMaxPercent: limits.cpuPercent ?? usual.cpuMaxPercent,
      memoryMaxPercent: limits.memoryPercent ?? usual.memoryMaxPercent,
      ...(canary.warmUp !== undefined && {
        warmUpMinutes: Math.ceil(checkedDuration(canary.warmUp) / MINUTE),
      }),
      ...(canary.checks && { checks: canary.checks.map(buildCheck) }),
    },
  };
}

/** A quantile beside P95 is judged where the document limits it. */
function quantileOf(
  name: keyof typeof usualQuantiles,
  percent: number | undefined,
  limitMs: number | undefined,
): Pick<CanaryPolicy, 'p50' | 'p99'> {
  if (percent === undefined && limitMs === undefined) return {};
  const { aboveBaseline } = usualQuantiles[name];
  return {
    [name]: {
      aboveBaseline: percent === undefined ? aboveBaseline : percent / 100,
      ...(limitMs !== undefined && { limitMs }),
    },
  };
}

/** What holds where an engine asks the portal and the pipeline document says nothing about it. */
export const usualCanaryStrategy: CanaryStrategy = buildCanary({});
