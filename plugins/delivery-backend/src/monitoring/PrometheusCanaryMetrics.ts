// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  known,
  unknown,
  type CanaryMinute,
  type Instant,
  type Known,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import type {
  CanaryMetrics,
  CanarySource,
  CanaryTraffic,
  MinuteReading,
} from './CanaryMetrics';
import type { PrometheusAnswer } from './prometheusFailures';
import { readCanary, type PrometheusServer } from './readCanary';
import type { Minutes } from './readMinutes';

/** How long servers are waited for, in milliseconds. */
export interface ReadingLimits {
  /** For all servers together. */
  readonly all: number;
  /** For the others once one has answered with data. */
  readonly others: number;
}

export const defaultReadingLimits: ReadingLimits = {
  all: 20_000,
  others: 2_000,
};

interface Reading {
  readonly server: PrometheusServer;
  readonly answer: PrometheusAnswer<Minutes>;
}

/**
 * Canaries as the configured Prometheus servers saw them.
 *
 * All servers of the cluster are asked at once, so one that hangs delays a reading by two seconds at
 * most when another answers. In the order of the configuration the first with samples of the canary
 * counts; what the others say differently, and who did not answer, is noted and never mixed in.
 */
export class PrometheusCanaryMetrics implements CanaryMetrics {
  readonly #failingSince = new Map<string, Instant>();

  constructor(
    private readonly parts: {
      readonly servers: readonly PrometheusServer[];
      readonly logger: LoggerService;
      readonly clock: Clock;
      readonly limits?: ReadingLimits;
    },
  ) {}

  async read(
    source: CanarySource,
    traffic: CanaryTraffic,
    signal: AbortSignal,
  ): Promise<Known<MinuteReading>> {
    const { cluster, namespace, workload } = source;
    const readAt = this.parts.clock().toISOString();
    const servers = this.parts.servers.filter(
      ({ clusters }) => clusters === undefined || clusters.includes(cluster),
    );
    if (servers.length === 0) {
      return unknown(
        readAt,
        `No Prometheus is configured for the cluster ${cluster}. Add one to delivery.prometheus.`,
      );
    }
    const readings = await this.#readAll(servers, source, traffic, signal);
    const chosen =
      readings.find(each => hears(each, 'canary')) ??
      readings.find(each => hears(each, 'baseline'));
    if (!chosen?.answer.ok) {
      const problems = readings.map(reading =>
        sayUnheard(reading, `${namespace}/${workload}`),
      );
      const since = readings.every(({ answer }) => !answer.ok)
        ? this.#failingSinceOf(servers, readAt)
        : readAt;
      return unknown(since, problems.join(' '));
    }
    const { minutes, boundsMs, notes } = chosen.answer.value;
    const others = readings.filter(each => each !== chosen);
    return known({
      minutes,
      boundsMs,
      readAt,
      notes: [
        ...notes,
        ...others.flatMap(other => compare(minutes, other, chosen.server)),
      ],
    });
  }

  async #readAll(
    servers: readonly PrometheusServer[],
    source: CanarySource,
    traffic: CanaryTraffic,
    signal: AbortSignal,
  ): Promise<readonly Reading[]> {
    const { clock, limits = defaultReadingLimits } = this.parts;
    const enough = new AbortController();
    let timer = setTimeout(() => enough.abort(), limits.all);
    const inTime = AbortSignal.any([signal, enough.signal]);
    try {
      return await Promise.all(
        servers.map(async server => {
          const reading = {
            server,
            answer: await readCanary(server, source, traffic, clock, inTime),
          };
          if (!signal.aborted) this.#notice(reading);
          if (hears(reading, 'canary') && !enough.signal.aborted) {
            clearTimeout(timer);
            timer = setTimeout(() => enough.abort(), limits.others);
          }
          return reading;
        }),
      );
    } finally {
      clearTimeout(timer);
    }
  }

  /** Logs that a server begins to fail or has come back, not every failure. */
  #notice({ server: { name }, answer }: Reading): void {
    const { logger, clock } = this.parts;
    const wasFailing = this.#failingSince.has(name);
    if (answer.ok) {
      this.#failingSince.delete(name);
      if (wasFailing) logger.info(`Prometheus ${name} answers again.`);
    } else if (!wasFailing) {
      this.#failingSince.set(name, clock().toISOString());
      logger.warn(`Prometheus ${name} ${answer.failure.problem}.`);
    }
  }

  /** Since when none of them has answered. */
  #failingSinceOf(
    servers: readonly PrometheusServer[],
    readAt: Instant,
  ): Instant {
    const instants = servers.map(
      ({ name }) => this.#failingSince.get(name) ?? readAt,
    );
    return instants.reduce((latest, each) => (each > latest ? each : latest));
  }
}

function hears({ answer }: Reading, arm: 'baseline' | 'canary'): boolean {
  return answer.ok && answer.value.minutes.some(each => each[arm].scrapes > 0);
}

function sayUnheard({ server, answer }: Reading, workload: string): string {
  if (!answer.ok) return `Prometheus ${server.name} ${answer.failure.problem}.`;
  const sentence = `Prometheus ${server.name} has no counters of requests to ${workload} or its primary; check its queries and that it scrapes the pods.`;
  return [sentence, ...answer.value.notes].join(' ');
}

/** How far two servers may differ, which do not scrape at the same instants: a share, and a number of requests. */
const tolerance = { share: 0.1, requests: 20 };

function compare(
  minutes: readonly CanaryMinute[],
  other: Reading,
  { name }: PrometheusServer,
): readonly string[] {
  if (!other.answer.ok) return [sayUnheard(other, '')];
  const theirName = other.server.name;
  const theirs = other.answer.value.minutes;
  return (['canary', 'baseline'] as const).flatMap(arm => {
    if (!hears(other, arm))
      return [`Prometheus ${theirName} has no samples of the ${arm}.`];
    return (['requests', 'errors'] as const).flatMap(count => {
      const mine = sum(minutes, arm, count);
      const their = sum(theirs, arm, count);
      const allowed = Math.max(
        tolerance.requests,
        tolerance.share * Math.max(mine, their),
      );
      return Math.abs(mine - their) <= allowed
        ? []
        : [
            `Prometheus ${name} and ${theirName} differ: ${mine} and ${their} ${count} of the ${arm}; ${name} counts.`,
          ];
    });
  });
}

function sum(
  minutes: readonly CanaryMinute[],
  arm: 'baseline' | 'canary',
  count: 'requests' | 'errors',
): number {
  return minutes.reduce((total, each) => total + each[arm][count], 0);
}
