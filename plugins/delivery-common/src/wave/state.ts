// SPDX-License-Identifier: Apache-2.0
import type { DeviceInWave, Moment, WaveDevice } from './device';
import { byRank, rankOf, ringOf } from './planOrder';
import type { WavePolicy } from './policy';

/** Why a wave gives no orders for a while. */
export interface WavePause {
  /** One pause of each kind; `incident` and `takingBack` come and go by themselves. */
  readonly kind: 'person' | 'freeze' | 'incident' | 'takingBack';
  readonly since: Moment;
  readonly reason: string;
}

/** The end of a wave's orders. What was carried out before goes on being watched. */
export interface WaveStop {
  readonly kind: 'evidence' | 'person' | 'superseded';
  readonly at: Moment;
  readonly reason: string;
  /** Whether devices that run the release go back to what they ran before. */
  readonly takeBack: boolean;
}

/** Something that only a person can decide. */
export interface WaveQuestion {
  readonly askedAt: Moment;
  readonly sentence: string;
  readonly answer?: 'yes' | 'no';
}

/**
 * All that a wave knows, as plain data: JSON and back is the same state, and the same state, input and
 * time lead to the same orders.
 */
export interface WaveState {
  /** Unique; orders are named after it. */
  readonly id: string;
  /** The digest that must run for a proof; of one multi-architecture image, or by hardware class. */
  readonly target: string | Readonly<Record<string, string>>;
  readonly startedAt: Moment;
  readonly policy: WavePolicy;
  /** In plan order. */
  readonly devices: readonly DeviceInWave[];
  /** Rings that began are 0 up to this. */
  readonly openRing: number;
  readonly pauses: readonly WavePause[];
  /** Latest moment at which many devices went away at once. */
  readonly lossAt?: Moment;
  readonly questions: Readonly<Record<string, WaveQuestion>>;
  readonly stop?: WaveStop;
  readonly finishedAt?: Moment;
}

/** The digest wanted on a device; undefined when the release has none for its hardware. */
export function targetFor(
  { target }: Pick<WaveState, 'target'>,
  { hardware }: WaveDevice,
): string | undefined {
  return typeof target === 'string' ? target : target[hardware];
}

/** A device as it joins a wave. */
export function joining(
  wave: Pick<WaveState, 'id' | 'policy' | 'target'>,
  device: WaveDevice,
  now: Moment,
): DeviceInWave {
  const rank = rankOf(wave.id, device.id);
  return {
    device,
    rank,
    ring: ringOf(wave.policy, device, rank),
    orders: 0,
    progress: { phase: 'waiting' },
    ...(device.connected
      ? {}
      : { awaySince: Math.min(device.awaySince ?? now, now) }),
    ...(device.running !== undefined &&
    device.running !== targetFor(wave, device)
      ? { previous: device.running }
      : {}),
  };
}

/** A wave that has ordered nothing yet. */
export function startWave(
  wave: Pick<WaveState, 'id' | 'policy' | 'target'>,
  devices: readonly WaveDevice[],
  now: Moment,
): WaveState {
  return {
    ...wave,
    startedAt: now,
    devices: devices.map(device => joining(wave, device, now)).sort(byRank),
    openRing: 0,
    pauses: [],
    questions: {},
  };
}
