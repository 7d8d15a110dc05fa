// SPDX-License-Identifier: Apache-2.0
import {
  armPlaceholders,
  checkWindow,
  fillTemplate,
  templateProblem,
  type CheckMeasure,
  type CustomCheck,
} from '@causeway/plugin-delivery-common';
import type { CanaryArms } from './CanaryMetrics';
import { wholeMatch } from './selector';

/**
 * What is asked of Prometheus for each arm. In PromQL `{{namespace}}`, `{{workload}}` (the arm's
 * Deployment) and `{{pod_regex}}` (its pods) stand for the arm.
 *
 * Counters are plain selectors: their samples are read as they were stored, because a rate hides missed
 * scrapes and restarts. Shares are expressions with one series a pod.
 */
export interface CanaryQueries {
  /** Selector of the counters of all requests. */
  readonly requests: string;
  /** The label of those counters that tells failures apart. A counter without it is not counted. */
  readonly errorLabel: string;
  /** Values of that label that are failures of the server's making, as a regular expression of the whole value. */
  readonly errorPattern: string;
  /**
   * Selector of counters that count failures only, for services that do not label their requests.
   * Takes the place of label and pattern. They must begin at 0: a counter that is not there yet is not heard.
   */
  readonly errors?: string;
  /** Selector of the `_bucket` counters of the latency histogram. */
  readonly latency: string;
  readonly latencyUnit: 'seconds' | 'milliseconds';
  /** Processor time as a share of the limit in percent, by pod. */
  readonly cpuPercent: string;
  /** Memory as a share of the limit in percent, by pod. */
  readonly memoryPercent: string;
}

const pods = 'namespace="{{namespace}}",pod=~"{{pod_regex}}"';
const containers = `${pods},container!="",container!="POD"`;
const limitOf = (resource: string) =>
  `sum by (pod) (kube_pod_container_resource_limits{${pods},resource="${resource}"})`;

/** The names that client libraries, the kubelet and kube-state-metrics use by default. */
export const defaultCanaryQueries: CanaryQueries = {
  requests: `http_requests_total{${pods}}`,
  errorLabel: 'status',
  errorPattern: '5..',
  latency: `http_request_duration_seconds_bucket{${pods}}`,
  latencyUnit: 'seconds',
  // Two minutes, because kubelets are often scraped only once a minute.
  cpuPercent: `100 * sum by (pod) (rate(container_cpu_usage_seconds_total{${containers}}[2m])) / ${limitOf(
    'cpu',
  )}`,
  memoryPercent: `100 * sum by (pod) (avg_over_time(container_memory_working_set_bytes{${containers}}[1m])) / ${limitOf(
    'memory',
  )}`,
};

/** PromQL of one arm, ready to be sent. */
export interface ArmQueries {
  readonly requests: string;
  readonly errors?: string;
  readonly latency: string;
  readonly cpuPercent: string;
  readonly memoryPercent: string;
  /** What the team checks besides, with the titles of the checks. */
  readonly checks: readonly {
    readonly title: string;
    readonly measure: CheckMeasure;
  }[];
  /** The arm's pods; shares of other pods are not taken. */
  readonly pods: RegExp;
}

const name = /^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/;

/**
 * What is wrong with queries, one sentence each; none when they can be used.
 *
 * - counters are selectors and name the arm, or both arms would be the same
 * - no other variable than the three
 */
export function checkQueries(queries: CanaryQueries): readonly string[] {
  const { requests, errors, latency, cpuPercent, memoryPercent } = queries;
  const counters = { requests, latency, ...(errors && { errors }) };
  const all = { ...counters, cpuPercent, memoryPercent };
  const problems: string[] = [];
  for (const [key, template] of Object.entries(all)) {
    const problem = templateProblem(template, {
      placeholders: armPlaceholders,
      isCounter: key in counters,
    });
    if (problem !== undefined) problems.push(`${key} ${problem}`);
  }
  if (!wholeMatch(queries.errorPattern)) {
    problems.push('errorPattern is no regular expression.');
  }
  return problems;
}

/**
 * PromQL for both arms of a workload, or why there can be none. The arms are the Deployments that
 * Flagger makes of the workload, unless they are named.
 */
export function canaryQueries(
  source: {
    readonly namespace: string;
    readonly workload: string;
    readonly arms?: CanaryArms;
    readonly checks?: readonly CustomCheck[];
  },
  queries: CanaryQueries,
):
  | { readonly baseline: ArmQueries; readonly canary: ArmQueries }
  | { readonly problem: string } {
  const { namespace, workload, arms, checks = [] } = source;
  const { canary, baseline } = arms ?? {
    canary: workload,
    baseline: `${workload}-primary`,
  };
  for (const text of [namespace, canary, baseline]) {
    if (!name.test(text)) {
      return { problem: `${JSON.stringify(text)} is no name of Kubernetes.` };
    }
  }
  const [problem] = checkQueries(queries);
  if (problem) return { problem };
  const podsOf =
    arms && arms.kind !== 'Deployment' ? podsOfReplicaSet : podsOfDeployment;
  return {
    baseline: armQueries(baseline, podsOf(baseline), {
      namespace,
      queries,
      checks,
    }),
    canary: armQueries(canary, podsOf(canary), { namespace, queries, checks }),
  };
}

function armQueries(
  workload: string,
  regex: string,
  asked: {
    readonly namespace: string;
    readonly queries: CanaryQueries;
    readonly checks: readonly CustomCheck[];
  },
): ArmQueries {
  const { namespace, queries, checks } = asked;
  const arm = { namespace, workload, pod_regex: regex };
  const fill = (template: string) => fillTemplate(template, arm);
  return {
    requests: fill(queries.requests),
    ...(queries.errors && { errors: fill(queries.errors) }),
    latency: fill(queries.latency),
    cpuPercent: fill(queries.cpuPercent),
    memoryPercent: fill(queries.memoryPercent),
    checks: checks.map(({ title, measure }) => ({
      title,
      measure: filled(measure, arm),
    })),
    pods: new RegExp(`^${regex}$`),
  };
}

function filled(
  measure: CheckMeasure,
  arm: Readonly<Record<string, string>>,
): CheckMeasure {
  if (measure.kind === 'share') {
    return {
      ...measure,
      part: fillTemplate(measure.part, arm),
      whole: fillTemplate(measure.whole, arm),
    };
  }
  const values = { ...arm, window: checkWindow };
  return { ...measure, query: fillTemplate(measure.query, values) };
}

const letters = '[bcdfghjklmnpqrstvwxz2456789]';

/**
 * The names that a Deployment's pods can have: two generated parts in Kubernetes' alphabet without
 * vowels. So the pods of `shop-primary` or `shop-worker` are never taken for those of `shop`.
 */
function podsOfDeployment(deployment: string): string {
  return podsOfReplicaSet(`${deployment}-${letters}{1,10}`);
}

function podsOfReplicaSet(replicaSet: string): string {
  return `${replicaSet.replace(/\./g, '[.]')}-${letters}{5}`;
}
