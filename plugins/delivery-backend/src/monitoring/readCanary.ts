// SPDX-License-Identifier: Apache-2.0
import type { ArmMinute, CheckSample } from '@causeway/plugin-delivery-common';
import type { CanarySource, CanaryTraffic } from './CanaryMetrics';
import {
  canaryQueries,
  type ArmQueries,
  type CanaryQueries,
} from './canaryQueries';
import type { ArmSeries } from './countersOfArm';
import type { PrometheusClient } from './PrometheusClient';
import { failed, type PrometheusAnswer } from './prometheusFailures';
import { readChecks } from './readChecks';
import { minuteLength, readMinutes, type Minutes } from './readMinutes';
import { selects, wholeMatch } from './selector';
import type { Series } from './series';

/** A Prometheus server of the configuration. */
export interface PrometheusServer {
  readonly name: string;
  /** The clusters it watches; undefined is all. */
  readonly clusters?: readonly string[];
  readonly client: Pick<PrometheusClient, 'time' | 'samples' | 'range'>;
  readonly queries: CanaryQueries;
}

/** Minutes of the baseline before the canary began. */
const history = 30;
/** A difference of clocks in milliseconds that is worth a word. */
const noticeable = 5_000;
/** From half a minute on, samples would be booked beside the weights they were taken at. */
const unbearable = 30_000;

/** Asks one server for everything that the minutes of a canary are made of. */
export async function readCanary(
  server: PrometheusServer,
  source: CanarySource,
  traffic: CanaryTraffic,
  clock: () => Date,
  signal: AbortSignal,
): Promise<PrometheusAnswer<Minutes>> {
  const meaning = { ...server.queries, ...source.queries };
  const queries = canaryQueries(source, meaning);
  const errorPattern = wholeMatch(meaning.errorPattern);
  if ('problem' in queries || !errorPattern) {
    const problem = 'problem' in queries ? queries.problem : 'no errorPattern';
    return failed('refused', `can not be asked: ${problem}`);
  }
  const time = await readClock(server.client, clock, signal);
  if (!time.ok) return time;
  const begin = Date.parse(traffic.begin);
  const whole = Math.floor((time.value.until - begin) / minuteLength);
  const until = begin + whole * minuteLength;
  const from = begin - history * minuteLength;
  const ask = (arm: ArmQueries) =>
    readArm(server.client, arm, { from, until }, signal);
  const [baseline, canary, checks] = await Promise.all([
    ask(queries.baseline),
    ask(queries.canary),
    readChecks(
      { client: server.client, ...queries, begin: traffic.begin, from, until },
      signal,
    ),
  ]);
  if (!baseline.ok) return baseline;
  if (!canary.ok) return canary;
  const minutes = readMinutes({
    baseline: baseline.value.series,
    canary: canary.value.series,
    begin: traffic.begin,
    weights: traffic.weights,
    until: new Date(until).toISOString(),
    history,
    errorLabel: meaning.errorLabel,
    errorPattern,
    latencyUnit: meaning.latencyUnit,
  });
  const foreign = baseline.value.foreign + canary.value.foreign;
  const notes = [
    ...time.value.notes,
    ...(foreign > 0
      ? [`Series left out that were not asked for: ${foreign}.`]
      : []),
    ...minutes.notes,
    ...checks.notes,
  ];
  const withChecks = minutes.minutes.map(each => ({
    ...each,
    baseline: measured(
      each.baseline,
      checks.samplesOf('baseline', each.minute),
    ),
    canary: measured(each.canary, checks.samplesOf('canary', each.minute)),
  }));
  return { ok: true, value: { ...minutes, minutes: withChecks, notes } };
}

function measured(arm: ArmMinute, checks: readonly CheckSample[]): ArmMinute {
  return checks.length > 0 ? { ...arm, checks } : arm;
}

/**
 * Holds the server's clock beside ours. Minutes end where both agree that they are over; clocks that
 * differ by half a minute make the reading worthless, because weights are told by our clock.
 */
async function readClock(
  client: PrometheusServer['client'],
  clock: () => Date,
  signal: AbortSignal,
): Promise<
  PrometheusAnswer<{
    readonly until: number;
    readonly notes: readonly string[];
  }>
> {
  const before = clock().getTime();
  const theirs = await client.time(signal);
  const after = clock().getTime();
  if (!theirs.ok) return theirs;
  // The server looked at its clock some time in between.
  const ahead =
    Math.max(0, theirs.value - after) - Math.max(0, before - theirs.value);
  const words = `has a clock ${Math.round(Math.abs(ahead) / 1000)} s ${
    ahead > 0 ? 'ahead of' : 'behind'
  } the portal's`;
  if (Math.abs(ahead) > unbearable) {
    return failed(
      'malformed',
      `${words}, so samples can not be told by the minute; set the clocks`,
    );
  }
  return {
    ok: true,
    value: {
      until: Math.min(after, theirs.value),
      notes: Math.abs(ahead) > noticeable ? [`The server ${words}.`] : [],
    },
  };
}

/** The series of an arm; those that were not asked for are left out and counted. */
async function readArm(
  client: PrometheusServer['client'],
  queries: ArmQueries,
  { from, until }: { readonly from: number; readonly until: number },
  signal: AbortSignal,
): Promise<
  PrometheusAnswer<{ readonly series: ArmSeries; readonly foreign: number }>
> {
  // One share for each minute, at multiples of the step: some servers move the ends of a range there.
  const ends = {
    from: Math.ceil((from + 1) / minuteLength) * minuteLength,
    until: Math.floor(until / minuteLength) * minuteLength,
    step: minuteLength,
  };
  const nothing = { ok: true, value: undefined } as const;
  const [requests, errors, latency, cpuPercent, memoryPercent] =
    await Promise.all([
      client.samples(queries.requests, { from, until }, signal),
      queries.errors
        ? client.samples(queries.errors, { from, until }, signal)
        : nothing,
      client.samples(queries.latency, { from, until }, signal),
      client.range(queries.cpuPercent, ends, signal),
      client.range(queries.memoryPercent, ends, signal),
    ]);
  if (!requests.ok) return requests;
  if (!errors.ok) return errors;
  if (!latency.ok) return latency;
  if (!cpuPercent.ok) return cpuPercent;
  if (!memoryPercent.ok) return memoryPercent;
  const isOurs = ({ labels }: Series) =>
    labels.pod === undefined || queries.pods.test(labels.pod);
  const of = (selector: string | undefined, series: readonly Series[]) => {
    const isAsked = selects(selector ?? '');
    return series.filter(({ labels }) => isAsked(labels));
  };
  const all = [requests.value, errors.value ?? [], latency.value].flat();
  const shares = [...cpuPercent.value, ...memoryPercent.value];
  const series: ArmSeries = {
    requests: of(queries.requests, requests.value),
    ...(errors.value && { errors: of(queries.errors, errors.value) }),
    latency: of(queries.latency, latency.value),
    cpuPercent: cpuPercent.value.filter(isOurs),
    memoryPercent: memoryPercent.value.filter(isOurs),
  };
  const kept = Object.values(series).flat().length;
  return {
    ok: true,
    value: { series, foreign: all.length + shares.length - kept },
  };
}
