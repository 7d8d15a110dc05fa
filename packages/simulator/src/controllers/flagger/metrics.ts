// SPDX-License-Identifier: Apache-2.0
import { StringMap } from '../runtime/resources';
import { formatDuration } from '../flux/durations';
import type { Canary, CanaryMetric } from './flaggerObjects';

/** Answers a query with one number; undefined when there are no values. Rejects when it can not be asked. */
export type QueryMetric = (
  server: string,
  query: string,
) => Promise<number | undefined>;

const queryTimeout = 5_000;

/** Asks a Prometheus by its HTTP API, as of now. */
export const queryPrometheus: QueryMetric = async (server, query) => {
  const address = new URL('api/v1/query', `${server.replace(/\/$/, '')}/`);
  address.searchParams.set('query', query.replace(/\s+/g, ' '));
  const response = await fetch(address, {
    signal: AbortSignal.timeout(queryTimeout),
  });
  const body = await response.text();
  if (!response.ok)
    throw new Error(`error response: Status ${response.status}: ${body}`);
  const { data } = JSON.parse(body) as {
    data: { result: readonly { value?: readonly [number, string] }[] };
  };
  const values = data.result.flatMap(({ value }) => value?.[1] ?? []);
  const last = Number(values[values.length - 1]);
  return values.length === 0 || Number.isNaN(last) ? undefined : last;
};

interface MetricNames {
  readonly count: string;
  readonly buckets: string;
  readonly select: string;
  readonly succeeded: string;
  readonly all: string;
  readonly scale: string;
}

const ofPods: MetricNames = {
  count: 'http_request_duration_seconds_count',
  buckets: 'http_request_duration_seconds_bucket',
  select:
    'kubernetes_namespace="{{ namespace }}",kubernetes_pod_name=~"{{ target }}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"',
  succeeded: 'status!~"5.*"',
  all: '',
  scale: '',
};
const sources: Readonly<Record<string, MetricNames>> = {
  kubernetes: ofPods,
  gatewayapi: ofPods,
  traefik: {
    count: 'traefik_service_request_duration_seconds_bucket',
    buckets: 'traefik_service_request_duration_seconds_bucket',
    select:
      'service=~"{{ namespace }}-{{ target }}-canary-[0-9a-zA-Z-]+@kubernetescrd"',
    succeeded: 'code!~"5..",le="+Inf"',
    all: ',le="+Inf"',
    scale: ' * 1000',
  },
};

/** The query of one of Flagger's own metrics for a provider; undefined when the name is none. */
export function builtInQuery(
  provider: string,
  metric: string,
): string | undefined {
  const [family] = provider.split(':');
  const source = sources[family] ?? sources.kubernetes;
  switch (metric) {
    case 'request-success-rate':
      return `sum(rate(${source.count}{${source.select},${source.succeeded}}[{{ interval }}])) / sum(rate(${source.count}{${source.select}${source.all}}[{{ interval }}])) * 100`;
    case 'request-duration':
      return `histogram_quantile(0.99, sum(rate(${source.buckets}{${source.select}}[{{ interval }}])) by (le))${source.scale}`;
    default:
      return undefined;
  }
}

/** What one of Flagger's own metrics makes of an answer: durations are whole milliseconds, and only Traefik's query answers in them. */
export function builtInValue(
  provider: string,
  metric: string,
  answer: number,
): number {
  if (metric !== 'request-duration') return answer;
  return Math.trunc(provider === 'traefik' ? answer : answer * 1_000);
}

/** Fills in what stands in double braces. Throws on a name that nobody knows. */
export function renderQuery(
  query: string,
  canary: Canary,
  metric: CanaryMetric,
): string {
  const { name, namespace = 'default' } = canary.metadata;
  const target = canary.spec.targetRef.name;
  const values: StringMap = {
    name,
    namespace,
    target,
    service: canary.spec.service.name ?? target,
    ingress: target,
    route: target,
    interval: metric.interval ?? '1m',
  };
  return query.replace(/\{\{-?\s*([\w.]+)\s*-?\}\}/g, (_, wanted: string) => {
    const value =
      values[wanted] ??
      metric.templateVariables?.[wanted.replace(/^variables\./, '')];
    if (value === undefined)
      throw new Error(`template parsing failed: ${wanted} is not defined`);
    return value;
  });
}

type Say = (
  metric: CanaryMetric,
  value: number,
  sign: '<' | '>',
  limit: number,
) => string;

const saying: Readonly<Record<string, Say>> = {
  'request-success-rate': (_, value, sign, limit) =>
    `success rate ${value.toFixed(2)}% ${sign} ${limit}%`,
  'request-duration': (_, value, sign, limit) =>
    `request duration ${formatDuration(
      Math.round(value),
    )} ${sign} ${formatDuration(limit)}`,
  other: ({ name }, value, sign, limit) =>
    `${name} ${value.toFixed(2)} ${sign} ${limit}`,
};

/** What a value breaks, in Flagger's words; undefined when it is within its range. */
export function complaintAbout(
  metric: CanaryMetric,
  value: number,
): string | undefined {
  const { min, max } = metric.thresholdRange ?? thresholdOf(metric);
  const say = saying[metric.name] ?? saying.other;
  if (min !== undefined && value < min) return say(metric, value, '<', min);
  if (max !== undefined && value > max) return say(metric, value, '>', max);
  return undefined;
}

/** The old single threshold: a floor for success, a ceiling for everything else. */
function thresholdOf({ name, threshold = 0 }: CanaryMetric): {
  readonly min?: number;
  readonly max?: number;
} {
  return name === 'request-success-rate'
    ? { min: threshold }
    : { max: threshold };
}
