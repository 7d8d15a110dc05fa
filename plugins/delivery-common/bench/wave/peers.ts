// SPDX-License-Identifier: Apache-2.0
import type { Engine, MakeEngine } from './Simulation';
import type { SimulatedDevice } from './SimulatedDevice';

/**
 * DaemonSets as others roll them out, to check the fleets by. A pod is available when its node is ready and
 * the pod is healthy; a device that says "done" is believed. Nobody takes anything back.
 */
abstract class DaemonSetLike implements Engine {
  readonly wrongOrders = 0;
  readonly #ordered = new Set<SimulatedDevice>();

  constructor(
    protected readonly devices: readonly SimulatedDevice[],
    protected readonly maxUnavailable: number,
  ) {}

  abstract tick(): void;

  protected isOrdered(device: SimulatedDevice): boolean {
    return this.#ordered.has(device);
  }

  protected isAvailable(device: SimulatedDevice): boolean {
    if (!device.isSeen || !device.isHealthy || device.isSwitching) return false;
    return !this.isOrdered(device) || this.believes(device);
  }

  protected order(device: SimulatedDevice): void {
    this.#ordered.add(device);
    device.order('new', device.fate.id);
  }

  believes(device: SimulatedDevice): boolean {
    return device.running === 'new' || device.report !== undefined;
  }

  isProving(): boolean {
    return false;
  }

  gaveUp(): boolean {
    return false;
  }
}

/** RollingUpdate of Kubernetes: nodes that are not ready use the budget up, and their pods are replaced outside it. */
class DaemonSet extends DaemonSetLike {
  tick(): void {
    let unavailable = 0;
    const candidates: SimulatedDevice[] = [];
    for (const device of this.devices) {
      const isAvailable = this.isAvailable(device);
      if (!isAvailable) unavailable++;
      if (this.isOrdered(device)) continue;
      if (isAvailable) candidates.push(device);
      else this.order(device);
    }
    const free = Math.max(0, this.maxUnavailable - unavailable);
    candidates.slice(0, free).forEach(device => this.order(device));
  }
}

/** AdvancedRollingUpdate of OpenYurt: nodes that are not ready are passed over until they are back. */
class OpenYurt extends DaemonSetLike {
  tick(): void {
    let unavailable = 0;
    const candidates: SimulatedDevice[] = [];
    for (const device of this.devices) {
      if (!device.isSeen) continue;
      if (!this.isAvailable(device)) unavailable++;
      if (!this.isOrdered(device)) candidates.push(device);
    }
    const free = Math.max(0, this.maxUnavailable - unavailable);
    candidates.slice(0, free).forEach(device => this.order(device));
  }
}

const countOf = (devices: readonly unknown[], limit: number) =>
  limit < 1 ? Math.ceil(limit * devices.length) : limit;

/** `limit` is a number of devices, or a share below 1. */
export const daemonSet =
  (limit: number): MakeEngine =>
  devices =>
    new DaemonSet(devices, countOf(devices, limit));

/** `limit` is a number of devices, or a share below 1. */
export const openYurt =
  (limit: number): MakeEngine =>
  devices =>
    new OpenYurt(devices, countOf(devices, limit));
