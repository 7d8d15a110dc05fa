// SPDX-License-Identifier: Apache-2.0
import { healthyMachines } from '../controllers/nodes/healthyMachines';
import type {
  Machines,
  NodePressure,
  PodOfWorkload,
  ProgramEnd,
} from '../controllers/nodes/Machines';
import type { Cancel, Scheduler } from '../time/Scheduler';
import { between } from './chance';
import type { Device } from './Device';
import type { DeviceWorld } from './DeviceWorld';
import { ofKind } from './effects';
import { transferTime } from './network';
import type { DeviceState } from './Telemetry';

/** Milliseconds between two looks at devices that change by themselves: flapping, booting, filling up. */
const lookInterval = 1_000;

/** Bytes that a new version of an image adds to what a device has: layers are shared. */
function newBytesOf(image: string): number {
  return between(1_000_000, 3_000_000, 0, 'image', image);
}

/** A container of this image restarts the device that it runs on, once it has ended. */
export const rebootImage = 'simulator.causeway.dev/reboot:1';
/** One of this image does so too, in whichever version: a device boots its new system. */
const osUpgrade = 'simulator.causeway.dev/os-upgrade:';

/** A container of this image asks the cloud over the network of its device, and fails where too much is lost. */
export const probeImage = 'simulator.causeway.dev/probe:1';
const tolerableLoss = 0.1;

/**
 * The devices of one cluster as their kubelets meet them. Nodes that are no
 * devices, like the servers of the cloud, are healthy. One timer runs while
 * devices change by themselves, and none otherwise.
 */
export class DeviceMachines implements Machines {
  readonly #listeners = new Set<(node: string) => void>();
  /** Devices that may change without a call, and how they were told of last. */
  readonly #restless = new Map<Device, DeviceState>();
  readonly #unsubscribe: () => void;
  #cancel: Cancel = () => undefined;
  #isLooking = false;

  constructor(
    private readonly world: DeviceWorld,
    cluster: string,
    private readonly scheduler: Scheduler,
  ) {
    this.#unsubscribe = world.effects.onChange(cluster, device =>
      this.#disturb(device),
    );
  }

  isRunning(node: string): boolean {
    return this.#state(node)?.running ?? true;
  }

  isConnected(node: string): boolean {
    return this.#state(node)?.connected ?? true;
  }

  bootedAt(node: string): Date {
    const state = this.#state(node);
    return state ? new Date(state.bootedAt) : healthyMachines.bootedAt(node);
  }

  killedAt(node: string, pod: PodOfWorkload): number | undefined {
    return ofKind(this.world.effects.of(node), 'containerRestart')
      .filter(
        ({ parameters: { namespace, workload } = {} }) =>
          (namespace ?? pod.namespace) === pod.namespace &&
          (workload ?? pod.workload) === pod.workload,
      )
      .at(-1)?.from;
  }

  pressure(node: string): NodePressure {
    const state = this.#state(node);
    return {
      memory: state?.memoryPressure ?? false,
      disk: state?.storagePressure ?? false,
      processes: false,
    };
  }

  clockSkew(node: string): number {
    return this.#state(node)?.clockSkew ?? 0;
  }

  graphicsProcessors(node: string): number {
    return this.#state(node)?.graphicsProcessors ?? 0;
  }

  pullDuration(node: string, image: string): number {
    const device = this.world.plan.deviceNamed(node);
    if (!device) return healthyMachines.pullDuration(node, image);
    const network = this.world.networkAt(device, this.scheduler.now());
    return Math.round(transferTime(network, newBytesOf(image)));
  }

  endOf(node: string, images: readonly string[]): ProgramEnd | undefined {
    const device = this.world.plan.deviceNamed(node);
    if (!device || !images.includes(probeImage)) return undefined;
    const { loss } = this.world.networkAt(device, this.scheduler.now());
    if (loss <= tolerableLoss) return undefined;
    const percent = Math.round(100 * loss);
    return { exitCode: 1, message: `${percent} % of the packets were lost` };
  }

  ran(node: string, images: readonly string[]): void {
    const boots = images.some(
      image => image === rebootImage || image.startsWith(osUpgrade),
    );
    if (!boots || !this.world.plan.deviceNamed(node)) return;
    this.world.effects.begin({ kind: 'reboot', devices: [node] }).end();
  }

  onChange(listener: (node: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks and calls no more. */
  stop(): void {
    this.#unsubscribe();
    this.#cancel();
    this.#listeners.clear();
  }

  #state(node: string): DeviceState | undefined {
    const device = this.world.plan.deviceNamed(node);
    return device && this.world.stateAt(device, this.scheduler.now());
  }

  #disturb(name: string): void {
    const device = this.world.plan.deviceNamed(name);
    if (!device) return;
    const now = this.scheduler.now();
    if (this.world.isRestless(device, now))
      this.#restless.set(device, this.world.stateAt(device, now));
    else this.#restless.delete(device);
    this.#tell(name);
    this.#lookLater();
  }

  #lookLater(): void {
    if (this.#isLooking || this.#restless.size === 0) return;
    this.#isLooking = true;
    this.#cancel = this.scheduler.after(lookInterval, () => {
      this.#isLooking = false;
      this.#look();
      this.#lookLater();
    });
  }

  #look(): void {
    const now = this.scheduler.now();
    for (const [device, before] of [...this.#restless]) {
      const state = this.world.stateAt(device, now);
      if (differs(before, state)) {
        this.#restless.set(device, state);
        this.#tell(device.name);
      }
      if (!this.world.isRestless(device, now)) this.#restless.delete(device);
    }
  }

  #tell(node: string): void {
    for (const listener of this.#listeners) listener(node);
  }
}

function differs(a: DeviceState, b: DeviceState): boolean {
  return (Object.keys(a) as (keyof DeviceState)[]).some(
    key => a[key] !== b[key],
  );
}
