// SPDX-License-Identifier: Apache-2.0
import { Random } from '../canary/random';
import { EventQueue } from './EventQueue';
import { horizon, makeFleet } from './fleet';
import { Measurement, type Figures } from './Measurement';
import type { Fault } from './release';
import { SimulatedDevice } from './SimulatedDevice';

/** Something that brings a release to a fleet. */
export interface Engine {
  /** Looks at what changed since the last time, and acts. */
  tick(now: number, changed: ReadonlySet<SimulatedDevice>): void;
  /** Whether it takes the release for being on the device. */
  believes(device: SimulatedDevice): boolean;
  /** Whether it has given the device up, or the release. */
  gaveUp(device?: SimulatedDevice): boolean;
  /** Whether a device is being proven. */
  isProving(device: SimulatedDevice): boolean;
  /** Orders to devices that are away, held or blocked, and orders after a stop. */
  readonly wrongOrders: number;
}

export type MakeEngine = (devices: readonly SimulatedDevice[]) => Engine;

const minute = 60_000;
const hour = 60 * minute;

/** An engine with a seeded fleet and a release, for four days. */
export function simulate(
  seed: number,
  size: number,
  fault: Fault,
  makeEngine: MakeEngine,
): Figures {
  const random = new Random(seed);
  const fates = makeFleet(random, size);
  const events = new EventQueue();
  let changed = new Set<SimulatedDevice>();
  const measurement = new Measurement();
  const devices = fates.map(
    (fate, index) =>
      new SimulatedDevice(
        fate,
        fault,
        // Of its own, so that the fate of a device does not depend on the order of orders.
        new Random(seed * 7_919 + index),
        events,
        device => {
          changed.add(device);
          measurement.noteDown(device, events.now);
        },
      ),
  );
  const engine = makeEngine(devices);
  measurement.begin(devices, engine);
  while (events.now < horizon) {
    const news = changed;
    changed = new Set();
    engine.tick(events.now, news);
    measurement.look(events.now);
    const step = events.now < 6 * hour ? 0.5 * minute : 3 * minute;
    events.runUntil(events.now + step);
  }
  return measurement.figures();
}
