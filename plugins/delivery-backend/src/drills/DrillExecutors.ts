// SPDX-License-Identifier: Apache-2.0
import type {
  DrillFault,
  DrillRefusal,
} from '@causeway/plugin-delivery-common';
import type { DrillExecutor, FaultEnd, FaultOrder } from './DrillExecutor';

/** Said where no fault can be brought about at all. */
export const noExecutor: DrillRefusal = {
  code: 'noExecutor',
  message:
    'This portal can not bring about faults: there is no simulated world, and nothing else is set up for it.',
};

/** For people: what a fault is. */
const faultNames: Readonly<Record<DrillFault, string>> = {
  networkOff: 'a network that is off',
  networkFlapping: 'a network that comes and goes',
  load: 'a high load',
  storageFull: 'full storage',
  memoryPressure: 'memory pressure',
  containerRestart: 'a restart of containers',
  suddenReboot: 'a sudden reboot',
  heat: 'heat',
  powerOff: 'a loss of power',
  undervoltage: 'undervoltage',
};

/** Who brings faults about, by cluster: the first one that serves it. */
export class DrillExecutors {
  constructor(private readonly executors: readonly DrillExecutor[]) {}

  /** Why a fault can be brought about nowhere; undefined when it can. */
  whyNot(fault: DrillFault): DrillRefusal | undefined {
    if (this.executors.some(({ faults }) => faults.includes(fault))) {
      return undefined;
    }
    const [first] = this.executors;
    return first ? unknownFault(fault, first) : noExecutor;
  }

  /** Why it can not be brought about on the devices of a cluster; undefined when it can. */
  whyNotIn(cluster: string, fault: DrillFault): DrillRefusal | undefined {
    const executor = this.#for(cluster);
    if (!executor) {
      return {
        code: 'noExecutor',
        message: `Nothing is set up that brings faults about in the cluster ${cluster}.`,
      };
    }
    return executor.faults.includes(fault)
      ? undefined
      : unknownFault(fault, executor);
  }

  /** As {@link DrillExecutor.begin}, on the devices of every cluster by its own executor. */
  async begin(order: FaultOrder, signal: AbortSignal): Promise<void> {
    for (const [executor, part] of this.#parts(order)) {
      await executor.begin(part, signal);
    }
  }

  /** As {@link DrillExecutor.end}. */
  async end(order: FaultOrder, signal: AbortSignal): Promise<FaultEnd> {
    const ends: string[] = [];
    const problems: unknown[] = [];
    for (const [executor, part] of this.#parts(order)) {
      try {
        ends.push((await executor.end(part, signal)).at ?? '');
      } catch (error) {
        // What can be ended is, whoever else does not answer.
        problems.push(error);
      }
    }
    if (problems.length > 0) throw problems[0];
    const last = ends.sort().at(-1);
    return last && !ends.includes('') ? { at: last } : {};
  }

  #for(cluster: string): DrillExecutor | undefined {
    return this.executors.find(executor => executor.serves(cluster));
  }

  #parts(order: FaultOrder): ReadonlyMap<DrillExecutor, FaultOrder> {
    const parts = new Map<DrillExecutor, FaultOrder>();
    for (const device of order.devices) {
      const executor = this.#for(device.cluster);
      if (!executor) {
        throw new Error(
          `Nobody here can bring about or end faults in the cluster ${device.cluster}.`,
        );
      }
      const devices = [...(parts.get(executor)?.devices ?? []), device];
      parts.set(executor, { ...order, devices });
    }
    return parts;
  }
}

function unknownFault(
  fault: DrillFault,
  { title }: DrillExecutor,
): DrillRefusal {
  return {
    code: 'unknownFault',
    message: `Nothing here can bring about ${faultNames[fault]}: ${title} can not.`,
  };
}
