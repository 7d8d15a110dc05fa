// SPDX-License-Identifier: Apache-2.0

/**
 * What can be done to devices. Times are seconds, shares go from 0 to 1, and
 * what is left out is as told.
 */
export interface EffectParameters {
  /** The network does not reach the device; it goes on running. */
  readonly offline: object;
  /** The network comes and goes: away for `awayShare` (0.5) of each `period` (60 s), every device at its own moment. */
  readonly flapping: {
    readonly period?: number;
    readonly awayShare?: number;
  };
  /** Adds `milliseconds` (300) to the way to the cloud and back. */
  readonly latency: { readonly milliseconds?: number };
  /** No more than `kilobitsPerSecond` (256) in each direction. */
  readonly bandwidth: { readonly kilobitsPerSecond?: number };
  /** Loses a `share` (0.2) of all packets; from 0.9 on nothing gets through. */
  readonly packetLoss: { readonly share?: number };
  /** Makes the air `degrees` (38) warmer. */
  readonly heat: { readonly degrees?: number };
  /** The supply of a Raspberry Pi gives `volts` (4.45) at its board; others do not mind. */
  readonly undervoltage: { readonly volts?: number };
  /** Fills the storage up to a `share` (0.97) within `fillTime` (30 s). */
  readonly storageFull: {
    readonly share?: number;
    readonly fillTime?: number;
  };
  /** Takes memory up to a `share` (0.97). */
  readonly memoryPressure: { readonly share?: number };
  /** The GPU is not found any more. */
  readonly gpuLost: object;
  /** The clock goes wrong by `seconds` (600); negative is behind. */
  readonly clockSkew: { readonly seconds?: number };
  /** No power; boots when the effect ends. */
  readonly powerOff: object;
  /** Boots once, at the beginning; its end changes nothing. */
  readonly reboot: object;
  /**
   * Kills the main process of every container once, at the beginning; its end changes nothing. Only of
   * the pods of `workload` in `namespace` where both are given.
   */
  readonly containerRestart: {
    readonly namespace?: string;
    readonly workload?: string;
  };
  /** Work for the processors (0.95) and the GPU (0.95). */
  readonly load: { readonly cpu?: number; readonly gpu?: number };
}

/** What can be done to devices. */
export type EffectKind = keyof EffectParameters;

/** Something to do to devices, by their names. */
export type EffectRequest = {
  readonly [Kind in EffectKind]: {
    readonly kind: Kind;
    readonly devices: readonly string[];
    readonly parameters?: EffectParameters[Kind];
  };
}[EffectKind];

/** An effect and when it was in force, in milliseconds since the epoch. */
export type Effect = EffectRequest & {
  readonly from: number;
  /** Infinity while it is in force. */
  readonly until: number;
};

/** An effect of one kind. */
export type EffectOf<Kind extends EffectKind> = Extract<
  Effect,
  { readonly kind: Kind }
>;

/** All kinds, in the order of the documentation. */
export const effectKinds: readonly EffectKind[] = [
  'offline',
  'flapping',
  'latency',
  'bandwidth',
  'packetLoss',
  'heat',
  'undervoltage',
  'storageFull',
  'memoryPressure',
  'gpuLost',
  'clockSkew',
  'powerOff',
  'reboot',
  'containerRestart',
  'load',
];

const none: readonly never[] = [];

/** The effects of a kind in a list. */
export function ofKind<Kind extends EffectKind>(
  effects: readonly Effect[],
  kind: Kind,
): readonly EffectOf<Kind>[] {
  // Asked for every step of every device, of which most have no effects.
  if (effects.length === 0) return none;
  return effects.filter(
    (effect): effect is EffectOf<Kind> => effect.kind === kind,
  );
}

/** The effects of a kind that are in force at an instant. */
export function inForce<Kind extends EffectKind>(
  effects: readonly Effect[],
  kind: Kind,
  at: number,
): readonly EffectOf<Kind>[] {
  if (effects.length === 0) return none;
  return ofKind(effects, kind).filter(
    ({ from, until }) => from <= at && at < until,
  );
}
