// SPDX-License-Identifier: Apache-2.0
import type { WaveDevice } from '../../src/wave/device';
import type { Random } from '../canary/random';
import type { EventQueue } from './EventQueue';
import type { DeviceFate, Spell } from './fleet';
import { failsAfter, type Fault } from './release';

const second = 1_000;

/** After so long without a word a device counts as away; that of Kubernetes. */
const grace = 50 * second;

function holds(spell: Spell | undefined, now: number): boolean {
  return spell !== undefined && spell[0] <= now && now < spell[1];
}

interface Order {
  readonly digest: 'old' | 'new';
  readonly name: string;
}

/** A device that carries out what it is ordered, when it hears of it, as well as it can. */
export class SimulatedDevice {
  /** Whether it is reached; the portal learns that later. */
  isConnected = true;
  /** What the portal believes. */
  isSeen = true;
  running: 'old' | 'new' | undefined = 'old';
  isHealthy: boolean;
  /** Since when the release runs. */
  newSince: number | undefined;
  image: WaveDevice['image'] = 'absent';
  isSwitching = false;
  report: WaveDevice['report'];
  /** When it was ordered last. */
  orderedAt: number | undefined;
  #wanted: Order | undefined;
  #lies: number;
  /** Each change of the wanted or running version ends what was planned for the one before. */
  #version = 0;
  #pulling = 0;

  constructor(
    readonly fate: DeviceFate,
    private readonly release: Fault,
    private readonly random: Random,
    private readonly events: EventQueue,
    private readonly changed: (device: SimulatedDevice) => void,
  ) {
    this.#lies = fate.lies;
    this.isHealthy = !fate.isIll;
    this.#planFate();
  }

  get isHeld(): boolean {
    return holds(this.fate.held, this.events.now);
  }

  get isHot(): boolean {
    return holds(this.fate.hot, this.events.now);
  }

  get isFull(): boolean {
    return holds(this.fate.full, this.events.now);
  }

  /** Down, or unhealthy with the release. */
  get isDown(): boolean {
    return this.isSwitching || (this.running === 'new' && !this.isHealthy);
  }

  /** Whether it has an order that it can carry out and has not begun to. */
  get isOrdered(): boolean {
    const wanted = this.#wanted;
    return (
      wanted !== undefined &&
      wanted.digest !== this.running &&
      wanted.name !== this.report?.order &&
      this.isReachable
    );
  }

  /** Whether anybody could change it now. */
  get isReachable(): boolean {
    return this.isConnected && !this.isHeld && !this.isHot && !this.isFull;
  }

  /** What the portal sees. */
  observe(): WaveDevice {
    const { id, site, hardware } = this.fate;
    return {
      id,
      site,
      hardware,
      connected: this.isSeen,
      ...(this.isHeld ? { hold: 'operator' as const } : {}),
      ...(this.running ? { running: this.running } : {}),
      health: this.#health(),
      image: this.image,
      ...(this.isSwitching ? { switching: true } : {}),
      readings: {
        temperatureC: this.isHot ? 92 : 55,
        freeDiskBytes: this.isFull ? 1e8 : 1e10,
        imageBytes: 1e9,
      },
      ...(this.report ? { report: this.report } : {}),
    };
  }

  #health(): WaveDevice['health'] {
    if (this.isSwitching) return 'unknown';
    return this.isHealthy ? 'ok' : 'failed';
  }

  pull(): void {
    if (this.image === 'present' || this.image === 'pulling') return;
    this.image = this.isFull ? 'failed' : 'pulling';
    const pulling = ++this.#pulling;
    this.changed(this);
    if (this.image === 'failed') return;
    this.events.plan(this.events.now + this.fate.pullTime, () => {
      if (this.#pulling !== pulling || this.image !== 'pulling') return;
      // A pull that was cut off begins again when the device is back.
      this.image = this.isConnected ? 'present' : 'absent';
      this.changed(this);
    });
  }

  /** Wants a version on it; it hears of that when it is connected. */
  order(digest: 'old' | 'new', name: string): void {
    this.#wanted = { digest, name };
    this.orderedAt = this.events.now;
    this.#hear();
  }

  /** Takes a wish back that it did not hear of. */
  withdraw(name: string): void {
    if (this.#wanted?.name === name && !this.isSwitching)
      this.#wanted = undefined;
  }

  #hear(): void {
    const wanted = this.#wanted;
    if (!wanted || !this.isConnected || this.isHeld) return;
    const delay = this.random.between(10 * second, 90 * second);
    this.events.plan(this.events.now + delay, () => {
      if (this.#wanted === wanted && this.isConnected && !this.isSwitching)
        this.#switch(wanted);
    });
  }

  #switch(order: Order): void {
    if (order.digest === this.running) return;
    if (order.digest === 'new' && this.#lies > 0) {
      this.#lies--;
      this.#say(order);
      return;
    }
    const version = ++this.#version;
    const pull =
      order.digest === 'new' && this.image !== 'present'
        ? this.fate.pullTime
        : 0;
    const heat = this.isHot ? 4 : 1;
    const time = heat * 80 * second * Math.exp(0.35 * this.random.normal());
    if (order.digest === 'new' && this.image !== 'present' && this.isFull)
      return;
    // The old version is gone first; without the image there, the device is down while it is pulled.
    this.isSwitching = true;
    this.running = undefined;
    this.changed(this);
    this.events.plan(this.events.now + pull + time, () =>
      this.#switched(order, version),
    );
  }

  #switched(order: Order, version: number): void {
    if (this.#version !== version) return;
    this.isSwitching = false;
    this.running = order.digest;
    this.newSince = order.digest === 'new' ? this.events.now : undefined;
    this.isHealthy = order.digest === 'new' || !this.fate.isIll;
    this.image = order.digest === 'new' ? 'present' : this.image;
    this.#say(order);
    this.#planFailure(order, version);
    // What was wanted meanwhile.
    if (this.#wanted && this.#wanted !== order) this.#hear();
  }

  #planFailure(order: Order, version: number): void {
    if (order.digest === 'old') return;
    const age = failsAfter(this.release, this.fate, this.random);
    if (age === undefined) return;
    this.events.plan(this.events.now + age, () => {
      if (this.#version !== version) return;
      this.isHealthy = false;
      this.changed(this);
    });
  }

  #say({ name }: Order): void {
    this.report = { order: name, outcome: 'succeeded' };
    this.changed(this);
  }

  #planFate(): void {
    const { away, held, hot, full } = this.fate;
    for (const [from, until] of away) {
      if (until <= 0) continue;
      if (from <= 0) {
        this.isConnected = false;
        this.isSeen = false;
      } else this.events.plan(from, () => this.#leave());
      this.events.plan(until, () => this.#return());
    }
    for (const spell of [held, hot, full])
      for (const time of spell ?? [])
        if (time > 0)
          this.events.plan(time, () => {
            this.changed(this);
            this.#hear();
          });
  }

  #leave(): void {
    this.isConnected = false;
    this.events.plan(this.events.now + grace, () => {
      if (this.isConnected) return;
      this.isSeen = false;
      this.changed(this);
    });
  }

  #return(): void {
    this.isConnected = true;
    this.isSeen = true;
    if (this.image === 'pulling') this.image = 'absent';
    this.changed(this);
    this.#hear();
  }
}
