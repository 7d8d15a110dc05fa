// SPDX-License-Identifier: Apache-2.0
import type {
  ArmMinute,
  CanaryMinute,
  Instant,
} from '@causeway/plugin-delivery-common';
import { bookIncreases, type Booking } from './bookIncreases';
import {
  boundsOf,
  countersOfArm,
  type ArmSeries,
  type CounterMeaning,
} from './countersOfArm';
import type { Series } from './series';

/** What minutes are made of. All instants are of the clock that stamped the samples. */
export interface MinuteQuestion extends CounterMeaning {
  readonly baseline: ArmSeries;
  readonly canary: ArmSeries;
  /** When the canary got its first traffic. */
  readonly begin: Instant;
  /** The last minute is the one that was over then. */
  readonly until: Instant;
  /** Minutes before the first. */
  readonly history: number;
  readonly weights: readonly {
    readonly at: Instant;
    readonly percent: number;
  }[];
}

/** Minutes, and sentences about what was left out of them. */
export interface Minutes {
  readonly minutes: readonly CanaryMinute[];
  /** Upper bounds of the latency buckets, ascending, without the infinite one. */
  readonly boundsMs: readonly number[];
  readonly notes: readonly string[];
}

/** The length of a minute in milliseconds. */
export const minuteLength = 60_000;

/**
 * The minute an instant belongs to; minute 1 is the first one after the begin. An instant on the edge
 * belongs to the minute that ends there, because a scrape tells of the time before it.
 */
export function minuteOf(begin: Instant, at: number): number {
  return Math.ceil((at - Date.parse(begin)) / minuteLength);
}

/**
 * Cuts the counters of both arms into minutes; the same for any order of series, samples and weights.
 * What was not heard stays unheard: a minute without a scrape has 0 scrapes, which is not 0 failures.
 */
export function readMinutes(question: MinuteQuestion): Minutes {
  const { begin, until, history, latencyUnit } = question;
  const start = Date.parse(begin);
  const last = Math.floor((Date.parse(until) - start) / minuteLength);
  const bounds = boundsOf(
    [question.baseline.latency, question.canary.latency],
    latencyUnit,
  );
  const baseline = readArm(question, 'baseline', bounds);
  const canary = readArm(question, 'canary', bounds);
  const weightIn = meanWeight(question.weights);
  const count = Math.max(0, last + history);
  const minutes = Array.from({ length: count }, (_, index): CanaryMinute => {
    const minute = index + 1 - history;
    const from = start + (minute - 1) * minuteLength;
    return {
      minute,
      weightPercent: weightIn(from, from + minuteLength),
      baseline: baseline.minute(minute),
      canary: canary.minute(minute),
    };
  });
  return {
    minutes,
    boundsMs: bounds.filter(Number.isFinite),
    notes: [...baseline.notes, ...canary.notes],
  };
}

interface Arm {
  readonly minute: (minute: number) => ArmMinute;
  readonly notes: readonly string[];
}

function readArm(
  question: MinuteQuestion,
  arm: 'baseline' | 'canary',
  bounds: readonly number[],
): Arm {
  const { begin } = question;
  const { errors, cpuPercent, memoryPercent } = question[arm];
  const found = countersOfArm(question[arm], question, bounds);
  // The canary's pods are made for this run, so their counters began at 0.
  const newSince = arm === 'canary' ? Date.parse(begin) : undefined;
  const { booked, impossible } = bookIncreases(found.counters, newSince);
  const sums = sumByMinute(booked, begin);
  const means = {
    cpu: meanByMinute(cpuPercent, begin),
    memory: meanByMinute(memoryPercent, begin),
  };
  const needsErrors = errors !== undefined;
  const unheard = [...sums.values()].filter(
    sum => sum.scrapes > 0 && !isHeard(sum, needsErrors),
  ).length;
  return {
    minute: minute => ({
      ...countsOf(sums.get(minute), bounds, needsErrors),
      cpuPercent: means.cpu.get(minute) ?? null,
      memoryPercent: means.memory.get(minute) ?? null,
    }),
    notes: [
      found.withoutErrorLabel > 0 &&
        `Request counters of the ${arm} left out because they have no label ${question.errorLabel}: ${found.withoutErrorLabel}.`,
      impossible > 0 &&
        `Scrapes of the ${arm} left out because their numbers can not be: ${impossible}.`,
      unheard > 0 &&
        `Minutes of the ${arm} left out because their failures are not known: ${unheard}.`,
      bounds.length === 0 &&
        sums.size > 0 &&
        `No latency histogram that can be read was found for the ${arm}.`,
    ].filter(note => note !== false),
  };
}

interface Sum {
  requests: number;
  errors: number;
  scrapes: number;
  errorScrapes: number;
  /** Requests at or below each bound. */
  readonly below: number[];
}

function sumByMinute(
  booked: readonly Booking[],
  begin: Instant,
): ReadonlyMap<number, Sum> {
  const sums = new Map<number, Sum>();
  for (const { at, requests, errors, buckets } of booked) {
    const minute = minuteOf(begin, at);
    const sum = sums.get(minute) ?? {
      requests: 0,
      errors: 0,
      scrapes: 0,
      errorScrapes: 0,
      below: [],
    };
    sums.set(minute, sum);
    sum.requests += requests ?? 0;
    sum.errors += errors ?? 0;
    if (requests !== undefined) sum.scrapes += 1;
    if (errors !== undefined) sum.errorScrapes += 1;
    buckets.forEach((increase, place) => {
      sum.below[place] = (sum.below[place] ?? 0) + increase;
    });
  }
  return sums;
}

function isHeard(sum: Sum, needsErrors: boolean): boolean {
  if (sum.scrapes === 0 || sum.errors > sum.requests) return false;
  return !needsErrors || sum.errorScrapes > 0;
}

function countsOf(
  sum: Sum | undefined,
  bounds: readonly number[],
  needsErrors: boolean,
): Pick<ArmMinute, 'requests' | 'errors' | 'buckets' | 'scrapes'> {
  // Without a histogram there is still the bucket without a bound.
  const edges = bounds.length > 0 ? bounds : [Infinity];
  if (!sum || !isHeard(sum, needsErrors)) {
    return { requests: 0, errors: 0, buckets: edges.map(() => 0), scrapes: 0 };
  }
  const { requests, errors, scrapes, below } = sum;
  const cumulative = edges.map((_, place) => below[place] ?? 0);
  const buckets = cumulative.map((count, index) =>
    Math.max(0, count - (cumulative[index - 1] ?? 0)),
  );
  return { requests, errors, buckets, scrapes };
}

function meanByMinute(
  series: readonly Series[],
  begin: Instant,
): ReadonlyMap<number, number> {
  const values = new Map<number, number[]>();
  for (const { at, value } of series.flatMap(({ samples }) => samples)) {
    if (!Number.isFinite(value) || value < 0) continue;
    const minute = minuteOf(begin, at);
    const each = values.get(minute);
    if (each) each.push(value);
    else values.set(minute, [value]);
  }
  return new Map([...values].map(([minute, each]) => [minute, meanOf(each)]));
}

/** Added in order of size, so that the order in which samples come does not show in the last digit. */
function meanOf(values: readonly number[]): number {
  const sum = [...values]
    .sort((left, right) => left - right)
    .reduce((total, value) => total + value, 0);
  return sum / values.length;
}

/** The share of the canary in percent over a span of time, by how long each weight held. */
function meanWeight(
  weights: MinuteQuestion['weights'],
): (from: number, until: number) => number {
  const changes = weights
    .map(({ at, percent }) => ({ at: Date.parse(at), percent }))
    .sort((left, right) => left.at - right.at);
  return (from, until) => {
    let sum = 0;
    changes.forEach(({ at, percent }, index) => {
      const end = changes[index + 1]?.at ?? Infinity;
      const held = Math.min(end, until) - Math.max(at, from);
      sum += percent * Math.max(0, held);
    });
    return sum / (until - from);
  };
}
