// SPDX-License-Identifier: Apache-2.0
import type { HardwareClass } from './Device';

/** A temperature above which a board slows down, and what of its power is left then. */
export interface ThermalLimit {
  /** Degrees Celsius from which the limit holds. */
  readonly above: number;
  /** Degrees Celsius below which it ends. */
  readonly endsBelow: number;
  /** What is left of the power of work. */
  readonly powerShare: number;
  /** What is left of the clock rate. */
  readonly clockShare: number;
}

/** What a board has and how it behaves. Powers are watts, sizes are bytes. */
export interface HardwareModel {
  readonly title: string;
  readonly processors: number;
  readonly graphicsProcessors: number;
  readonly memory: number;
  readonly storage: number;
  readonly system: string;
  readonly kernel: string;
  /** Highest clock of the processors in hertz. */
  readonly clockRate: number;
  readonly idlePower: number;
  /** Added when all processors work. */
  readonly processorPower: number;
  /** Added when the GPU works. */
  readonly graphicsPower: number;
  /** Degrees by which a watt warms the board above the air. */
  readonly degreesPerWatt: number;
  /** Degrees by which a watt of its own warms a chip above the board. */
  readonly degreesPerWattOnChip: number;
  /** Seconds in which a difference of temperature falls to 37 %. */
  readonly thermalTime: number;
  /** From the mildest to the hardest. */
  readonly thermalLimits: readonly ThermalLimit[];
  /** Volts below which the board complains of its supply; undefined when it cannot. */
  readonly leastVolts?: number;
  /** Seconds from power to a kubelet that answers. */
  readonly bootTime: number;
}

const gibibyte = 2 ** 30;

/** The boards: figures of their data sheets where there are any, and plausible ones else. */
export const hardware: Readonly<Record<HardwareClass, HardwareModel>> = {
  'jetson-orin-nx': {
    title: 'Jetson Orin NX 64 GB',
    processors: 8,
    graphicsProcessors: 1,
    memory: 64 * gibibyte,
    storage: 256 * gibibyte,
    system: 'Ubuntu 22.04.5 LTS',
    kernel: '5.15.148-tegra',
    clockRate: 1_984_000_000,
    idlePower: 9,
    processorPower: 5,
    graphicsPower: 11,
    degreesPerWatt: 1.7,
    degreesPerWattOnChip: 0.5,
    thermalTime: 170,
    thermalLimits: [
      { above: 90, endsBelow: 84, powerShare: 0.6, clockShare: 0.6 },
    ],
    bootTime: 55,
  },
  'raspberry-pi-4': {
    title: 'Raspberry Pi 4',
    processors: 4,
    graphicsProcessors: 0,
    memory: 4 * gibibyte,
    storage: 32 * gibibyte,
    system: 'Debian GNU/Linux 12 (bookworm)',
    kernel: '6.6.62+rpt-rpi-v8',
    clockRate: 1_800_000_000,
    idlePower: 2.7,
    processorPower: 4,
    graphicsPower: 0,
    degreesPerWatt: 5,
    degreesPerWattOnChip: 1,
    thermalTime: 210,
    thermalLimits: [
      { above: 80, endsBelow: 76, powerShare: 0.8, clockShare: 0.83 },
      { above: 85, endsBelow: 81, powerShare: 0.5, clockShare: 0.4 },
    ],
    leastVolts: 4.63,
    bootTime: 40,
  },
  'raspberry-pi-5': {
    title: 'Raspberry Pi 5',
    processors: 4,
    graphicsProcessors: 0,
    memory: 8 * gibibyte,
    storage: 64 * gibibyte,
    system: 'Debian GNU/Linux 12 (bookworm)',
    kernel: '6.6.62+rpt-rpi-2712',
    clockRate: 2_400_000_000,
    idlePower: 3.1,
    processorPower: 6,
    graphicsPower: 0,
    degreesPerWatt: 4,
    degreesPerWattOnChip: 1,
    thermalTime: 190,
    thermalLimits: [
      { above: 80, endsBelow: 76, powerShare: 0.8, clockShare: 0.85 },
      { above: 85, endsBelow: 81, powerShare: 0.5, clockShare: 0.5 },
    ],
    leastVolts: 4.63,
    bootTime: 28,
  },
};
