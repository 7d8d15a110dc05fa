// SPDX-License-Identifier: Apache-2.0
import type { Arm, ArmMinute } from '../../src/canary/judge/minutes';
import { tail, type Service } from './service';
import { faultAt, type Kind } from './version';

const scrapesPerMinute = 4;

/** What all versions meet in a minute. */
export interface Moment {
  readonly minute: number;
  readonly weightPercent: number;
  readonly burst: number;
  readonly sharedLatency: number;
  readonly dependency: number;
}

/** Plays one version, scrape by scrape. */
export class ArmHistory {
  readonly excess: number[] = [];
  #spill = 0;
  #missed: { requests: number; errors: number; buckets: number[] };

  constructor(
    private readonly service: Service,
    private readonly arm: Arm,
    private readonly version: { readonly kind: Kind; readonly onset: number },
    private readonly soakMinutes: number,
  ) {
    this.#missed = this.#nothing();
  }

  minuteOf(moment: Moment): ArmMinute {
    const { random } = this.service;
    const sum = this.#nothing();
    let scrapes = 0;
    let excess = 0;
    const away = random.chance(0.01);
    for (let scrape = 0; scrape < scrapesPerMinute; scrape++) {
      const drawn = this.#scrape(moment);
      excess += drawn.excess;
      add(this.#missed, drawn);
      if (away || random.chance(0.02)) continue;
      scrapes++;
      // A counter that starts again loses what it had counted since the last look.
      if (!random.chance(0.0005)) add(sum, this.#missed);
      this.#missed = this.#nothing();
    }
    if (moment.minute > 0) this.excess.push(excess);
    const silent = this.arm === 'canary' && moment.minute < 1;
    return {
      ...sum,
      scrapes: silent ? 0 : scrapes,
      cpuPercent: scrapes > 0 && !silent ? this.#cpu(moment) : null,
      memoryPercent: scrapes > 0 && !silent ? this.#memory(moment) : null,
    };
  }

  #nothing() {
    const buckets = new Array<number>(this.service.boundsMs.length + 1).fill(0);
    return { requests: 0, errors: 0, buckets };
  }

  #share({ weightPercent }: Moment): number {
    return this.arm === 'canary'
      ? weightPercent / 100
      : 1 - weightPercent / 100;
  }

  #load({ minute, burst }: Moment): number {
    const day = (2 * Math.PI * minute) / (24 * 60);
    return (1 + 0.3 * Math.sin(this.service.phase + day)) * Math.exp(burst);
  }

  #scrape(moment: Moment) {
    const { random, requestsPerSecond, incident, boundsMs } = this.service;
    const mean =
      requestsPerSecond *
      (60 / scrapesPerMinute) *
      this.#share(moment) *
      this.#load(moment);
    const requests = random.poisson(mean);
    const { minute, dependency } = moment;
    const hit =
      incident && minute >= incident.from && minute < incident.until
        ? incident
        : undefined;
    const fault = faultAt(this.version.kind, minute, this.version.onset);
    const usual =
      this.service.errorRate * dependency + (hit?.errors[this.arm] ?? 0);
    const expected = this.#clustered(requests, usual);
    const extra = random.binomial(requests, fault.errorRate);
    const errors = Math.min(requests, expected + extra);
    const factor =
      this.service.podSpread[this.arm] *
      Math.exp(moment.sharedLatency) *
      (hit?.latency[this.arm] ?? 1) *
      this.#coldStart(minute);
    const slowed = random.binomial(requests, fault.share);
    const buckets = this.#spread(slowed, factor * fault.latency);
    this.#spread(requests - slowed, factor).forEach((count, index) => {
      buckets[index] += count;
    });
    return {
      requests,
      errors,
      buckets: buckets.slice(0, boundsMs.length + 1),
      excess: Math.max(0, errors - expected),
    };
  }

  /** Failures come in clusters, and a cluster may reach into the next scrape. */
  #clustered(requests: number, rate: number): number {
    const { random, clusterMean } = this.service;
    let errors = this.#spill;
    this.#spill = 0;
    const clusters = random.poisson((requests * rate) / clusterMean);
    for (let index = 0; index < clusters; index++) {
      const size = random.clusterSize(clusterMean);
      const later = random.chance(0.2) ? Math.floor(size / 2) : 0;
      errors += size - later;
      this.#spill += later;
    }
    return Math.min(requests, errors);
  }

  /** New pods are slow: all of them at the start, some at each step. */
  #coldStart(minute: number): number {
    if (this.arm === 'baseline' || minute < 1) return 1;
    const since = (minute - 1) % this.soakMinutes;
    const first = minute <= this.soakMinutes;
    const strength = (this.service.coldStart - 1) * (first ? 1 : 0.3);
    return 1 + strength * Math.exp(-since / (first ? 1.2 : 0.8));
  }

  #spread(requests: number, factor: number): number[] {
    const { random, boundsMs, fast, slow } = this.service;
    const above = (bound: number) =>
      (1 - slow.share) * tail(bound, fast.median * factor, fast.spread) +
      slow.share * tail(bound, slow.median * factor, slow.spread);
    const buckets: number[] = [];
    let rest = requests;
    let restShare = 1;
    for (const bound of boundsMs) {
      const share = above(bound);
      const inside = random.binomial(
        rest,
        restShare > 1e-12 ? 1 - share / restShare : 1,
      );
      buckets.push(inside);
      rest -= inside;
      restShare = share;
    }
    return [...buckets, rest];
  }

  #cpu(moment: Moment): number {
    const { random, cpu } = this.service;
    const { kind, onset } = this.version;
    const full =
      kind === 'CPU at full traffic' && moment.minute >= onset ? 105 : cpu.full;
    const used =
      cpu.idle + (full - cpu.idle) * this.#share(moment) * this.#load(moment);
    return Math.max(0, used * (1 + 0.04 * random.normal()));
  }

  #memory({ minute }: Moment): number {
    const { random, memory } = this.service;
    const warm =
      this.arm === 'canary'
        ? memory.warmUp * (1 - Math.exp(-minute / memory.tau))
        : memory.warmUp;
    const leaked =
      this.version.kind === 'memory leak' ? Math.max(0, minute) * 0.3 : 0;
    return memory.base + warm + leaked + 0.4 * random.normal();
  }
}

interface Counts {
  requests: number;
  errors: number;
  buckets: number[];
}

function add(sum: Counts, more: Counts): void {
  sum.requests += more.requests;
  sum.errors += more.errors;
  more.buckets.forEach((count, index) => {
    sum.buckets[index] += count;
  });
}
