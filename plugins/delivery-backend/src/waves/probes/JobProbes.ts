// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  PORTAL_ACTOR,
  wantedImages,
  type HealthCheckSeen,
  type Promotion,
  type WavePolicy,
} from '@causeway/plugin-delivery-common';
import limiter from 'p-limit';
import { podPath } from '../../actions/kubernetes/pods';
import type { Clock } from '../../Clock';
import { recordIn, textIn } from '../../clusters/fields';
import { jobsIn } from '../../clusters/jobs';
import type { DeviceToCheck } from '../devicesToCheck';
import type { ActOn } from '../replacePods';
import {
  deviceAnnotation,
  probeAnnotation,
  probeJob,
  probeLabel,
  testedPod,
} from './probeJob';
import { notRun, probeOutcome } from './probeOutcome';
import {
  namespaceOf,
  probeAnswer,
  probesToSettle,
  type ProbeListing,
  type ProbesToSettle,
  type ProbeToMake,
  type SeenProbe,
} from './probesToSettle';
import type { ConfiguredProbes } from './readProbeConfig';

/** Milliseconds between two looks at the Jobs of a wave. */
const PERIOD = 5_000;
/** What was seen of a wave is forgotten, and looked at anew, after so many milliseconds. */
const LONGEST_AGE = 3_600_000;
/** Writes to clusters at the same time, and milliseconds for all of one look. */
const AT_ONCE = 8;
const LONGEST_LOOK = 15_000;

const nothing: ProbeListing = { probes: [], silent: new Map() };

/**
 * Runs probes by Jobs on devices that have the release and are not proven yet. The clusters know what
 * runs, and the wave what was answered; nothing else is remembered, so any process goes on for any other.
 */
export class JobProbes {
  /** By promotion. */
  readonly #seen = new Map<string, ProbeListing & { readonly at: number }>();
  /** What clusters refused, by device, until it is tried again. */
  readonly #refused = new Map<string, HealthCheckSeen>();

  constructor(
    private readonly outside: {
      readonly probes: ConfiguredProbes;
      readonly actOn: ActOn;
      readonly clock: Clock;
      readonly logger: LoggerService;
    },
  ) {}

  /** Looks at the Jobs of a wave, unless there can be none. Never throws. */
  async look(
    promotion: Promotion,
    policy: WavePolicy,
    devices: readonly DeviceToCheck[],
    signal: AbortSignal,
  ): Promise<void> {
    const places = this.#placesOf(promotion, policy);
    if (places.length === 0) return;
    const at = this.#now();
    for (const memory of [this.#seen, this.#refused])
      for (const [id, known] of memory)
        if (at - known.at > LONGEST_AGE) memory.delete(id);
    const seen = this.#seen.get(promotion.id);
    if (seen && at - seen.at < PERIOD) return;
    const isDue = devices.some(({ due }) => due.includes('job'));
    const isEmpty = seen?.probes.length === 0 && seen.silent.size === 0;
    if (isEmpty && !isDue) return;
    const probes: SeenProbe[] = [];
    const silent = new Map<string, string | undefined>();
    await Promise.all(
      places.map(async ({ cluster, namespace }) => {
        try {
          probes.push(
            ...(await this.#list(cluster, namespace, promotion, signal)),
          );
        } catch (error) {
          silent.set(cluster, refusalIn(error));
        }
      }),
    );
    this.#seen.set(promotion.id, { at, probes, silent });
  }

  /** What the probe of a device says now; undefined when nobody knows. */
  answerOf(
    promotion: Promotion,
    device: DeviceToCheck,
  ): HealthCheckSeen | undefined {
    return probeAnswer(
      promotion.id,
      device,
      this.outside.probes,
      this.#seen.get(promotion.id) ?? nothing,
      this.#refused.get(device.id),
      this.#now(),
    );
  }

  /** What is to be done, by what was seen at the last look. */
  toSettle(
    promotion: Promotion,
    devices: readonly DeviceToCheck[],
  ): ProbesToSettle {
    const seen = this.#seen.get(promotion.id);
    return seen
      ? probesToSettle(
          promotion.id,
          devices,
          this.outside.probes,
          seen,
          this.#now(),
        )
      : { make: [], remove: [] };
  }

  /** Never throws: one that can not be made or removed keeps no other. */
  async settle(
    { make, remove }: ProbesToSettle,
    promotion: Promotion,
    signal: AbortSignal,
  ): Promise<void> {
    // What was seen is not so any more.
    this.#seen.delete(promotion.id);
    const until = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_LOOK)]);
    const limit = limiter(AT_ONCE);
    await Promise.all([
      ...remove.map(seen => limit(() => this.#remove(seen, until))),
      ...make.map(each => limit(() => this.#make(each, promotion, until))),
    ]);
  }

  #placesOf(
    { declaration }: Promotion,
    { health = {} }: WavePolicy,
  ): readonly { readonly cluster: string; readonly namespace: string }[] {
    const probes = Object.values(health).flatMap(
      ({ job }) => (job && this.outside.probes.get(job.probe)) ?? [],
    );
    const places = declaration.targets.flatMap(target =>
      probes.map(probe => ({
        cluster: target.cluster,
        namespace: namespaceOf(probe, target),
      })),
    );
    return [
      ...new Map(
        places.map(place => [`${place.cluster} ${place.namespace}`, place]),
      ).values(),
    ];
  }

  async #list(
    cluster: string,
    namespace: string,
    promotion: Promotion,
    signal: AbortSignal,
  ): Promise<readonly SeenProbe[]> {
    const there = this.#actOn(cluster, signal);
    if (!there) throw new Error(`The portal has no cluster ${cluster} now.`);
    const labels = `${probeLabel}=${promotion.id}`;
    const jobs = await there.list(jobsIn(namespace), { labels });
    if (jobs.length === 0) return [];
    const place = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
    const pods = await there.list(place, { labels });
    return jobs.map(job => this.#seenProbe(cluster, namespace, job, pods));
  }

  #seenProbe(
    cluster: string,
    namespace: string,
    job: unknown,
    pods: readonly unknown[],
  ): SeenProbe {
    const metadata = recordIn(job, 'metadata');
    const annotations = recordIn(metadata, 'annotations');
    const name = textIn(metadata, 'name') ?? '';
    const probe = this.outside.probes.get(
      textIn(annotations, probeAnnotation) ?? '',
    );
    const own = pods.filter(pod => jobOf(pod) === name);
    return {
      cluster,
      namespace,
      name,
      device: textIn(annotations, deviceAnnotation) ?? '',
      deleting: textIn(metadata, 'deletionTimestamp') !== undefined,
      outcome: probe ? probeOutcome(probe, job, own) : { kind: 'running' },
    };
  }

  async #make(
    made: ProbeToMake,
    promotion: Promotion,
    signal: AbortSignal,
  ): Promise<void> {
    const { device, namespace, target, probe, pod } = made;
    const { cluster, workload } = target;
    // Only what was just refused is shown; what is tried again is looked at anew.
    this.#refused.delete(device);
    try {
      const there = this.#actOn(cluster, signal);
      const path = podPath({ namespace: workload.namespace, name: pod });
      const tested = testedPod(await there?.get(path));
      if (!there || !tested) return;
      const digests = wantedImages(promotion).map(({ digest }) => digest);
      const order = { ...made, promotion: promotion.id, digests };
      const { kind } = await there.create(
        jobsIn(namespace),
        probeJob(order, probe, tested),
      );
      if (kind === 'missing')
        this.#refuse(made, `${cluster} has no namespace ${namespace}`);
    } catch (error) {
      const refusal = refusalIn(error);
      if (refusal === undefined) this.#warn(`begun on ${device}`, error);
      else this.#refuse(made, refusal);
    }
  }

  async #remove(
    { cluster, namespace, name, device }: SeenProbe,
    signal: AbortSignal,
  ): Promise<void> {
    // In the foreground: as long as its pod is there, so is its name, and there is no second one.
    const path = `${jobsIn(namespace)}/${encodeURIComponent(
      name,
    )}?propagationPolicy=Foreground`;
    try {
      await this.#actOn(cluster, signal)?.remove(path);
    } catch (error) {
      this.#warn(`taken away from ${device}`, error);
    }
  }

  #refuse({ device, probe }: ProbeToMake, why: string): void {
    const obstacle = notRun(probe.name, why);
    this.#refused.set(device, { at: this.#now(), obstacle });
  }

  #warn(what: string, error: unknown): void {
    this.outside.logger.warn(
      `A probe could not be ${what}, trying again: ${error}`,
    );
  }

  #actOn(cluster: string, signal: AbortSignal) {
    return this.outside.actOn(cluster, { actor: PORTAL_ACTOR }, signal);
  }

  #now(): number {
    return this.outside.clock().getTime();
  }
}

/** What does not go by itself, as the end of a sentence. */
function refusalIn(error: unknown): string | undefined {
  return error instanceof Error && error.name === 'NotAllowedError'
    ? error.message.replace(/\.$/, '')
    : undefined;
}

function jobOf(pod: unknown): string | undefined {
  const labels = recordIn(recordIn(pod, 'metadata'), 'labels');
  return textIn(labels, 'batch.kubernetes.io/job-name');
}
