// SPDX-License-Identifier: Apache-2.0
import type { PrometheusClient } from './PrometheusClient';
import type { PrometheusAnswer } from './prometheusFailures';
import type { Sample, Series } from './series';

/** What is kept, and for how long it is believed. Times are in milliseconds. */
export interface MemoryLimits {
  /** So much of the newest is asked again each time, for samples that come late. */
  readonly overlap: number;
  /** After so long all is asked again, for samples that came later still. */
  readonly believed: number;
  /** Samples that are kept at most, of all questions together; one takes some 40 bytes. */
  readonly samples: number;
}

export const defaultMemoryLimits: MemoryLimits = {
  overlap: 180_000,
  believed: 600_000,
  samples: 1_000_000,
};

interface Remembered {
  readonly from: number;
  readonly until: number;
  /** The end of the reading in which all was asked for. */
  readonly wholeUntil: number;
  readonly series: readonly Series[];
  readonly size: number;
}

interface Span {
  readonly from: number;
  readonly until: number;
}

type Ask = (span: Span) => Promise<PrometheusAnswer<readonly Series[]>>;

/**
 * A server that is asked for a growing span again and again, as canaries ask it: what it said of the
 * past is remembered, and only the newest minutes are asked for. An answer is what the server would
 * have said to the whole question, unless it has changed its mind about samples older than the
 * overlap since it was last asked for all of them. A failure is a failure and forgets nothing.
 */
export class RememberedSeries
  implements Pick<PrometheusClient, 'time' | 'samples' | 'range'>
{
  /** In the order of their last use. */
  readonly #remembered = new Map<string, Remembered>();
  #size = 0;

  constructor(
    private readonly client: Pick<
      PrometheusClient,
      'time' | 'samples' | 'range'
    >,
    private readonly limits: MemoryLimits = defaultMemoryLimits,
  ) {}

  time(signal: AbortSignal): Promise<PrometheusAnswer<number>> {
    return this.client.time(signal);
  }

  samples(
    selector: string,
    span: Span,
    signal: AbortSignal,
  ): Promise<PrometheusAnswer<readonly Series[]>> {
    return this.#ask(`${span.from} ${selector}`, span, ({ from, until }) => {
      // Servers leave out what was scraped at the very beginning of a span.
      const before = Math.max(span.from, from - 1_000);
      return this.client.samples(selector, { from: before, until }, signal);
    });
  }

  range(
    query: string,
    span: Span & { readonly step: number },
    signal: AbortSignal,
  ): Promise<PrometheusAnswer<readonly Series[]>> {
    const { step } = span;
    return this.#ask(`${span.from} ${step} ${query}`, span, asked => {
      // At the same instants as in the whole question.
      const steps = Math.ceil((asked.from - span.from) / step);
      const from = span.from + steps * step;
      return this.client.range(query, { ...asked, from, step }, signal);
    });
  }

  async #ask(
    key: string,
    span: Span,
    ask: Ask,
  ): Promise<PrometheusAnswer<readonly Series[]>> {
    const known = this.#remembered.get(key);
    const isBelieved =
      known !== undefined &&
      span.until >= known.until &&
      span.until - known.wholeUntil < this.limits.believed;
    const since = isBelieved
      ? Math.max(span.from, known.until - this.limits.overlap)
      : span.from;
    const answer = await ask({ from: since, until: span.until });
    if (!answer.ok) return answer;
    const series =
      isBelieved && since > span.from
        ? joined(known.series, answer.value, since)
        : answer.value;
    this.#remember(key, {
      ...span,
      wholeUntil: isBelieved ? known.wholeUntil : span.until,
      series,
      size: series.reduce((sum, { samples }) => sum + samples.length, 0),
    });
    return { ok: true, value: series };
  }

  #remember(key: string, entry: Remembered): void {
    this.#forget(key);
    this.#remembered.set(key, entry);
    this.#size += entry.size;
    for (const oldest of [...this.#remembered.keys()]) {
      if (this.#size <= this.limits.samples) break;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#size -= this.#remembered.get(key)?.size ?? 0;
    this.#remembered.delete(key);
  }
}

/** What was known before an instant, and what is said of the time from then on. */
function joined(
  before: readonly Series[],
  after: readonly Series[],
  since: number,
): readonly Series[] {
  const all = new Map<
    string,
    { labels: Series['labels']; samples: Sample[] }
  >();
  const take = (
    series: readonly Series[],
    isTaken: (at: number) => boolean,
  ) => {
    for (const { labels, samples } of series) {
      const taken = samples.filter(({ at }) => isTaken(at));
      if (taken.length === 0) continue;
      const key = JSON.stringify(Object.entries(labels).sort());
      const found = all.get(key) ?? { labels, samples: [] };
      found.samples.push(...taken);
      all.set(key, found);
    }
  };
  take(before, at => at < since);
  take(after, at => at >= since);
  return [...all.values()];
}
