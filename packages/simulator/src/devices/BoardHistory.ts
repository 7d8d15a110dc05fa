// SPDX-License-Identifier: Apache-2.0
import { Effect, ofKind } from './effects';
import { hardware } from './hardware';
import { greatestSway } from './load';
import { powerOf, supplyOf } from './power';
import {
  greatestWarmth,
  nextThermalState,
  stateOfBoard,
  thermalMemory,
  ThermalState,
  thermalStep,
  ThermalSurroundings,
} from './thermal';

/** Milliseconds that are computed from one beginning. */
const blockLength = 1_800_000;
const stepsPerBlock = blockLength / thermalStep;
/** Blocks that are kept for the next question. */
const keptBlocks = 4_096;
/** How far back a question about the time since a boot looks, in milliseconds. */
const longestMemory = 86_400_000;

/** What a board complained of at some time. */
export interface Complaints {
  readonly warm: boolean;
  readonly throttled: boolean;
  readonly undervoltage: boolean;
}

/** The states of a board step by step, as far as somebody has asked. */
interface Block {
  readonly start: number;
  readonly effects: readonly Effect[];
  readonly states: ThermalState[];
  /** What the board complained of from the start up to each step. */
  readonly complaints: Complaints[];
}

const silent: Complaints = {
  warm: false,
  throttled: false,
  undervoltage: false,
};
const both = (a: Complaints, b: Complaints): Complaints => ({
  warm: a.warm || b.warm,
  throttled: a.throttled || b.throttled,
  undervoltage: a.undervoltage || b.undervoltage,
});

/** The temperatures of boards in the past and present, computed when somebody asks. */
export class BoardHistory {
  readonly #blocks = new Map<string, Block>();

  /** The state of a board at an instant. */
  stateAt(surroundings: ThermalSurroundings, at: number): ThermalState {
    const start = Math.floor(at / blockLength) * blockLength;
    const step = Math.floor((at - start) / thermalStep);
    const state = stateOf(surroundings, this.#block(surroundings, start), step);
    const since = start + step * thermalStep;
    return at === since
      ? state
      : nextThermalState(surroundings, state, since, at - since);
  }

  /** What a board complains of at an instant. */
  complaintsAt(surroundings: ThermalSurroundings, at: number): Complaints {
    const { level } = this.stateAt(surroundings, at);
    return complaintsOf(surroundings, level, at);
  }

  /** What a board complained of at any time between two instants. */
  complaintsIn(
    surroundings: ThermalSurroundings,
    from: number,
    until: number,
  ): Complaints {
    const earliest = Math.floor(until / blockLength) * blockLength;
    const first = Math.max(from, earliest - longestMemory);
    return suspectTimes(surroundings, first, until).reduce(
      (found, [start, end]) =>
        both(found, this.#complaintsBetween(surroundings, start, end)),
      this.complaintsAt(surroundings, until),
    );
  }

  #complaintsBetween(
    surroundings: ThermalSurroundings,
    from: number,
    until: number,
  ): Complaints {
    let found = silent;
    let at = Math.ceil(from / thermalStep) * thermalStep;
    // Steps up to the first whole block, then blocks, of which the last may not be over.
    for (; at <= until && at % blockLength !== 0; at += thermalStep)
      found = both(found, this.complaintsAt(surroundings, at));
    for (; at <= until; at += blockLength) {
      const last = Math.min(stepsPerBlock - 1, (until - at) / thermalStep);
      const block = this.#block(surroundings, at);
      const there = complaintsUpTo(surroundings, block, Math.floor(last));
      found = both(found, there);
    }
    return found;
  }

  #block(surroundings: ThermalSurroundings, start: number): Block {
    const { device, effects } = surroundings;
    const key = `${device.index} ${start}`;
    const known = this.#blocks.get(key);
    if (known?.effects === effects) return known;
    const block: Block = { start, effects, states: [], complaints: [] };
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > keptBlocks) this.#blocks.delete(oldest);
    return block;
  }
}

/** The state at a step of a block, computed from the last one known. */
function stateOf(
  surroundings: ThermalSurroundings,
  { start, states }: Block,
  step: number,
): ThermalState {
  if (states.length === 0) states.push(stateOfBoard(surroundings, start));
  for (let known = states.length; known <= step; known++) {
    const at = start + (known - 1) * thermalStep;
    const before = states[known - 1];
    states.push(nextThermalState(surroundings, before, at, thermalStep));
  }
  return states[step];
}

function complaintsUpTo(
  surroundings: ThermalSurroundings,
  block: Block,
  step: number,
): Complaints {
  const { start, complaints } = block;
  const isCool = !mayOverheat(surroundings);
  for (let known = complaints.length; known <= step; known++) {
    const at = start + known * thermalStep;
    const level = isCool ? 0 : stateOf(surroundings, block, known).level;
    const here = complaintsOf(surroundings, level, at);
    complaints.push(both(complaints[known - 1] ?? silent, here));
  }
  return complaints[step];
}

function complaintsOf(
  { device, traits, effects }: ThermalSurroundings,
  level: number,
  at: number,
): Complaints {
  const { leastVolts, thermalLimits } = hardware[device.hardware];
  const power = powerOf(device, traits, effects, at, level);
  const supply =
    power.total > 0 ? supplyOf(device, traits, effects, at, power) : undefined;
  return {
    warm: level > 0,
    throttled: level >= thermalLimits.length,
    undervoltage:
      supply !== undefined && leastVolts !== undefined && supply < leastVolts,
  };
}

/** The most watts a device takes without effects, in all and on one chip. */
function greatestPower({ device, traits }: ThermalSurroundings): {
  readonly total: number;
  readonly chip: number;
} {
  const model = hardware[device.hardware];
  const processors = (traits.cpuLoad + greatestSway) * model.processorPower;
  const graphics = (traits.gpuLoad + greatestSway) * model.graphicsPower;
  return {
    total: model.idlePower + processors + graphics,
    chip: Math.max(processors, graphics),
  };
}

/** Whether a device may reach a thermal limit: most cannot, and need not be computed. */
function mayOverheat(surroundings: ThermalSurroundings): boolean {
  const { device, traits, effects } = surroundings;
  if (effects.some(({ kind }) => kind === 'heat' || kind === 'load'))
    return true;
  const model = hardware[device.hardware];
  const { total, chip } = greatestPower(surroundings);
  const board =
    greatestWarmth(traits) + total * model.degreesPerWatt * traits.insulation;
  const [mildest] = model.thermalLimits;
  return board + chip * model.degreesPerWattOnChip >= mildest.above;
}

/** Whether the supply of a device may be too weak for it. */
function mayStarve(surroundings: ThermalSurroundings): boolean {
  const { device, traits } = surroundings;
  const { leastVolts } = hardware[device.hardware];
  if (leastVolts === undefined) return false;
  const { total } = greatestPower(surroundings);
  return (
    traits.supply - traits.resistance * (total / traits.supply) < leastVolts
  );
}

/** The times in which a device may have complained. */
function suspectTimes(
  surroundings: ThermalSurroundings,
  from: number,
  until: number,
): readonly (readonly [number, number])[] {
  const { effects } = surroundings;
  const withoutEffects = { ...surroundings, effects: [] };
  if (mayOverheat(withoutEffects) || mayStarve(surroundings))
    return [[from, until]];
  return [
    ...ofKind(effects, 'heat'),
    ...ofKind(effects, 'load'),
    ...ofKind(effects, 'undervoltage'),
  ]
    .map(
      effect =>
        [
          Math.max(from, effect.from),
          Math.min(until, effect.until + thermalMemory),
        ] as const,
    )
    .filter(([start, end]) => start <= end);
}
