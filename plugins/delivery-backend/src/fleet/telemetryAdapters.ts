// SPDX-License-Identifier: Apache-2.0
import type { ReadingName } from '@causeway/plugin-delivery-common';
import type { Labels } from '../monitoring/series';

/** One question to Prometheus that is about all devices of a cluster at once. */
export interface TelemetryAdapter {
  /** Who measures it. */
  readonly source: string;
  /**
   * PromQL with `$selector` where label matchers go, and `$by` for the labels that name a node and the
   * job that scrapes it.
   */
  readonly query: string;
  readonly takes:
    | {
        readonly kind: 'reading';
        readonly name: ReadingName;
        readonly unit: string;
      }
    | { readonly kind: 'complaint'; readonly name: 'undervoltage' }
    /** The bits of `vcgencmd get_throttled`, as a number in a label. */
    | { readonly kind: 'throttledBits'; readonly label: string };
}

const reading = (
  source: string,
  name: ReadingName,
  unit: string,
  query: string,
): TelemetryAdapter => ({
  source,
  query,
  takes: { kind: 'reading', name, unit },
});

/**
 * What is asked, and of what several measure the first that answers counts. The names are those of
 * the exporters. `gpu_utilization_percentage_Hz` of the exporter of jetson_stats holds frequencies and
 * is left alone; its other names are so general that they are taken from its job only.
 */
export const telemetryAdapters: readonly TelemetryAdapter[] = [
  reading(
    'tegrastats',
    'temperature',
    '°C',
    'max by ($by) (tegrastats_temperature_celsius{$selector})',
  ),
  reading(
    'node_exporter',
    'temperature',
    '°C',
    'max by ($by) (node_thermal_zone_temp{$selector})',
  ),
  reading(
    'node_exporter',
    'temperature',
    '°C',
    'max by ($by) (node_hwmon_temp_celsius{$selector})',
  ),
  reading(
    'jetson_stats',
    'power',
    'W',
    'max by ($by) (integrated_power_mW{statistic="power",job=~".*(jtop|jetson).*",$selector}) / 1000',
  ),
  reading(
    'node_exporter',
    'power',
    'W',
    'sum by ($by) (node_hwmon_in_volts{sensor="in1",chip=~".*(ina3221|1-0040).*",$selector}) * sum by ($by) (node_hwmon_curr_amps{sensor="curr1",chip=~".*(ina3221|1-0040).*",$selector})',
  ),
  reading(
    'node_exporter',
    'processors',
    '%',
    '100 * (1 - avg by ($by) (rate(node_cpu_seconds_total{mode="idle",$selector}[2m])))',
  ),
  reading(
    'node_exporter',
    'memory',
    '%',
    '100 * (1 - max by ($by) (node_memory_MemAvailable_bytes{$selector}) / max by ($by) (node_memory_MemTotal_bytes{$selector}))',
  ),
  reading(
    'node_exporter',
    'storage',
    '%',
    '100 * (1 - max by ($by) (node_filesystem_avail_bytes{mountpoint="/",$selector}) / max by ($by) (node_filesystem_size_bytes{mountpoint="/",$selector}))',
  ),
  reading(
    'tegrastats',
    'graphics',
    '%',
    'max by ($by) (tegrastats_gr3d_freq_percentage{$selector})',
  ),
  reading(
    'probe',
    'latency',
    'ms',
    '1000 * max by ($by) (probe_icmp_duration_seconds{phase="rtt",$selector}) and max by ($by) (probe_success{$selector}) == 1',
  ),
  reading(
    'probe',
    'loss',
    '%',
    '100 * max by ($by) (probe_packet_loss_ratio{$selector})',
  ),
  reading(
    'probe',
    'download',
    'Mbit/s',
    'max by ($by) (probe_bandwidth_bits_per_second{direction="download",$selector}) / 1000000',
  ),
  reading(
    'probe',
    'upload',
    'Mbit/s',
    'max by ($by) (probe_bandwidth_bits_per_second{direction="upload",$selector}) / 1000000',
  ),
  {
    source: 'vcgencmd',
    query: 'max by ($by, bit) (vcgencmd_get_throttled{$selector}) == 1',
    takes: { kind: 'throttledBits', label: 'bit' },
  },
  {
    source: 'node_exporter',
    query: 'max by ($by) (node_hwmon_in_lcrit_alarm_volts{$selector})',
    takes: { kind: 'complaint', name: 'undervoltage' },
  },
];

/**
 * When the scrapes were that the answers come from: an answer of Prometheus tells only when it was
 * asked, and repeats the last sample of a device that is gone for minutes.
 */
export const scrapeTimeQuery = 'max by ($by) (timestamp(up{$selector} == 1))';

/** Fills in a query. Values of labels are quoted, so that names of clusters are text. */
export function writeQuery(
  query: string,
  options: {
    readonly nodeLabel: string;
    readonly cluster?: { readonly label: string; readonly name: string };
  },
): string {
  const { cluster } = options;
  const selector = cluster
    ? `${cluster.label}=${JSON.stringify(cluster.name)}`
    : '';
  return query
    .replaceAll(/,?\$selector/g, match =>
      selector === '' ? '' : match.replace('$selector', () => selector),
    )
    .replaceAll('$by', () => `${options.nodeLabel}, job`);
}

/** Bits 0 to 3 tell of now, 16 to 19 of any time since the boot. */
export function decodeThrottled(labels: Labels, label: string) {
  const text = Object.hasOwn(labels, label) ? labels[label] : '';
  if (!/^(0x[0-9a-fA-F]{1,8}|\d{1,10})$/.test(text)) return undefined;
  const bits = Number(text);
  const has = (bit: number) => Math.floor(bits / 2 ** bit) % 2 === 1;
  return {
    undervoltage: { now: has(0), sinceBoot: has(0) || has(16) },
    throttled: {
      now: has(1) || has(2) || has(3),
      sinceBoot: [1, 2, 3, 17, 18, 19].some(has),
    },
  };
}
