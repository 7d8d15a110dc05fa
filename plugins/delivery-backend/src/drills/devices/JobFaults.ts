// SPDX-License-Identifier: Apache-2.0
import { NotAllowedError } from '@backstage/errors';
import {
  PORTAL_ACTOR,
  type DrillDevice,
  type DrillFault,
  type Instant,
} from '@causeway/plugin-delivery-common';
import type { DeviceActionCluster } from '@causeway/plugin-delivery-node';
import { readNode } from '../../actions/kubernetes/nodes';
import type { ActOn } from '../../actions/ActionWorker';
import type { Clock } from '../../Clock';
import { recordIn, textIn } from '../../clusters/fields';
import { jobsIn } from '../../clusters/jobs';
import { namespaced } from '../../clusters/namespaced';
import {
  FaultRefused,
  type DrillExecutor,
  type FaultEnd,
  type FaultOrder,
} from '../DrillExecutor';
import { containersOf } from './containersOf';
import {
  endedAt,
  faultJob,
  faultJobName,
  faultJobState,
  isAnnounced,
  latestEnd,
  type FaultJobState,
  type FaultStep,
} from './faultJob';
import type { FaultJobConfig } from './readDrillConfig';

const jobs = '/apis/batch/v1/jobs';

/** Where a step of a fault is done. */
interface Place {
  readonly cluster: DeviceActionCluster;
  readonly device: DrillDevice;
  readonly order: FaultOrder;
}

/**
 * Faults by Jobs on real devices: one that begins the fault, and one that sees to it that nothing of it
 * holds. Both are named after the drill and the device, so after a crash they are found, not made again.
 * The device ends the fault by itself when its time is over, whatever has become of pods and cluster.
 */
export class JobFaults implements DrillExecutor {
  readonly title = 'a Job on the device';
  readonly faults: readonly DrillFault[] = [
    'networkOff',
    'networkFlapping',
    'load',
    'storageFull',
    'memoryPressure',
    'containerRestart',
    'suddenReboot',
  ];

  constructor(
    private readonly parts: {
      readonly config: FaultJobConfig;
      readonly actOn: ActOn;
      readonly clock: Clock;
    },
  ) {}

  serves(cluster: string): boolean {
    return this.parts.config.clusters.includes(cluster);
  }

  async begin(order: FaultOrder, signal: AbortSignal): Promise<void> {
    const waits: string[] = [];
    for (const device of order.devices) {
      const place = this.#place(order, device, signal);
      const wait = await this.#begin(place).catch(error => {
        // Asking again does not help before somebody gives the right.
        throw error instanceof NotAllowedError
          ? new FaultRefused(`${device.name}: ${error.message}`)
          : error;
      });
      if (wait) waits.push(`${device.name}: ${wait}`);
    }
    if (waits.length > 0) throw new Error(`${waits.join('. ')}.`);
  }

  async end(order: FaultOrder, signal: AbortSignal): Promise<FaultEnd> {
    const ends: Instant[] = [];
    const waits: string[] = [];
    for (const device of order.devices) {
      const place = this.#place(order, device, signal);
      const end = await this.#end(place).catch(error => {
        // Who may not look, perhaps never might, and has begun nothing.
        if (!(error instanceof NotAllowedError && this.#isPast(order))) {
          throw error;
        }
        return { kind: 'ended' as const, at: undefined };
      });
      if (end.kind === 'ended' && end.at !== undefined) ends.push(end.at);
      if (end.kind === 'waits') waits.push(`${device.name}: ${end.message}`);
    }
    if (waits.length > 0) throw new Error(`${waits.join('. ')}.`);
    const last = ends.sort().at(-1);
    return last === undefined ? {} : { at: last };
  }

  /** What is waited for; undefined when the fault holds on the device. */
  async #begin(place: Place): Promise<string | undefined> {
    const { config, clock } = this.parts;
    const found = await this.#find(place, 'begin');
    if (found === undefined) return this.#make(place);
    const state = await this.#stateOf(place, 'begin', found);
    switch (state.kind) {
      case 'failed':
        throw new FaultRefused(`${place.device.name}: ${state.said}`);
      case 'waiting':
        return state.said;
      default: {
        if (!isAnnounced(place.order.fault)) return undefined;
        const from = Date.parse(state.at) + config.lead * 1_000;
        return clock().getTime() < from ? 'it is about to go' : undefined;
      }
    }
  }

  async #make(place: Place): Promise<string> {
    const { config } = this.parts;
    const { cluster, device, order } = place;
    const node = await readNode({ cluster, node: device.name });
    if (!node?.ready) {
      throw new FaultRefused(
        `${device.name}: ${
          node ? 'it is not ready' : 'the cluster has no such node'
        }, so no fault was begun.`,
      );
    }
    const { bootId } = node;
    if (order.fault === 'suddenReboot' && !bootId) {
      throw new FaultRefused(
        `${device.name}: it does not tell its boot, so nobody could see another one.`,
      );
    }
    const containers =
      order.fault === 'containerRestart'
        ? await containersOf(cluster, device, order.targets)
        : [];
    const made = await cluster.create(
      jobsIn(config.namespace),
      faultJob('begin', order, device, config, { containers, bootId }),
    );
    if (made.kind === 'missing') {
      throw new FaultRefused(
        `${device.name}: its cluster has no namespace ${config.namespace} for the Job.`,
      );
    }
    return made.kind === 'busy' ? made.message : 'its Job was made';
  }

  /** Never begun, ended at some time, or what is waited for. */
  async #end(
    place: Place,
  ): Promise<
    | { readonly kind: 'ended'; readonly at?: Instant }
    | { readonly kind: 'waits'; readonly message: string }
  > {
    const { config } = this.parts;
    const { cluster, device, order } = place;
    const begun = await this.#find(place, 'begin');
    if (begun === undefined) return { kind: 'ended' };
    const found = await this.#find(place, 'end');
    if (found === undefined) {
      await cluster.create(
        jobsIn(config.namespace),
        faultJob('end', order, device, config),
      );
      return { kind: 'waits', message: 'its Job that ends it was made' };
    }
    const state = await this.#stateOf(place, 'end', found);
    if (state.kind === 'complete') return { kind: 'ended', at: endedAt(state) };
    // Nobody can ask a device any more that was taken out of the cluster.
    if (this.#isPast(order)) {
      const node = await readNode({ cluster, node: device.name });
      if (!node) return { kind: 'ended' };
    }
    return state.kind === 'failed'
      ? {
          kind: 'waits',
          message: `${state.said}. Delete the Job ${faultJobName(
            order.drill,
            device,
            'end',
          )}, and it is tried again`,
        }
      : { kind: 'waits', message: state.said };
  }

  /** Whether the timer of the device has ended the fault, whatever can be seen of it. */
  #isPast(order: FaultOrder): boolean {
    const { config, clock } = this.parts;
    return clock().getTime() >= latestEnd(order, config);
  }

  #place(order: FaultOrder, device: DrillDevice, signal: AbortSignal): Place {
    const behalf = { actor: PORTAL_ACTOR };
    const cluster = this.parts.actOn(device.cluster, behalf, signal);
    if (cluster) return { cluster, device, order };
    throw new Error(`The portal has no cluster ${device.cluster} now.`);
  }

  async #find(
    { cluster, device, order }: Place,
    step: FaultStep,
  ): Promise<unknown> {
    const { namespace } = this.parts.config;
    const name = faultJobName(order.drill, device, step);
    return cluster.get(namespaced(jobs, { namespace, name }));
  }

  async #stateOf(
    { cluster, device, order }: Place,
    step: FaultStep,
    job: unknown,
  ): Promise<FaultJobState> {
    const namespace = encodeURIComponent(this.parts.config.namespace);
    const name = faultJobName(order.drill, device, step);
    const pods = await cluster.list(`/api/v1/namespaces/${namespace}/pods`, {
      labels: `batch.kubernetes.io/job-name=${name}`,
    });
    return faultJobState(job, newestFirst(pods));
  }
}

function newestFirst(pods: readonly unknown[]): readonly unknown[] {
  const createdAt = (pod: unknown) =>
    textIn(recordIn(pod, 'metadata'), 'creationTimestamp') ?? '';
  return [...pods].sort((a, b) => (createdAt(a) < createdAt(b) ? 1 : -1));
}
