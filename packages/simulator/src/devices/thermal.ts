// SPDX-License-Identifier: Apache-2.0
import type { Device } from './Device';
import { Effect, inForce } from './effects';
import { hardware, HardwareModel } from './hardware';
import { Power, powerOf } from './power';
import type { Traits } from './traits';

/** Milliseconds for which power is taken to be the same. */
export const thermalStep = 15_000;
/** Milliseconds after which nothing is left of an earlier temperature. */
export const thermalMemory = 1_500_000;

/** What a board remembers. */
export interface ThermalState {
  /** Degrees Celsius. */
  readonly board: number;
  /** How many of its thermal limits hold. */
  readonly level: number;
}

/** What the state of a board depends on. */
export interface ThermalSurroundings {
  readonly device: Device;
  readonly traits: Traits;
  readonly effects: readonly Effect[];
}

const day = 86_400_000;

const climate = { average: 21, sway: 4 };

/** Degrees Celsius of the air around a device on a hot afternoon. */
export function greatestWarmth({ warmth }: Traits): number {
  return climate.average + climate.sway + warmth;
}

/** Degrees Celsius of the air around a device: warmest at three in the afternoon by the sun. */
export function airTemperature(
  { device, traits, effects }: ThermalSurroundings,
  at: number,
): number {
  const solar = at + (device.site.longitude / 360) * day;
  const heat = inForce(effects, 'heat', at).reduce(
    (sum, { parameters }) => sum + (parameters?.degrees ?? 38),
    0,
  );
  return (
    climate.average +
    traits.warmth +
    climate.sway * Math.cos(2 * Math.PI * (solar / day - 15 / 24)) +
    heat
  );
}

/** Degrees Celsius of the warmest chip. */
export function chipTemperature(
  model: HardwareModel,
  board: number,
  { processors, graphics }: Power,
): number {
  return board + Math.max(processors, graphics) * model.degreesPerWattOnChip;
}

/** How many limits hold at a temperature, given how many did: a limit ends only some degrees below where it began. */
export function thermalLevel(
  { thermalLimits }: HardwareModel,
  previous: number,
  chip: number,
): number {
  let level = 0;
  for (const [index, { above, endsBelow }] of thermalLimits.entries())
    if (chip >= (index < previous ? endsBelow : above)) level = index + 1;
  return level;
}

/** The board after a time in which its power stays: it nears, by its thermal time, the air's temperature plus what its power adds. */
export function nextThermalState(
  surroundings: ThermalSurroundings,
  state: ThermalState,
  at: number,
  milliseconds: number,
): ThermalState {
  const { device, traits, effects } = surroundings;
  const model = hardware[device.hardware];
  const power = powerOf(device, traits, effects, at, state.level);
  const goal =
    airTemperature(surroundings, at) +
    power.total * model.degreesPerWatt * traits.insulation;
  const remaining = Math.exp(-milliseconds / 1000 / model.thermalTime);
  const board = goal + (state.board - goal) * remaining;
  const chip = chipTemperature(model, board, power);
  return { board, level: thermalLevel(model, state.level, chip) };
}

/** The state a board is in long after everything became as it is at an instant, before limits hold. */
function restingState(
  surroundings: ThermalSurroundings,
  at: number,
): ThermalState {
  return nextThermalState(surroundings, { board: 0, level: 0 }, at, Infinity);
}

/** The state of a board at an instant, computed from long enough before. */
export function stateOfBoard(
  surroundings: ThermalSurroundings,
  at: number,
): ThermalState {
  const begin = at - thermalMemory;
  let state: ThermalState = { ...restingState(surroundings, begin), level: 0 };
  for (let step = begin; step < at; step += thermalStep)
    state = nextThermalState(surroundings, state, step, thermalStep);
  return state;
}
