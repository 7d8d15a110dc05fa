// SPDX-License-Identifier: Apache-2.0
import { isRunning } from './availability';
import type { Device } from './Device';
import { Effect, inForce } from './effects';
import { hardware } from './hardware';
import { cpuLoad, gpuLoad } from './load';
import type { Traits } from './traits';

/** Watts. */
export interface Power {
  readonly total: number;
  readonly processors: number;
  readonly graphics: number;
}

/** Whether the GPU answers. */
export function hasGraphics(
  device: Device,
  effects: readonly Effect[],
  at: number,
): boolean {
  return (
    hardware[device.hardware].graphicsProcessors > 0 &&
    inForce(effects, 'gpuLost', at).length === 0
  );
}

/** What a board takes while `thermalLevel` of its limits hold. */
export function powerOf(
  device: Device,
  traits: Traits,
  effects: readonly Effect[],
  at: number,
  thermalLevel: number,
): Power {
  if (!isRunning(device, effects, at))
    return { total: 0, processors: 0, graphics: 0 };
  const model = hardware[device.hardware];
  const share =
    thermalLevel === 0 ? 1 : model.thermalLimits[thermalLevel - 1].powerShare;
  const processors =
    cpuLoad(traits, effects, at) * model.processorPower * share;
  const graphics = hasGraphics(device, effects, at)
    ? gpuLoad(traits, effects, at) * model.graphicsPower * share
    : 0;
  return {
    total: model.idlePower + processors + graphics,
    processors,
    graphics,
  };
}

/** Volts at the board; undefined when it does not measure them. */
export function supplyOf(
  device: Device,
  traits: Traits,
  effects: readonly Effect[],
  at: number,
  { total }: Power,
): number | undefined {
  if (hardware[device.hardware].leastVolts === undefined) return undefined;
  const given = traits.supply - traits.resistance * (total / traits.supply);
  const imposed = inForce(effects, 'undervoltage', at).map(
    ({ parameters }) => parameters?.volts ?? 4.45,
  );
  return Math.min(given, ...imposed);
}
