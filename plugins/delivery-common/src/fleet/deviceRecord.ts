// SPDX-License-Identifier: Apache-2.0
import type { DeviceAxes, Telemetry } from './device';
import type { DeviceIdentity } from './identifyDevice';

/** A device as lists and searches see it. */
export interface DeviceRecord extends DeviceIdentity {
  /** `<cluster>/<node name>`. */
  readonly id: string;
  readonly cluster: string;
  readonly name: string;
  /** Title of its hardware class. */
  readonly hardwareName?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly axes: DeviceAxes;
  readonly telemetry?: Telemetry;
  /** Milliseconds since the epoch, by our clock. */
  readonly lastSeen?: number;
  /** Id of the incident that it is part of. */
  readonly incident?: string;
  /** Keys of the workloads whose pods are on it: `namespace/name`. */
  readonly workloads: readonly string[];
  /** What a search by text looks through, in small letters. */
  readonly text: string;
}

/** What a search by text finds a device by. */
export function searchText(
  device: Pick<
    DeviceRecord,
    | 'name'
    | 'cluster'
    | 'site'
    | 'siteName'
    | 'hardware'
    | 'hardwareName'
    | 'version'
    | 'axes'
  >,
): string {
  const { connectivity, health, applications, hold } = device.axes;
  return [
    device.name,
    device.cluster,
    device.site,
    device.siteName,
    device.hardware,
    device.hardwareName,
    device.version,
    connectivity.reason?.code,
    health.reason?.message,
    applications.reason?.message,
    hold.reason?.message,
  ]
    .filter(part => part !== undefined)
    .join('\n')
    .toLocaleLowerCase('en');
}
