// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../time/Scheduler';
import { bootedAt, isReachable, isRunning } from './availability';
import { BoardHistory } from './BoardHistory';
import type { Device } from './Device';
import { EffectLog } from './EffectLog';
import { inForce } from './effects';
import { hardware } from './hardware';
import { cpuLoad, cpuWork, gpuLoad } from './load';
import { networkOf } from './network';
import type { FleetPlan } from './planFleet';
import { hasGraphics, powerOf, supplyOf } from './power';
import {
  isFilling,
  memoryShare,
  storageShare,
  tightMemory,
  tightStorage,
} from './stores';
import type { DeviceState, NetworkQuality, Telemetry } from './Telemetry';
import { airTemperature, chipTemperature } from './thermal';
import { Traits, traitsOf } from './traits';

/** What the world of devices is made from. */
export interface DeviceWorldOptions {
  readonly plan: FleetPlan;
  /** The world's clock: effects begin and end by it. */
  readonly clock: Clock;
}

/**
 * The devices of a world. What they do is a function of seed, device, time
 * and what was done to them (`effects`): nothing runs and nothing is stored
 * for a device, so a hundred thousand cost no more than those looked at.
 */
export class DeviceWorld {
  readonly plan: FleetPlan;
  readonly clock: Clock;
  /** What is done to devices: `effects.begin({ kind: 'heat', devices: ['oslo-pi-01'] })`. */
  readonly effects: EffectLog;
  readonly #began: number;
  readonly #boards = new BoardHistory();
  readonly #traits = new WeakMap<Device, Traits>();

  constructor({ plan, clock }: DeviceWorldOptions) {
    this.plan = plan;
    this.clock = clock;
    this.#began = clock().getTime();
    this.effects = new EffectLog(
      clock,
      name => plan.deviceNamed(name)?.site.cluster,
    );
  }

  /** What programs can tell of a device at an instant. Cheap: no temperature is computed. */
  stateAt(device: Device, at: Date): DeviceState {
    const time = at.getTime();
    const effects = this.effects.of(device.name);
    const traits = this.#traitsOf(device);
    const running = isRunning(device, effects, time);
    const skew = inForce(effects, 'clockSkew', time).reduce(
      (sum, { parameters }) => sum + (parameters?.seconds ?? 600) * 1000,
      traits.clockSkew,
    );
    return {
      running,
      connected: running && isReachable(device, effects, time),
      bootedAt: bootedAt(device, traits, effects, time, this.#began),
      memoryPressure: memoryShare(traits, effects, time) > tightMemory,
      storagePressure: storageShare(traits, effects, time) > tightStorage,
      graphicsProcessors: hasGraphics(device, effects, time)
        ? hardware[device.hardware].graphicsProcessors
        : 0,
      clockSkew: skew,
    };
  }

  /** All that can be measured on a device at an instant, also before the world began. */
  telemetryAt(device: Device, at: Date): Telemetry {
    const time = at.getTime();
    const effects = this.effects.of(device.name);
    const traits = this.#traitsOf(device);
    const surroundings = { device, traits, effects };
    const model = hardware[device.hardware];
    const state = this.stateAt(device, at);
    const { running } = state;
    const { board, level } = this.#boards.stateAt(surroundings, time);
    const power = powerOf(device, traits, effects, time, level);
    const now = this.#boards.complaintsAt(surroundings, time);
    const ever = this.#boards.complaintsIn(surroundings, state.bootedAt, time);
    const slowed = level === 0 ? 1 : model.thermalLimits[level - 1].clockShare;
    const onChip = (watts: number) =>
      board + watts * model.degreesPerWattOnChip;
    return {
      ...state,
      cpuLoad: running ? cpuLoad(traits, effects, time) : 0,
      gpuLoad:
        running && state.graphicsProcessors > 0
          ? gpuLoad(traits, effects, time)
          : undefined,
      clockRate: model.clockRate * Math.min(slowed, now.undervoltage ? 0.5 : 1),
      power,
      supply: supplyOf(device, traits, effects, time, power),
      temperature: {
        air: airTemperature(surroundings, time),
        board,
        cpu: onChip(power.processors),
        gpu: model.graphicsProcessors > 0 ? onChip(power.graphics) : undefined,
      },
      fan:
        model.graphicsProcessors > 0
          ? Math.min(
              1,
              Math.max(0, (chipTemperature(model, board, power) - 45) / 40),
            )
          : undefined,
      warm: { now: now.warm, sinceBoot: ever.warm },
      throttled: { now: now.throttled, sinceBoot: ever.throttled },
      undervoltage: { now: now.undervoltage, sinceBoot: ever.undervoltage },
      memory: {
        total: model.memory,
        used: Math.round(model.memory * memoryShare(traits, effects, time)),
      },
      storage: {
        total: model.storage,
        used: Math.round(model.storage * storageShare(traits, effects, time)),
      },
      network: networkOf(device, traits, effects, time),
    };
  }

  /** The way between a device and its cluster. */
  networkAt(device: Device, at: Date): NetworkQuality {
    const effects = this.effects.of(device.name);
    return networkOf(device, this.#traitsOf(device), effects, at.getTime());
  }

  /** Whether a device changes without anything being done to it: its network flaps, its storage fills up, or it boots. */
  isRestless(device: Device, at: Date): boolean {
    const effects = this.effects.of(device.name);
    const time = at.getTime();
    const isBooting =
      !isRunning(device, effects, time) &&
      inForce(effects, 'powerOff', time).length === 0;
    return (
      isBooting ||
      isFilling(effects, time) ||
      inForce(effects, 'flapping', time).length > 0
    );
  }

  /** Milliseconds that one processor of a device worked since its last boot, for counters. */
  processorWorkAt(device: Device, at: Date): number {
    const { bootedAt: from } = this.stateAt(device, at);
    const effects = this.effects.of(device.name);
    const traits = this.#traitsOf(device);
    return cpuWork(traits, effects, from, at.getTime());
  }

  #traitsOf(device: Device): Traits {
    const known = this.#traits.get(device);
    if (known) return known;
    const traits = traitsOf(this.plan.seed, device);
    this.#traits.set(device, traits);
    return traits;
  }
}
