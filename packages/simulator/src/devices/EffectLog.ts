// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../time/Scheduler';
import type { Effect, EffectRequest } from './effects';

/** An effect in force. */
export interface RunningEffect {
  /** Takes the effect back; does nothing when that was done before. */
  end(): void;
}

/** Is told the name of a device. */
type DeviceListener = (device: string) => void;

const none: readonly Effect[] = [];

/** What was done to devices and when. Past effects are kept: what they did stays in the history. */
export class EffectLog {
  readonly #byDevice = new Map<string, readonly Effect[]>();
  readonly #listeners = new Map<string, Set<DeviceListener>>();
  readonly #running = new Set<Effect>();

  constructor(
    private readonly clock: Clock,
    /** The cluster of a device; undefined when there is no such device. */
    private readonly clusterOf: (device: string) => string | undefined,
  ) {}

  /**
   * Lets something happen to devices from now on until `end` is called.
   *
   * @throws RangeError when a device is not there.
   */
  begin(request: EffectRequest): RunningEffect {
    const unknown = request.devices.filter(
      name => this.clusterOf(name) === undefined,
    );
    if (unknown.length > 0)
      throw new RangeError(
        `There is no device ${unknown.slice(0, 5).join(', ')}.`,
      );
    let current: Effect = {
      ...request,
      from: this.clock().getTime(),
      until: Infinity,
    };
    this.#running.add(current);
    this.#set(current, undefined);
    return {
      end: () => {
        if (!this.#running.delete(current)) return;
        const ended = { ...current, until: this.clock().getTime() };
        this.#set(ended, current);
        current = ended;
      },
    };
  }

  /** What was ever done to a device, oldest first. */
  of(device: string): readonly Effect[] {
    return this.#byDevice.get(device) ?? none;
  }

  /** What is in force. */
  running(): readonly Effect[] {
    return [...this.#running];
  }

  /**
   * Calls `listener` with each device of a cluster to which something is done
   * or has ended.
   *
   * @returns ends the calls.
   */
  onChange(cluster: string, listener: DeviceListener): () => void {
    const listeners = this.#listeners.get(cluster) ?? new Set();
    this.#listeners.set(cluster, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  #set(effect: Effect, previous: Effect | undefined): void {
    for (const device of effect.devices) {
      const others = this.of(device).filter(other => other !== previous);
      const all = [...others, effect].sort((a, b) => a.from - b.from);
      this.#byDevice.set(device, all);
    }
    for (const device of effect.devices) {
      const cluster = this.clusterOf(device) ?? '';
      for (const listener of this.#listeners.get(cluster) ?? [])
        listener(device);
    }
  }
}
