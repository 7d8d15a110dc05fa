// SPDX-License-Identifier: Apache-2.0
import { siteBudget } from '../../src/wave/siteBudget';
import type { Engine } from './Simulation';
import type { SimulatedDevice } from './SimulatedDevice';

const hour = 3_600_000;

/** What came of one run. Times in hours. */
export interface Figures {
  /** When 95 % of the devices that can be reached run the release, as far as the engine knows. */
  readonly t95: number | undefined;
  /** Hours in which nothing moved although it could. */
  readonly stall: number;
  /** Devices back after an hour or more, and those of them that were done within an hour of connection. */
  readonly returned: number;
  readonly caughtUp: number;
  readonly sitesOverBudget: number;
  readonly gaveUp: boolean;
  /** Devices that were taken for done with the old image. */
  readonly wronglyGreen: number;
  readonly broken: number;
  readonly brokenHours: number;
  readonly wrongOrders: number;
}

interface Return {
  connected: number;
  ended: boolean;
}

/** Watches a run from outside: it sees the devices as they are, not as the engine sees them. */
export class Measurement {
  #devices: readonly SimulatedDevice[] = [];
  #engine: Engine | undefined;
  #last = 0;
  #t95: number | undefined;
  #stall = 0;
  #returned = 0;
  #caughtUp = 0;
  #brokenTime = 0;
  readonly #totals = new Map<string, number>();
  /** By site, since when each device is down. */
  readonly #down = new Map<string, Map<SimulatedDevice, number>>();
  readonly #over = new Set<string>();
  readonly #broken = new Set<SimulatedDevice>();
  readonly #wronglyGreen = new Set<SimulatedDevice>();
  readonly #returns = new Map<SimulatedDevice, Return>();
  readonly #leftAt = new Map<SimulatedDevice, number>();

  begin(devices: readonly SimulatedDevice[], engine: Engine): void {
    this.#devices = devices;
    this.#engine = engine;
    for (const { fate } of devices)
      this.#totals.set(fate.site, (this.#totals.get(fate.site) ?? 0) + 1);
  }

  /** Called at every change, so that no moment above the budget is missed. */
  noteDown(device: SimulatedDevice, now: number): void {
    const { site } = device.fate;
    const down = this.#down.get(site) ?? new Map<SimulatedDevice, number>();
    this.#down.set(site, down);
    const isTakenDown = device.isSwitching && !down.has(device);
    if (!device.isDown) down.delete(device);
    else if (!down.has(device)) down.set(device, now);
    if (device.running === 'new' && !device.isHealthy) this.#broken.add(device);
    if (!isTakenDown) return;
    // What fails by itself after an order was given makes that order none too many, also while it is taken back.
    const { orderedAt = now } = device;
    const counted = [...down].filter(
      ([each, since]) =>
        since <= orderedAt ||
        (each.isSwitching && (each.orderedAt ?? since) <= since),
    );
    if (counted.length > siteBudget(this.#totals.get(site) ?? 0, 0.25))
      this.#over.add(site);
  }

  look(now: number): void {
    const engine = this.#engine;
    if (!engine) return;
    const span = now - this.#last;
    this.#last = now;
    let done = 0;
    let open = 0;
    let able = 0;
    let moves = 0;
    for (const device of this.#devices) {
      const isDone = engine.believes(device);
      if (isDone && device.running === 'old' && device.isConnected)
        this.#wronglyGreen.add(device);
      if (device.running === 'new' && !device.isHealthy)
        this.#brokenTime += span;
      if (isDone) done++;
      else if (device.isReachable) {
        open++;
        if (!engine.gaveUp(device) && !device.fate.isIll) able++;
      }
      if (
        device.isSwitching ||
        device.isOrdered ||
        device.image === 'pulling' ||
        engine.isProving(device)
      )
        moves++;
      this.#followReturn(device, engine, isDone, now, span);
    }
    if (this.#t95 === undefined && done >= 0.95 * (done + open))
      this.#t95 = now;
    if (able > 0 && moves === 0) this.#stall += span;
  }

  #followReturn(
    device: SimulatedDevice,
    engine: Engine,
    isDone: boolean,
    now: number,
    span: number,
  ): void {
    if (!device.isConnected) {
      if (!this.#leftAt.has(device)) this.#leftAt.set(device, now);
      return;
    }
    const leftAt = this.#leftAt.get(device);
    this.#leftAt.delete(device);
    const { fate } = device;
    const isOrdinary = !fate.isIll && !fate.isFaulty && fate.lies === 0;
    if (
      leftAt !== undefined &&
      now - leftAt >= hour &&
      isOrdinary &&
      !isDone &&
      device.running === 'old' &&
      !engine.gaveUp() &&
      !this.#returns.has(device)
    ) {
      this.#returned++;
      this.#returns.set(device, { connected: 0, ended: false });
    }
    const back = this.#returns.get(device);
    if (!back || back.ended) return;
    if (isDone && !engine.isProving(device)) {
      back.ended = true;
      this.#caughtUp++;
      return;
    }
    if (device.isReachable) back.connected += span;
    if (back.connected <= hour) return;
    back.ended = true;
  }

  figures(): Figures {
    let undecided = 0;
    for (const back of this.#returns.values()) if (!back.ended) undecided++;
    return {
      t95: this.#t95 === undefined ? undefined : this.#t95 / hour,
      stall: this.#stall / hour,
      returned: this.#returned - undecided,
      caughtUp: this.#caughtUp,
      sitesOverBudget: this.#over.size,
      gaveUp: this.#engine?.gaveUp() ?? false,
      wronglyGreen: this.#wronglyGreen.size,
      broken: this.#broken.size,
      brokenHours: this.#brokenTime / hour,
      wrongOrders: this.#engine?.wrongOrders ?? 0,
    };
  }
}
