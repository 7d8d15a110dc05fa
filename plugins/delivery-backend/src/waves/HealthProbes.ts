// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  checkReadings,
  PORTAL_ACTOR,
  type HealthCheckSeen,
  type HttpCheck,
  type Promotion,
  type WaveState,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import { devicesToCheck, type DeviceToCheck } from './devicesToCheck';
import type { StageDevice } from './observeDevices';
import { JobProbes } from './probes/JobProbes';
import type { ProbesToSettle } from './probes/probesToSettle';
import type { ConfiguredProbes } from './probes/readProbeConfig';
import type { ActOn } from './replacePods';

/** Milliseconds between two questions to one device. */
const PERIOD = 20_000;
/** An answer says nothing after so many milliseconds: time for a wave that asks thousands in turn. */
const LONGEST_AGE = 300_000;
/** Questions of one look, and at once; more devices are asked in turn. */
const MOST = 200;
const AT_ONCE = 32;
/** No question takes longer, and not all of one look together, in milliseconds. */
const LONGEST = 10_000;
const LONGEST_LOOK = 15_000;

/** When a device was asked the last time, in milliseconds since the epoch, and what it answered last. */
interface Asked {
  readonly at: number;
  readonly pod: string;
  readonly seen?: HealthCheckSeen;
}

interface Question {
  readonly id: string;
  readonly device: StageDevice;
  readonly pod: string;
  readonly check: HttpCheck;
}

/**
 * Asks the pods of devices whether they do well, through the API server of their cluster, and has Jobs
 * test them. Only devices that run the release and are not proven yet are asked, each now and then and so
 * many at once. What the API server or the portal could not ask is no answer, so it condemns nobody.
 * Answers of pods are kept in memory: another process asks anew.
 */
export class HealthProbes {
  readonly #asked = new Map<string, Asked>();
  readonly #jobs: JobProbes;

  constructor(
    private readonly outside: {
      readonly actOn: ActOn;
      readonly clock: Clock;
      readonly logger: LoggerService;
      readonly probes: ConfiguredProbes;
    },
  ) {
    this.#jobs = new JobProbes(outside);
  }

  /**
   * The devices, with what the checks of the wave's policy find now. Never throws.
   * @param wave - undefined while it has not begun; then nobody runs anything to be checked
   */
  async check(
    promotion: Promotion,
    wave: WaveState | undefined,
    devices: ReadonlyMap<string, StageDevice>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, StageDevice>> {
    if (!wave?.policy.health) return devices;
    const checked = devicesToCheck(wave, devices);
    const inTime = AbortSignal.timeout(LONGEST_LOOK);
    const until = AbortSignal.any([signal, inTime]);
    await Promise.all([
      this.#ask(questionsOf(checked), until),
      this.#jobs.look(promotion, wave.policy, checked, until),
    ]);
    const now = this.outside.clock().getTime();
    const withChecks = new Map(devices);
    for (const device of checked) {
      const { id, found } = device;
      const http = this.#answerOf(id, found, now);
      const job = this.#jobs.answerOf(promotion, device);
      const checks = {
        ...checkReadings(device.checks, found.readings, now),
        ...(http && { http }),
        ...(job && { job }),
      };
      withChecks.set(id, { ...found, device: { ...found.device, checks } });
    }
    this.#forget(now);
    return withChecks;
  }

  /** The Jobs that are to begin or to go, once it is written down what was found. */
  toSettle(
    promotion: Promotion,
    wave: WaveState,
    devices: ReadonlyMap<string, StageDevice>,
  ): ProbesToSettle {
    return this.#jobs.toSettle(promotion, devicesToCheck(wave, devices));
  }

  /** Never throws. */
  settle(
    probes: ProbesToSettle,
    promotion: Promotion,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#jobs.settle(probes, promotion, signal);
  }

  #answerOf(
    id: string,
    { pod }: StageDevice,
    now: number,
  ): HealthCheckSeen | undefined {
    const asked = this.#asked.get(id);
    const seen = asked?.pod === pod?.name ? asked?.seen : undefined;
    return seen && now - seen.at <= LONGEST_AGE ? seen : undefined;
  }

  async #ask(all: readonly Question[], signal: AbortSignal): Promise<void> {
    const now = this.outside.clock().getTime();
    const lastAsked = ({ id, pod }: Question) => {
      const asked = this.#asked.get(id);
      return asked?.pod === pod ? asked.at : 0;
    };
    const due = all
      .filter(question => now - lastAsked(question) >= PERIOD)
      .sort((one, other) => lastAsked(one) - lastAsked(other))
      .slice(0, MOST);
    const queue = due.values();
    const worker = async () => {
      for (const question of queue) {
        if (signal.aborted) return;
        const seen = await this.#askOne(question, signal);
        const at = this.outside.clock().getTime();
        this.#note(question, at, seen && { ...seen, at });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  /** A question that nobody answered leaves what was answered before. */
  #note(
    { id, pod }: Question,
    at: number,
    seen: HealthCheckSeen | undefined,
  ): void {
    const before = this.#asked.get(id);
    const known = seen ?? (before?.pod === pod ? before.seen : undefined);
    this.#asked.set(id, { at, pod, ...(known && { seen: known }) });
  }

  /** Undefined when nobody answered: that says nothing about the release. */
  async #askOne(
    { device, pod, check }: Question,
    signal: AbortSignal,
  ): Promise<Pick<HealthCheckSeen, 'problem'> | undefined> {
    const { cluster, workload } = device.target;
    const there = this.outside.actOn(cluster, { actor: PORTAL_ACTOR }, signal);
    try {
      const status = await there?.status(
        proxyPath(workload.namespace, pod, check),
        Math.min(check.within, LONGEST),
      );
      if (status === undefined) return undefined;
      return status >= 200 && status < 300
        ? {}
        : { problem: `its probe ${check.path} answered ${status}` };
    } catch {
      return undefined;
    }
  }

  #forget(now: number): void {
    for (const [id, { at }] of this.#asked)
      if (now - at > LONGEST_AGE) this.#asked.delete(id);
  }
}

function questionsOf(checked: readonly DeviceToCheck[]): readonly Question[] {
  return checked.flatMap(({ id, found, checks, due }) => {
    const pod = found.pod?.name;
    return checks.http && pod && due.includes('http')
      ? [{ id, device: found, pod, check: checks.http }]
      : [];
  });
}

/** The path has no dots and no query, as the pipeline's schema says, so it leads nowhere else. */
function proxyPath(
  namespace: string,
  pod: string,
  { port, path }: HttpCheck,
): string {
  const [place, name] = [namespace, pod].map(encodeURIComponent);
  return `/api/v1/namespaces/${place}/pods/http:${name}:${port}/proxy${path}`;
}
