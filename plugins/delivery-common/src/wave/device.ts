// SPDX-License-Identifier: Apache-2.0
import type { HealthChecksSeen, HealthCheckTallies } from './healthChecks';
import type { DeviceReadings } from './preconditions';

/** Milliseconds since 1970 by the clock of the portal, never by that of a device. */
export type Moment = number;

/**
 * A device as it is seen now. Whoever observes says what is there; what follows from it is decided here.
 * While `connected` is false all else may be what was seen last, and is not judged.
 */
export interface WaveDevice {
  /** Unique in the wave, for example `<cluster>/<node>`. */
  readonly id: string;
  readonly site: string;
  /** Who names the site so: another cluster may mean the same place or another one. */
  readonly cluster?: string;
  /** The hardware class: devices that a fault may meet alike. */
  readonly hardware: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Of a node group, which stands in a wave as one device: the names of its devices. */
  readonly members?: readonly string[];
  readonly connected: boolean;
  /** Since when it is away, where that is known; asked when it joins a wave. */
  readonly awaySince?: Moment;
  /** Who keeps changes from it: the device itself, or an operator. */
  readonly hold?: 'device' | 'operator';
  /** Why it must not be changed now, in sentences, besides what `readings` tell. */
  readonly blocked?: readonly string[];
  /** The digest that runs; undefined when that is not known. */
  readonly running?: string;
  /** What the health checks say of what runs; `unknown` also while it starts. */
  readonly health: 'ok' | 'failed' | 'unknown';
  /** What is wrong with it when its health has failed, without a full stop. */
  readonly trouble?: string;
  /** What the checks of the policy found; asked of devices that run the release. */
  readonly checks?: HealthChecksSeen;
  /** Why nobody knows whether it does well with the release, without a full stop. */
  readonly doubt?: string;
  /** Whether the image of the release is on the device. */
  readonly image: 'absent' | 'pulling' | 'present' | 'failed';
  /** Why its image does not come, without a full stop. */
  readonly imageTrouble?: string;
  /** The old version is gone and the new one does not run yet, or the other way round. */
  readonly switching?: boolean;
  readonly readings?: DeviceReadings;
  /** What the device says of an order. A success is believed only when the digest proves it. */
  readonly report?: {
    readonly order: string;
    readonly outcome: 'succeeded' | 'failed';
    readonly reason?: string;
  };
  /** Why it shall not be a canary, for example since it failed in an earlier wave. */
  readonly notAsCanary?: string;
}

/** What is known of the release on one device: the evidence that it gives. */
export interface WaveRun {
  /** Hardware class when it was ordered: later labels do not move evidence. */
  readonly hardware: string;
  /** Observed running time before `since`. Time in which nobody saw the device is not counted. */
  readonly ran: number;
  /** Since when it is seen running without a gap; undefined while it is not. */
  readonly since?: Moment;
  readonly failedAt?: Moment;
  /** A device that was unhealthy before says nothing about the release. */
  readonly counts: boolean;
}

/** How long the release was seen running. */
export function runAge(run: WaveRun, now: Moment): number {
  return run.ran + (run.since === undefined ? 0 : now - run.since);
}

/** Where a device is in the wave. */
export type WaveProgress =
  | {
      readonly phase: 'waiting';
      /** The last order, taken back before it was seen carried out. */
      readonly withdrawn?: { readonly at: Moment; readonly wasAway: boolean };
    }
  | {
      readonly phase: 'inFlight';
      readonly at: Moment;
      readonly soak: number;
      readonly counts: boolean;
    }
  | {
      readonly phase: 'soaking';
      readonly at: Moment;
      readonly soak: number;
    }
  | {
      readonly phase: 'proven';
      readonly at: Moment;
      readonly watchUntil: Moment;
    }
  /** Waits to be taken back at once. */
  | { readonly phase: 'failed'; readonly at: Moment; readonly reason: string }
  /** Healthy, and to be taken back since the wave stopped. */
  | { readonly phase: 'owed'; readonly at: Moment; readonly reason: string }
  | {
      readonly phase: 'takingBack';
      readonly at: Moment;
      readonly reason: string;
    }
  | {
      readonly phase: 'takenBack';
      readonly at: Moment;
      readonly reason: string;
    }
  | {
      readonly phase: 'notProven';
      readonly at: Moment;
      readonly reason: string;
    }
  | {
      readonly phase: 'excluded';
      readonly at: Moment;
      readonly reason: string;
    };

/** A pull of the image ahead of the order, since when it was asked for. */
export interface WavePull {
  readonly at: Moment;
  readonly failedAt?: Moment;
  /** Why it failed, without a full stop. */
  readonly trouble?: string;
  /** Once seen the image counts as there: nodes tell of a part of their images only. */
  readonly presentAt?: Moment;
}

/** A device with its part in the wave. */
export interface DeviceInWave {
  readonly device: WaveDevice;
  /** Index of its ring. */
  readonly ring: number;
  /** Place in the plan, the same whatever other devices there are. */
  readonly rank: number;
  readonly awaySince?: Moment;
  /** It left the fleet; what it did still counts. */
  readonly gone?: Moment;
  /** The digest before the release; what it is taken back to. */
  readonly previous?: string;
  /** How many orders it got; the next one has this number. */
  readonly orders: number;
  /** How often it said "done" with the old digest. */
  readonly deceptions?: number;
  readonly pull?: WavePull;
  readonly checks?: HealthCheckTallies;
  readonly run?: WaveRun;
  readonly progress: WaveProgress;
}

/** The name of a device's latest order; the same after every restart. */
export function orderOf(
  wave: string,
  { device, orders }: DeviceInWave,
): string {
  return `${wave}/${device.id}/${orders}`;
}
