// SPDX-License-Identifier: Apache-2.0
import type { Asked, Reply } from './ScriptedPrometheus';

/** Labels and the value of a counter at an instant in milliseconds; undefined is a scrape without it. */
export interface Counted {
  readonly labels: Readonly<Record<string, string>>;
  readonly valueAt: (at: number) => number | string | undefined;
}

export const canaryPod = 'checkout-b4c5d6f7g8-x2x4z';
export const baselinePod = 'checkout-primary-c5d6f7g8h9-z4x2x';
const interval = 15_000;

/** Counters of a pod that serves `perScrape` requests between two scrapes, `failing` of them badly. */
export function podCounters(
  pod: string,
  born: number,
  { perScrape = 100, failing = 0, until = Infinity } = {},
): readonly Counted[] {
  const scrapes = (at: number) => Math.floor((at - born) / interval);
  const of = (labels: Readonly<Record<string, string>>, each: number) => ({
    labels: { namespace: 'shop', pod, ...labels },
    valueAt: (at: number) =>
      at < born || at > until ? undefined : each * scrapes(at),
  });
  const requests = (status: string, each: number) =>
    of({ __name__: 'http_requests_total', status }, each);
  const bucket = (le: string, each: number) =>
    of({ __name__: 'http_request_duration_seconds_bucket', le }, each);
  return [
    requests('200', perScrape - failing),
    requests('500', failing),
    bucket('0.1', perScrape * 0.5),
    bucket('0.25', perScrape * 0.97),
    bucket('0.5', perScrape * 0.99),
    bucket('+Inf', perScrape),
  ];
}

/** Answers as Prometheus would that scraped the counters every 15 s, seen by the selectors of the default queries. */
export function honestAnswers(
  counters: readonly Counted[],
  clock: () => Date,
): (asked: Asked) => Reply {
  return ({ form }) => {
    const query = form.get('query') ?? '';
    const now = clock().getTime() / 1000;
    if (query === 'time()') {
      return success({ resultType: 'scalar', result: [now, String(now)] });
    }
    const [, selector, length] = /^(.*)\[(\d+)s\]$/.exec(query) ?? [];
    if (selector === undefined)
      return success({ resultType: 'matrix', result: [] });
    const until = Number(form.get('time')) * 1000;
    const isBaseline = selector.includes('-primary-');
    const result = counters
      .filter(
        ({ labels }) =>
          selector.startsWith(`${labels.__name__}{`) &&
          labels.pod?.includes('-primary-') === isBaseline,
      )
      .map(({ labels, valueAt }) => ({
        metric: labels,
        values: pairs(valueAt, until - Number(length) * 1000, until),
      }));
    return success({
      resultType: 'matrix',
      result: result.filter(({ values }) => values.length > 0),
    });
  };
}

/** The answer that carries data. */
export function success(data: object): Reply {
  return { body: { status: 'success', data } };
}

function pairs(
  valueAt: Counted['valueAt'],
  from: number,
  until: number,
): readonly (readonly [seconds: number, value: string])[] {
  const found: [number, string][] = [];
  const first = Math.floor(from / interval + 1) * interval;
  for (let at = first; at <= until; at += interval) {
    const value = valueAt(at);
    if (value !== undefined) found.push([at / 1000, String(value)]);
  }
  return found;
}
