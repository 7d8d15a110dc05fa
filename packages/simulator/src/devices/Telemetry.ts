// SPDX-License-Identifier: Apache-2.0

/** The state of a device that other programs can tell apart: what its node, its lease and its pods follow. */
export interface DeviceState {
  /** It has power and has booted. */
  readonly running: boolean;
  /** It runs and reaches its cluster. */
  readonly connected: boolean;
  /** Milliseconds since the epoch. */
  readonly bootedAt: number;
  readonly memoryPressure: boolean;
  readonly storagePressure: boolean;
  readonly graphicsProcessors: number;
  /** Milliseconds by which its clock is ahead. */
  readonly clockSkew: number;
}

/** Whether something is the case, and whether it was since the last boot. */
export interface NowAndSinceBoot {
  readonly now: boolean;
  readonly sinceBoot: boolean;
}

/** How good the way to the cluster is. */
export interface NetworkQuality {
  /** There and back, in milliseconds. */
  readonly latency: number;
  /** Kilobits per second. */
  readonly download: number;
  /** Kilobits per second. */
  readonly upload: number;
  /** Share of packets that are lost, from 0 to 1. */
  readonly loss: number;
}

/** All that can be measured on a device at an instant. A device without power has its memory, GPU and processors at rest. */
export interface Telemetry extends DeviceState {
  /** Share of the processors that works, from 0 to 1. */
  readonly cpuLoad: number;
  /** The same of the GPU; undefined when there is none or it is lost. */
  readonly gpuLoad: number | undefined;
  /** Clock rate of the processors in hertz. */
  readonly clockRate: number;
  /** Watts, in all and by part. */
  readonly power: {
    readonly total: number;
    readonly processors: number;
    readonly graphics: number;
  };
  /** Volts of the supply at the board; undefined when the board does not measure them. */
  readonly supply: number | undefined;
  /** Degrees Celsius. */
  readonly temperature: {
    readonly air: number;
    readonly board: number;
    readonly cpu: number;
    readonly gpu: number | undefined;
  };
  /** From 0 to 1; undefined when the board has none. */
  readonly fan: number | undefined;
  /** The mildest thermal limit is reached. */
  readonly warm: NowAndSinceBoot;
  /** The hardest thermal limit is reached. */
  readonly throttled: NowAndSinceBoot;
  readonly undervoltage: NowAndSinceBoot;
  /** Bytes. */
  readonly memory: { readonly total: number; readonly used: number };
  /** Bytes. */
  readonly storage: { readonly total: number; readonly used: number };
  readonly network: NetworkQuality;
}
