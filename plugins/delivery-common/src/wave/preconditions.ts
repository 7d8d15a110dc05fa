// SPDX-License-Identifier: Apache-2.0

/** What a device measured; absent is "not reported", never zero. */
export interface DeviceReadings {
  readonly temperatureC?: number;
  /** Too little voltage now; not the bit that remembers it since the start. */
  readonly undervolted?: boolean;
  readonly powerMode?: string;
  readonly freeDiskBytes?: number;
  /** Size of the release's image for this device. */
  readonly imageBytes?: number;
}

/** What must hold before a device is changed. */
export interface Preconditions {
  readonly maxTemperatureC?: number;
  readonly powerModes?: readonly string[];
  /** Refuse a device whose voltage is too low now. */
  readonly voltage?: boolean;
  /** Free disk as a multiple of the image, while the image is not there yet. */
  readonly freeDiskImages?: number;
  /** Whether a value that is not reported keeps the device waiting. Default: false, it is passed over. */
  readonly readingsRequired?: boolean;
}

function sayBytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** The first precondition that is not met, as the end of a sentence; undefined when all are. */
export function unmetPrecondition(
  wanted: Preconditions | undefined,
  reported: DeviceReadings | undefined,
  pulled: boolean = false,
): string | undefined {
  if (!wanted || (!reported && !wanted.readingsRequired)) return undefined;
  const readings = reported ?? {};
  const { maxTemperatureC, powerModes, voltage, freeDiskImages } = wanted;
  const { freeDiskBytes, imageBytes } = readings;
  function unless<Value>(
    name: string,
    value: Value | undefined,
    complaint: (value: Value) => string | undefined,
  ): string | undefined {
    if (value !== undefined) return complaint(value);
    return wanted?.readingsRequired
      ? `it does not report its ${name}`
      : undefined;
  }
  const hot = () =>
    maxTemperatureC === undefined
      ? undefined
      : unless('temperature', readings.temperatureC, value =>
          value > maxTemperatureC
            ? `it has ${Number(
                value.toFixed(1),
              )} °C, limit ${maxTemperatureC} °C`
            : undefined,
        );
  const weak = () =>
    voltage
      ? unless('voltage', readings.undervolted, value =>
          value ? 'its voltage is too low now' : undefined,
        )
      : undefined;
  const slow = () =>
    powerModes &&
    unless('power mode', readings.powerMode, value =>
      powerModes.includes(value) ? undefined : `its power mode is ${value}`,
    );
  const full = () =>
    freeDiskImages === undefined || pulled
      ? undefined
      : unless('image size', imageBytes, size =>
          unless('free disk', freeDiskBytes, free =>
            free < freeDiskImages * size
              ? `it has ${sayBytes(free)} free, ${sayBytes(
                  freeDiskImages * size,
                )} needed`
              : undefined,
          ),
        );
  return hot() ?? weak() ?? slow() ?? full();
}
