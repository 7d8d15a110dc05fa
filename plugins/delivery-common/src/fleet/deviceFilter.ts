// SPDX-License-Identifier: Apache-2.0
import type { FleetFilter } from '../api/views';
import { axisNames } from './device';
import type { DeviceRecord } from './deviceRecord';

export type DeviceTest = (device: DeviceRecord) => boolean;

/** Whether a workload of a cluster belongs to one of the services that are looked for. */
export type WorkloadTest = (cluster: string, workload: string) => boolean;

/**
 * Which devices a filter lets through: the values of one key are alternatives, keys add up. A key
 * without values lets everything through. Values are compared as they are and never as patterns.
 */
export function deviceTest(
  filter: FleetFilter,
  isOfService: WorkloadTest,
): DeviceTest {
  const tests: DeviceTest[] = [];
  const among = (
    values: readonly string[] | undefined,
    read: (device: DeviceRecord) => string | undefined,
  ) => {
    if (!values || values.length === 0) return;
    const wanted = new Set(values);
    tests.push(device => {
      const value = read(device);
      return value !== undefined && wanted.has(value);
    });
  };
  for (const axis of axisNames) {
    among(filter[axis], device => device.axes[axis].state);
  }
  among(filter.cluster, ({ cluster }) => cluster);
  among(filter.hardware, ({ hardware }) => hardware);
  among(filter.version, ({ version }) => version);
  tests.push(
    ...siteTests(filter.site),
    ...labelTests(filter.label),
    ...textTests(filter.text),
  );
  if (filter.service && filter.service.length > 0) {
    tests.push(({ cluster, workloads }) =>
      workloads.some(workload => isOfService(cluster, workload)),
    );
  }
  return device => tests.every(test => test(device));
}

/** Sites by name in any cluster, or by `<cluster>/<site>`: names of sites hold no slash. */
function siteTests(sites: FleetFilter['site']): readonly DeviceTest[] {
  if (!sites || sites.length === 0) return [];
  const wanted = new Set(sites);
  const isQualified = sites.some(site => site.includes('/'));
  return [
    ({ site, cluster }) =>
      site !== undefined &&
      (wanted.has(site) || (isQualified && wanted.has(`${cluster}/${site}`))),
  ];
}

function labelTests(labels: FleetFilter['label']): readonly DeviceTest[] {
  if (!labels || labels.length === 0) return [];
  const wanted = labels.map(text => {
    const at = text.indexOf('=');
    return at < 0
      ? { key: text }
      : { key: text.slice(0, at), value: text.slice(at + 1) };
  });
  return [
    device =>
      wanted.some(
        ({ key, value }) =>
          Object.hasOwn(device.labels, key) &&
          (value === undefined || device.labels[key] === value),
      ),
  ];
}

function textTests(text: string | undefined): readonly DeviceTest[] {
  const words = (text ?? '')
    .toLocaleLowerCase('en')
    .split(/\s+/)
    .filter(word => word !== '');
  return words.map(word => device => device.text.includes(word));
}
