// SPDX-License-Identifier: Apache-2.0
import {
  defaultWavePolicy,
  type RingRule,
  type WaveMode,
  type WavePolicy,
} from '../wave/policy';
import type { HealthChecks, HttpCheck, JobCheck } from '../wave/healthChecks';
import { checkedDuration } from './duration';
import type { WaveStrategy } from './pipeline';

/** How long a probe may take where nothing is said, in milliseconds. */
const usualWithin = 3_000;
/** From one Job to the next where nothing is said, in milliseconds. */
const usualEvery = 300_000;

/** A wave as the document writes it, once the schema accepted it. */
export interface WaveDocument {
  readonly order?: WaveMode['kind'];
  readonly rings?: readonly RingDocument[];
  readonly ringProvenPercent?: number;
  readonly first?: number;
  readonly growth?: number;
  readonly approveAfterFirst?: boolean;
  readonly sitePercent?: number;
  readonly siteKeeps?: number;
  readonly maxDown?: number;
  readonly firstSoak?: string;
  readonly soak?: string;
  readonly watch?: string;
  readonly catchUp?: string;
  readonly tolerance?: {
    readonly percent?: number;
    readonly hardwarePercent?: number;
  };
  readonly unhealthy?: 'last' | 'exclude';
  readonly maxTemperature?: number;
  readonly prePull?:
    | boolean
    | { readonly atOnce?: number; readonly percent?: number };
  readonly health?: Readonly<Record<string, HealthDocument>>;
  readonly healthFailures?: number;
}

type HealthDocument = Pick<HealthChecks, 'network'> & {
  readonly resources?: {
    readonly temperature?: number;
    readonly storagePercent?: number;
    readonly memoryPercent?: number;
  };
  readonly http?: Omit<HttpCheck, 'within'> & { readonly within?: string };
  readonly job?: Omit<JobCheck, 'every'> & { readonly every?: string };
};

type RingDocument = Omit<RingRule, 'share'> & { readonly percent?: number };

/** The policy of a wave as far as the document says it. */
export function buildWave(document: WaveDocument): WaveStrategy {
  const { tolerance = {} } = document;
  return {
    policy: defined({
      mode: modeOf(document),
      canaries: document.first,
      growth: document.growth,
      approveAfterCanaries: document.approveAfterFirst,
      siteShare: shareOf(document.sitePercent),
      minAvailable: document.siteKeeps,
      maxDown: document.maxDown,
      firstSoak: spanOf(document.firstSoak),
      soak: spanOf(document.soak),
      watch: spanOf(document.watch),
      catchUpDeadline: spanOf(document.catchUp),
      tolerance: shareOf(tolerance.percent),
      classTolerance: shareOf(tolerance.hardwarePercent),
      unhealthy: document.unhealthy,
      preconditions: preconditionsOf(document.maxTemperature),
      prePull: prePullOf(document.prePull),
      health: healthOf(document.health),
      healthFailures: document.healthFailures,
    }),
  };
}

function modeOf({
  order,
  rings = [],
  ringProvenPercent = 90,
}: WaveDocument): WaveMode | undefined {
  if (order !== 'rings') return order && { kind: order };
  return {
    kind: 'rings',
    provenShare: ringProvenPercent / 100,
    rings: rings.map(({ percent, ...ring }) =>
      percent === undefined ? ring : { ...ring, share: percent / 100 },
    ),
  };
}

function preconditionsOf(maxTemperatureC: number | undefined) {
  if (maxTemperatureC === undefined) return undefined;
  const usual = defaultWavePolicy.preconditions['*'];
  return { '*': { ...usual, maxTemperatureC } };
}

/** It needs rights in the cluster, so it is done only where it is asked for. */
function prePullOf(
  wanted: WaveDocument['prePull'] = false,
): WavePolicy['prePull'] {
  if (wanted === false) return undefined;
  const usual = defaultWavePolicy.prePull ?? { atOnce: 1, share: 0 };
  if (wanted === true) return usual;
  return {
    atOnce: wanted.atOnce ?? usual.atOnce,
    share: shareOf(wanted.percent) ?? (wanted.atOnce ? 0 : usual.share),
  };
}

function healthOf(document: WaveDocument['health']): WavePolicy['health'] {
  return (
    document &&
    Object.fromEntries(
      Object.entries(document).map(([hardware, checks]) => [
        hardware,
        checksOf(checks),
      ]),
    )
  );
}

function checksOf({
  network,
  resources,
  http,
  job,
}: HealthDocument): HealthChecks {
  const { temperature, ...shares } = resources ?? {};
  return {
    ...(network && { network }),
    ...(resources && {
      resources: {
        ...shares,
        ...(temperature !== undefined && { temperatureC: temperature }),
      },
    }),
    ...(http && {
      http: { ...http, within: spanOf(http.within) ?? usualWithin },
    }),
    ...(job && { job: { ...job, every: spanOf(job.every) ?? usualEvery } }),
  };
}

function shareOf(percent: number | undefined): number | undefined {
  return percent === undefined ? undefined : percent / 100;
}

function spanOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : checkedDuration(text);
}

/** Without the keys that nobody gave a value, so that defaults can be put below. */
function defined<T extends object>(
  values: T,
): {
  readonly [Key in keyof T]?: Exclude<T[Key], undefined>;
} {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
