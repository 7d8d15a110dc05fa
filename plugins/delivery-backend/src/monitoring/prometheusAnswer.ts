// SPDX-License-Identifier: Apache-2.0
import { listIn, recordIn, textIn } from '../clusters/fields';
import { failed, type PrometheusAnswer } from './prometheusFailures';
import type { Labels, Sample, Series } from './series';

/** What an answer may hold at most. */
export interface AnswerLimits {
  /** Series of one query. */
  readonly series: number;
  /** Samples of one series. */
  readonly points: number;
}

/** The span of time a question was about, in milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** Reads the series of a range. Samples of another time than asked for make the whole answer unbelievable. */
export function readMatrix(
  body: unknown,
  { from, until }: Span,
  limits: AnswerLimits,
): PrometheusAnswer<readonly Series[]> {
  const data = dataOf(body, 'matrix');
  if (!data.ok) return data;
  const result = data.value;
  if (result.length > limits.series) {
    return failed(
      'tooLarge',
      `sent ${result.length} series for one query, more than ${limits.series}; make the query narrower`,
    );
  }
  const series: Series[] = [];
  for (const each of result) {
    const labels = labelsOf(recordIn(each, 'metric'));
    const pairs = listIn(each, 'values');
    if (pairs.length > limits.points) {
      return failed(
        'tooLarge',
        `sent ${pairs.length} samples of one series, more than ${limits.points}`,
      );
    }
    const samples = pairs.map(readSample);
    if (!labels || !samples.every(sample => sample !== undefined))
      return unreadable();
    // Instants are sent in seconds with three digits.
    if (samples.some(({ at }) => at < from - 1 || at > until + 1)) {
      return failed('malformed', 'sent samples of another time than asked for');
    }
    series.push({ labels, samples });
  }
  return { ok: true, value: series };
}

/** Reads the series of one instant, each with one sample. */
export function readVector(
  body: unknown,
  limits: Pick<AnswerLimits, 'series'>,
): PrometheusAnswer<readonly Series[]> {
  const data = dataOf(body, 'vector');
  if (!data.ok) return data;
  if (data.value.length > limits.series) {
    return failed(
      'tooLarge',
      `sent ${data.value.length} series for one query, more than ${limits.series}; make the query narrower`,
    );
  }
  const series: Series[] = [];
  for (const each of data.value) {
    const labels = labelsOf(recordIn(each, 'metric'));
    const sample = readSample(listIn(each, 'value'));
    if (!labels || !sample) return unreadable();
    series.push({ labels, samples: [sample] });
  }
  return { ok: true, value: series };
}

/** Reads a scalar such as `time()`. */
export function readScalar(body: unknown): PrometheusAnswer<number> {
  const data = dataOf(body, 'scalar');
  if (!data.ok) return data;
  const sample = readSample(data.value);
  return sample && Number.isFinite(sample.value)
    ? { ok: true, value: sample.value }
    : unreadable();
}

/** What Prometheus says is wrong, cut to a readable length. */
export function messageIn(body: unknown): string | undefined {
  return (
    textIn(body, 'error')
      ?.replace(/\s+/g, ' ')
      .slice(0, 300)
      .replace(/\.$/, '') || undefined
  );
}

function dataOf(
  body: unknown,
  type: 'matrix' | 'vector' | 'scalar',
): PrometheusAnswer<readonly unknown[]> {
  if (textIn(body, 'status') === 'error') {
    return failed(
      'refused',
      `refused a query: ${messageIn(body) ?? 'no reason given'}`,
    );
  }
  const data = recordIn(body, 'data');
  const known = textIn(body, 'status') === 'success' && data;
  if (!known || textIn(data, 'resultType') !== type) return unreadable();
  if (!Array.isArray(data.result)) return unreadable();
  const warning = warningIn(body);
  return warning === undefined
    ? { ok: true, value: data.result }
    : failed('failing', `answered only in part: ${warning}`);
}

/** Servers in front of several others say so when one of those is missing. Remarks on PromQL are none of that. */
function warningIn(body: unknown): string | undefined {
  const warning = listIn(body, 'warnings').find(
    each => typeof each === 'string' && !each.startsWith('PromQL '),
  );
  return typeof warning === 'string' ? warning.slice(0, 300) : undefined;
}

function labelsOf(metric: unknown): Labels | undefined {
  if (typeof metric !== 'object' || metric === null) return undefined;
  const entries = Object.entries(metric).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(entries);
}

const numbers: Readonly<Record<string, number>> = {
  NaN,
  '+Inf': Infinity,
  '-Inf': -Infinity,
};

/** Values are text, because JSON has no infinity; one that is not a number is kept as such. */
function readSample(pair: unknown): Sample | undefined {
  if (!Array.isArray(pair) || pair.length !== 2) return undefined;
  const [seconds, text] = pair;
  if (!Number.isFinite(seconds) || typeof text !== 'string') return undefined;
  const value = numbers[text] ?? (text.trim() === '' ? NaN : Number(text));
  if (Number.isNaN(value) && text !== 'NaN') return undefined;
  return { at: Math.round(seconds * 1000), value };
}

function unreadable() {
  return failed('malformed', 'sent something that is no answer of Prometheus');
}
