// SPDX-License-Identifier: Apache-2.0
import { scrapeInterval } from '../SeriesSource';
import { Piece } from './counters';
import { ChunkBudget, CounterTable } from './CounterTable';
import { Draws, driftAt, hashOf, mixed } from './Draws';
import { combine, EffectsOnTarget, TrafficTarget } from './effects';
import {
  errorRateAt,
  requestRateAt,
  ServiceProfile,
  traitsOf,
  VersionTraits,
} from './profile';
import type { Assignment } from './routes';

/** What does not change about a pod. */
export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly application: string;
  readonly container: string;
  readonly image: string;
  readonly version: string;
  readonly node: string;
  /** Limits of its container: cores, bytes. */
  readonly limits: { readonly cpu?: number; readonly memory?: number };
}

/** What a pod learns from its surroundings. */
export interface PodSurroundings {
  readonly seed: string;
  readonly profileOf: (service: string) => ServiceProfile;
  readonly effectsOn: (target: TrafficTarget) => EffectsOnTarget;
  readonly budget: ChunkBudget;
}

const minute = 60_000;
const hour = 60 * minute;
/** How long caches stay cold, in milliseconds. */
const coldTime = 45_000;
/** How long memory takes to fill, in milliseconds. */
const warmTime = 10 * minute;

interface Span {
  readonly from: number;
  until: number;
}

/** One pod, with what it has been through: its share of the requests, when it ran and when it was started again. */
export class TrafficPod {
  readonly #hash: number;
  readonly #traits: VersionTraits;
  readonly #profile: ServiceProfile;
  readonly #counters: CounterTable;
  readonly #ownSpeed: number;
  readonly #ownSize: number;
  #shares: { readonly from: number; readonly share: number }[] = [];
  #runs: Span[];
  #restarts: { readonly scrape: number; row?: Float64Array }[] = [];
  #restartCount: number;
  #assignment: Assignment | undefined;
  #service: string | undefined;

  constructor(
    readonly identity: PodIdentity,
    readonly bornAt: number,
    restartCount: number,
    private readonly surroundings: PodSurroundings,
  ) {
    const { namespace, name, application, version } = identity;
    const { seed, profileOf, budget } = surroundings;
    this.#hash = hashOf(`${seed} ${namespace}/${name}`);
    this.#profile = profileOf(application);
    this.#traits = traitsOf(this.#profile, version);
    const draws = new Draws(mixed(this.#hash, 1));
    this.#ownSpeed = Math.exp(0.015 * draws.normal());
    this.#ownSize = Math.exp(0.03 * draws.normal());
    this.#restartCount = restartCount;
    this.#runs = [{ from: bornAt, until: Infinity }];
    this.#counters = new CounterTable(
      this.#hash,
      bornAt,
      (from, until) => this.#piecesBetween(from, until),
      budget,
    );
  }

  /** The service whose requests it answers: the first that it was given. */
  get service(): string | undefined {
    return this.#service;
  }

  /** What leads requests to it now, or did last. */
  get assignment(): Assignment | undefined {
    return this.#assignment;
  }

  /** When it ended, in milliseconds; undefined while it runs. */
  get endedAt(): number | undefined {
    const { until } = this.#runs[this.#runs.length - 1];
    return until === Infinity ? undefined : until;
  }

  /** Takes a part of a service's requests from an instant on. */
  assign(assignment: Assignment | undefined, from: number): void {
    const share = assignment?.share ?? 0;
    const last = this.#shares[this.#shares.length - 1]?.share ?? 0;
    if (share !== last) this.#shares.push({ from, share });
    this.#assignment = assignment ?? this.#assignment;
    this.#service ??= assignment?.service;
  }

  /** Its containers run or not, after this many restarts, from an instant on. */
  observe(isRunning: boolean, restartCount: number, from: number): void {
    const run = this.#runs[this.#runs.length - 1];
    const wasRunning = run.until === Infinity;
    if (wasRunning && !isRunning) run.until = from;
    if (isRunning && !wasRunning) this.#runs.push({ from, until: Infinity });
    if (restartCount > this.#restartCount)
      this.#restarts.push({ scrape: Math.floor(from / scrapeInterval) });
    this.#restartCount = restartCount;
  }

  /** Whether a scrape at an instant reaches it. */
  answersAt(time: number): boolean {
    return this.#runs.some(({ from, until }) => from <= time && time < until);
  }

  /** A counter as the pod shows it at an instant: since it was last started. */
  counterAt(column: number, time: number): number {
    const scrape = Math.floor(time / scrapeInterval);
    const total = this.#counters.at(column, scrape);
    if (this.#restarts.length === 0) return total;
    const last = this.#lastRestart(scrape);
    if (!last) return total;
    last.row ??= this.#counters.rowAt(last.scrape);
    return total - last.row[column];
  }

  /** A counter over all restarts, as whoever stands in front of the pod has counted. */
  totalAt(column: number, time: number): number {
    const until = Math.min(time, this.endedAt ?? Infinity);
    // What came after the last whole scrape interval counts with the next scrape.
    const scrape = Math.ceil(until / scrapeInterval);
    const latest = Math.floor(time / scrapeInterval);
    return this.#counters.at(column, Math.min(scrape, latest));
  }

  /** Bytes of memory the pod holds at an instant. */
  memoryAt(time: number): number {
    const { memoryBytes } = this.#profile;
    const age = time - this.#startedAt(time);
    const influence = combine(this.#influence().at(time), this.#traits);
    const warm = 1 - 0.35 * Math.exp(-age / warmTime);
    const leaked = (this.#traits.leakPerHour * age) / hour;
    const noise = 0.015 * driftAt(mixed(this.#hash, 3), minute, time);
    const bytes =
      memoryBytes *
      this.#ownSize *
      (warm * (1 + noise) + leaked) *
      influence.memoryFactor;
    return Math.round(Math.min(bytes, this.identity.limits.memory ?? Infinity));
  }

  /** Forgets what nobody can ask for any more. */
  forget(before: number): void {
    const scrape = Math.floor(before / scrapeInterval);
    for (const restart of this.#restarts)
      if (restart.scrape < scrape)
        restart.row ??= this.#counters.rowAt(restart.scrape);
    const kept = this.#counters.forget(scrape);
    const restart = this.#lastRestart(Math.floor(kept / scrapeInterval));
    this.#restarts = this.#restarts.slice(
      restart ? this.#restarts.indexOf(restart) : 0,
    );
    this.#runs = this.#runs.filter(
      ({ until }, index) => until > kept || index === this.#runs.length - 1,
    );
    const inForce = this.#shares.filter(({ from }) => from <= kept).length - 1;
    this.#shares = this.#shares.slice(Math.max(0, inForce));
  }

  #lastRestart(scrape: number) {
    return this.#restarts.filter(each => each.scrape <= scrape).pop();
  }

  #startedAt(time: number): number {
    const restart = this.#lastRestart(Math.floor(time / scrapeInterval));
    return restart ? restart.scrape * scrapeInterval : this.bornAt;
  }

  #influence(): EffectsOnTarget {
    const { namespace, application, version, image } = this.identity;
    return this.surroundings.effectsOn({
      namespace,
      service: this.#service ?? application,
      application,
      version,
      image,
    });
  }

  /** Cut wherever something changes for this pod, and at every scrape. */
  #piecesBetween(
    from: number,
    until: number,
  ): readonly { readonly from: number; readonly piece: Piece }[] {
    const effects = this.#influence();
    const changes = [
      ...effects.boundaries,
      ...this.#shares.map(share => share.from),
      ...this.#runs.flatMap(run => [run.from, run.until]),
    ].filter(time => time > from && time < until);
    const cuts = [...new Set(changes)].sort((left, right) => left - right);
    const pieces: { from: number; piece: Piece }[] = [];
    let next = 0;
    for (let time = from; time < until; ) {
      const scrape = (Math.floor(time / scrapeInterval) + 1) * scrapeInterval;
      const end = Math.min(scrape, until, cuts[next] ?? Infinity);
      if (end === cuts[next]) next++;
      if (this.answersAt(time))
        pieces.push({ from: time, piece: this.#piece(time, end, effects) });
      time = end;
    }
    return pieces;
  }

  #piece(from: number, until: number, effects: EffectsOnTarget): Piece {
    const middle = (from + until) / 2;
    const seconds = (until - from) / 1_000;
    const influence = combine(effects.at(from), this.#traits);
    const share = this.#shares.filter(each => each.from <= from).pop()?.share;
    const rate =
      share && this.#service
        ? share *
          requestRateAt(this.surroundings.profileOf(this.#service), middle) *
          influence.requestFactor
        : 0;
    const cold = Math.exp(-(middle - this.#startedAt(middle)) / coldTime);
    const fails = errorRateAt(this.#profile, middle);
    return {
      seconds,
      requests: rate * seconds,
      errorRate: 1 - (1 - fails) * (1 - influence.errorRate),
      errorCluster: this.#profile.errorCluster,
      medianSeconds:
        this.#profile.medianSeconds *
        influence.latencyFactor *
        this.#ownSpeed *
        (1 + cold),
      latencySpread: this.#profile.latencySpread,
      cpuSecondsPerRequest:
        this.#profile.cpuSecondsPerRequest * influence.cpuFactor,
      idleCores: this.#profile.idleCores,
    };
  }
}
