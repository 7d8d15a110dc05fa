// SPDX-License-Identifier: Apache-2.0
import type { Milliseconds } from '../time';

/** From where on a measured value is a warning, and critical. */
export interface Limit {
  readonly warning: number;
  readonly critical: number;
}

/** What is healthy for a class of hardware. */
export interface HardwareLimits {
  /** As people write it: `Jetson Orin NX`. */
  readonly title?: string;
  /** °C. */
  readonly temperature: Limit;
  /** Percent in use. */
  readonly storage: Limit;
  /** Percent in use. */
  readonly memory: Limit;
  /** Graphics processors that the node must offer. */
  readonly graphicsProcessors: number;
  /** A value that was measured longer ago says nothing about now. */
  readonly telemetryAge: Milliseconds;
}

/** For hardware that nobody told us about. */
export const usualLimits: HardwareLimits = {
  temperature: { warning: 80, critical: 90 },
  storage: { warning: 85, critical: 95 },
  memory: { warning: 90, critical: 97 },
  graphicsProcessors: 0,
  telemetryAge: 300_000,
};

/** Classes that are known without configuration. A Jetson slows down from some 85 °C on, a Raspberry Pi from 80 °C on. */
export const knownHardware: Readonly<Record<string, HardwareLimits>> = {
  'jetson-orin-nx': {
    ...usualLimits,
    title: 'Jetson Orin NX',
    temperature: { warning: 85, critical: 95 },
    graphicsProcessors: 1,
  },
  'raspberry-pi-4': {
    ...usualLimits,
    title: 'Raspberry Pi 4',
    temperature: { warning: 75, critical: 84 },
  },
  'raspberry-pi-5': {
    ...usualLimits,
    title: 'Raspberry Pi 5',
    temperature: { warning: 75, critical: 84 },
  },
};
