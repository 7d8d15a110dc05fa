// SPDX-License-Identifier: Apache-2.0
import { healthyMachines } from '../controllers/nodes/healthyMachines';
import { Machines, NodePressure } from '../controllers/nodes/Machines';

/** How a machine differs from a healthy one. */
export interface MachineTrouble {
  readonly running?: boolean;
  readonly connected?: boolean;
  readonly bootedAt?: Date;
  readonly killedAt?: number;
  readonly pressure?: Partial<NodePressure>;
  readonly clockSkew?: number;
  readonly graphicsProcessors?: number;
  readonly pullDuration?: number;
}

/** Machines that a test gives trouble to. */
export class SwitchableMachines implements Machines {
  readonly #troubles = new Map<string, MachineTrouble>();
  readonly #listeners = new Set<(node: string) => void>();

  /** Gives a machine trouble beside what it has. */
  trouble(node: string, trouble: MachineTrouble): void {
    this.#troubles.set(node, { ...this.#of(node), ...trouble });
    for (const listener of this.#listeners) listener(node);
  }

  isRunning = (node: string) => this.#of(node).running ?? true;
  isConnected = (node: string) =>
    this.isRunning(node) && (this.#of(node).connected ?? true);
  bootedAt = (node: string) =>
    this.#of(node).bootedAt ?? healthyMachines.bootedAt(node);
  killedAt = (node: string) => this.#of(node).killedAt;
  pressure = (node: string) => ({
    ...healthyMachines.pressure(node),
    ...this.#of(node).pressure,
  });
  clockSkew = (node: string) => this.#of(node).clockSkew ?? 0;
  graphicsProcessors = (node: string) => this.#of(node).graphicsProcessors ?? 0;
  pullDuration = (node: string) => this.#of(node).pullDuration ?? 0;

  onChange(listener: (node: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #of(node: string): MachineTrouble {
    return this.#troubles.get(node) ?? {};
  }
}
