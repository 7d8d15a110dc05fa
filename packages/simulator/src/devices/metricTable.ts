// SPDX-License-Identifier: Apache-2.0
import type { SeriesSource } from '../metrics/SeriesSource';
import type { Device } from './Device';
import type { DeviceWorld } from './DeviceWorld';
import type { HardwareModel } from './hardware';
import type { Telemetry } from './Telemetry';

/** What an exporter sees of a device at a scrape. */
export interface Scrape {
  readonly device: Device;
  readonly telemetry: Telemetry;
  readonly world: DeviceWorld;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** One series of a metric on one device. */
export interface DeviceSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined when the exporter has nothing to say. */
  read(scrape: Scrape): number | undefined;
}

/** A program that is scraped on devices, or about them. */
export interface Exporter {
  /** The label `job`. */
  readonly job: string;
  /** The port in the label `instance`; the device alone when left out. */
  readonly port?: number;
  /** Whether it needs the device: one that looks from the cluster also sees a device that is away. */
  readonly isOnDevice: boolean;
  /** Whether it runs for a kind of board. */
  readonly suits: (model: HardwareModel) => boolean;
}

/** A metric of an exporter. */
export interface DeviceMetric {
  readonly name: string;
  readonly type: SeriesSource['metrics'][number]['type'];
  readonly help: string;
  readonly exporter: Exporter;
  series(model: HardwareModel): readonly DeviceSeries[];
}

/** Whether a board is a Raspberry Pi: those complain of their supply. */
export const isRaspberryPi = ({ leastVolts }: HardwareModel) =>
  leastVolts !== undefined;

/** Whether a board is a Jetson. */
export const isJetson = ({ graphicsProcessors }: HardwareModel) =>
  graphicsProcessors > 0;

/** A series without labels of its own. */
export function plain(read: DeviceSeries['read']): readonly DeviceSeries[] {
  return [{ labels: {}, read }];
}
