// SPDX-License-Identifier: Apache-2.0
import type {
  CheckMeasure,
  CheckSample,
  Instant,
} from '@causeway/plugin-delivery-common';
import { bookIncreases } from './bookIncreases';
import type { ArmQueries } from './canaryQueries';
import { targetOf } from './countersOfArm';
import type { PrometheusClient } from './PrometheusClient';
import type { PrometheusAnswer } from './prometheusFailures';
import { minuteLength, minuteOf } from './readMinutes';
import { selects } from './selector';
import type { Series } from './series';

/** What is asked about the checks of a team. */
export interface CheckReading {
  readonly client: Pick<PrometheusClient, 'samples' | 'range'>;
  readonly baseline: ArmQueries;
  readonly canary: ArmQueries;
  /** When the canary got its first traffic. */
  readonly begin: Instant;
  readonly from: number;
  readonly until: number;
}

/** What the checks measured of an arm in a minute, and what could not be measured. */
export interface Checks {
  readonly samplesOf: (
    arm: 'baseline' | 'canary',
    minute: number,
  ) => readonly CheckSample[];
  /** A sentence for each check that can not be used as it is. */
  readonly notes: readonly string[];
}

type Values = ReadonlyMap<number, Omit<CheckSample, 'title'>>;

interface Measured {
  readonly title: string;
  readonly baseline: Values;
  readonly canary: Values;
  readonly notes: readonly string[];
}

/**
 * Measures the checks of a team. A check that fails spoils neither the others nor what the judge always
 * looks at: it has no samples, which keeps its gate closed, and a note says why.
 */
export async function readChecks(
  reading: CheckReading,
  signal: AbortSignal,
): Promise<Checks> {
  const all = await Promise.all(
    reading.canary.checks.map(async ({ title, measure }, place) => {
      const ofBaseline = reading.baseline.checks[place].measure;
      const asked = { title, reading, signal };
      return measure.kind === 'share' && ofBaseline.kind === 'share'
        ? readShare(asked, { canary: measure, baseline: ofBaseline })
        : readValue(asked, {
            canary: queryOf(measure),
            baseline: queryOf(ofBaseline),
          });
    }),
  );
  return {
    samplesOf: (arm, minute) =>
      all.flatMap(each => {
        const found = each[arm].get(minute);
        return found ? [{ title: each.title, ...found }] : [];
      }),
    notes: all.flatMap(({ title, notes }) =>
      notes.map(note => `${title}: ${note}`),
    ),
  };
}

interface Asked {
  readonly title: string;
  readonly reading: CheckReading;
  readonly signal: AbortSignal;
}

type Share = Extract<CheckMeasure, { kind: 'share' }>;
interface OfArms<Value> {
  readonly canary: Value;
  readonly baseline: Value;
}

async function readShare(
  { title, reading, signal }: Asked,
  measures: OfArms<Share>,
): Promise<Measured> {
  const { client, begin, from, until } = reading;
  const ask = async (selector: string) => {
    const answer = await client.samples(selector, { from, until }, signal);
    if (!answer.ok) return answer;
    const isAsked = selects(selector);
    const series = answer.value.filter(({ labels }) => isAsked(labels));
    return { ok: true, value: series } as const;
  };
  const { canary, baseline } = measures;
  const [part, whole, usualPart, usualWhole] = await Promise.all(
    [canary.part, canary.whole, baseline.part, baseline.whole].map(ask),
  );
  const refused = [part, whole, usualPart, usualWhole].find(isFailed);
  if (refused) return unmeasured(title, sayFailed(refused));
  const values = (answer: PrometheusAnswer<readonly Series[]>) =>
    answer.ok ? answer.value : [];
  // Where nobody counts, nothing was not counted.
  if (values(part).length + values(usualPart).length === 0)
    return unmeasured(title, 'no counters are found by its `part`.');
  if (values(whole).length === 0)
    return unmeasured(
      title,
      'no counters of the canary are found by its `of`.',
    );
  const newSince = Date.parse(begin);
  const mine = sharesOf(values(part), values(whole), { begin, newSince });
  const usual = sharesOf(values(usualPart), values(usualWhole), { begin });
  const impossible = mine.impossible + usual.impossible;
  return {
    title,
    canary: mine.values,
    baseline: usual.values,
    notes:
      impossible > 0
        ? [
            `scrapes left out because \`part\` was more than \`of\`: ${impossible}.`,
          ]
        : [],
  };
}

/** Counted by the minute. A counter that appears with its first count was at 0 before. */
function sharesOf(
  part: readonly Series[],
  whole: readonly Series[],
  { begin, newSince }: { readonly begin: Instant; readonly newSince?: number },
): { readonly values: Values; readonly impossible: number } {
  const counters = (series: readonly Series[], counts: 'requests' | 'errors') =>
    series.map(({ labels, samples }) => ({
      target: targetOf(labels),
      counts: [counts],
      samples,
    }));
  const { booked, impossible } = bookIncreases(
    [...counters(whole, 'requests'), ...counters(part, 'errors')],
    newSince,
  );
  const values = new Map<number, { value: number; of: number }>();
  for (const { at, requests, errors = 0 } of booked) {
    if (requests === undefined) continue;
    const minute = minuteOf(begin, at);
    const sum = values.get(minute) ?? { value: 0, of: 0 };
    values.set(minute, { value: sum.value + errors, of: sum.of + requests });
  }
  return { values, impossible };
}

async function readValue(
  { title, reading, signal }: Asked,
  queries: OfArms<string>,
): Promise<Measured> {
  const { client, begin, from, until } = reading;
  const ends = {
    from: Math.ceil((from + 1) / minuteLength) * minuteLength,
    until: Math.floor(until / minuteLength) * minuteLength,
    step: minuteLength,
  };
  const ask = async (arm: keyof OfArms<string>): Promise<Values | string> => {
    const answer = await client.range(queries[arm], ends, signal);
    if (!answer.ok) return sayFailed(answer);
    const isOurs = ({ labels }: Series) =>
      labels.pod === undefined || reading[arm].pods.test(labels.pod);
    const series = answer.value.filter(isOurs);
    if (series.length === 1) return valuesOf(series[0], begin);
    const found = series.length === 0 ? 'no series' : `${series.length} series`;
    const remedy =
      series.length === 0
        ? 'check its names and labels'
        : 'make it one, for example with sum or avg';
    return `the query gives ${found} of the ${arm} where one is needed; ${remedy}.`;
  };
  const [canary, baseline] = await Promise.all([
    ask('canary'),
    ask('baseline'),
  ]);
  return {
    title,
    canary: typeof canary === 'string' ? new Map() : canary,
    baseline: typeof baseline === 'string' ? new Map() : baseline,
    notes: [
      ...new Set([canary, baseline].filter(each => typeof each === 'string')),
    ],
  };
}

function valuesOf({ samples }: Series, begin: Instant): Values {
  return new Map(
    samples
      .filter(({ value }) => Number.isFinite(value))
      .map(({ at, value }) => [minuteOf(begin, at), { value }]),
  );
}

function queryOf(measure: CheckMeasure): string {
  if (measure.kind === 'value') return measure.query;
  throw new Error('The arms of a check are measured alike');
}

type Failed = Extract<PrometheusAnswer<unknown>, { ok: false }>;

function isFailed(answer: PrometheusAnswer<unknown>): answer is Failed {
  return !answer.ok;
}

function sayFailed({ failure }: Failed): string {
  return `Prometheus ${failure.problem}.`;
}

function unmeasured(title: string, note: string): Measured {
  return { title, canary: new Map(), baseline: new Map(), notes: [note] };
}
