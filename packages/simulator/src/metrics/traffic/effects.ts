// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../../time/Scheduler';

/** What can be done to the traffic of a service or of one of its versions. */
export interface TrafficEffect {
  /** Name of the service, or of the application its pods belong to (`app.kubernetes.io/name`). */
  readonly service: string;
  /** Every cluster when left out. */
  readonly cluster?: string;
  /** Every namespace when left out. */
  readonly namespace?: string;
  /** Tag of the image; every version when neither this nor `image` is given. */
  readonly version?: string;
  /** The image as the pods name it; what follows the tag may be left out. */
  readonly image?: string;
  /** Share of the requests, 0…1, that fail besides those that fail anyway. */
  readonly errorRate?: number;
  /** The requests take this many times as long. */
  readonly latencyFactor?: number;
  /** A request costs this many times as much CPU. */
  readonly cpuFactor?: number;
  /** The pods hold this many times as much memory. */
  readonly memoryFactor?: number;
  /** This many times as many requests come. */
  readonly requestFactor?: number;
}

/** Ends what has begun; what was counted meanwhile stays counted. */
export interface RunningEffect {
  end(): void;
}

/** Whom an effect may meet. */
export interface TrafficTarget {
  readonly cluster?: string;
  readonly namespace: string;
  readonly service: string;
  readonly application?: string;
  readonly version: string;
  readonly image: string;
}

/** What all effects together do at an instant. */
export interface Influence {
  readonly errorRate: number;
  readonly latencyFactor: number;
  readonly cpuFactor: number;
  readonly memoryFactor: number;
  readonly requestFactor: number;
}

/** An influence that changes nothing. */
export const noInfluence: Influence = {
  errorRate: 0,
  latencyFactor: 1,
  cpuFactor: 1,
  memoryFactor: 1,
  requestFactor: 1,
};

/** An effect with when it began and ended, in milliseconds. */
interface Span {
  readonly effect: TrafficEffect;
  readonly from: number;
  until: number;
}

/** The effects of a world's traffic, present and past. */
export class TrafficEffects {
  #spans: Span[] = [];

  constructor(private readonly clock: Clock) {}

  /**
   * Begins an effect now.
   * @throws RangeError when a number of it makes no sense
   */
  begin(effect: TrafficEffect): RunningEffect {
    checkNumbers(effect);
    const span = {
      effect,
      from: this.clock().getTime(),
      until: Infinity,
    };
    this.#spans.push(span);
    return {
      end: () => {
        span.until = Math.min(span.until, this.clock().getTime());
      },
    };
  }

  /** The effects that ever meet a target, for many questions about it. */
  of(target: TrafficTarget): EffectsOnTarget {
    const spans = this.#spans.filter(({ effect }) => meets(effect, target));
    return {
      boundaries: spans.flatMap(({ from, until }) => [from, until]),
      at: time =>
        spans
          .filter(({ from, until }) => from <= time && time < until)
          .reduce(
            (influence, { effect }) => combine(influence, effect),
            noInfluence,
          ),
    };
  }

  /** Forgets what ended before an instant in milliseconds. */
  forget(before: number): void {
    this.#spans = this.#spans.filter(({ until }) => until >= before);
  }
}

/** What meets one target over time. */
export interface EffectsOnTarget {
  /** Instants in milliseconds at which it changes. */
  readonly boundaries: readonly number[];
  /** What holds at an instant. */
  at(time: number): Influence;
}

/** Two influences at once: chances of failing are independent, factors multiply. */
export function combine(
  influence: Influence,
  other: Partial<Influence>,
): Influence {
  const { errorRate = 0, latencyFactor = 1, cpuFactor = 1 } = other;
  const { memoryFactor = 1, requestFactor = 1 } = other;
  return {
    errorRate: 1 - (1 - influence.errorRate) * (1 - errorRate),
    latencyFactor: influence.latencyFactor * latencyFactor,
    cpuFactor: influence.cpuFactor * cpuFactor,
    memoryFactor: influence.memoryFactor * memoryFactor,
    requestFactor: influence.requestFactor * requestFactor,
  };
}

function meets(effect: TrafficEffect, target: TrafficTarget): boolean {
  const { service, cluster, namespace, version, image } = effect;
  const isService =
    service === target.service || service === target.application;
  const isImage =
    image === undefined ||
    target.image === image ||
    target.image.startsWith(`${image}@`);
  return (
    isService &&
    isImage &&
    (cluster === undefined || cluster === target.cluster) &&
    (namespace === undefined || namespace === target.namespace) &&
    (version === undefined || version === target.version)
  );
}

function checkNumbers({ errorRate = 0, ...effect }: TrafficEffect): void {
  if (!(errorRate >= 0 && errorRate <= 1))
    throw new RangeError(`errorRate must be between 0 and 1, not ${errorRate}`);
  const { latencyFactor, cpuFactor, memoryFactor, requestFactor } = effect;
  const factors = { latencyFactor, cpuFactor, memoryFactor, requestFactor };
  for (const [name, factor = 1] of Object.entries(factors)) {
    if (!(factor >= 0 && Number.isFinite(factor)))
      throw new RangeError(`${name} must be 0 or more, not ${factor}`);
  }
}
