// SPDX-License-Identifier: Apache-2.0
import type { HardwareModel } from './hardware';
import {
  DeviceMetric,
  DeviceSeries,
  Exporter,
  isJetson,
  isRaspberryPi,
  plain,
  Scrape,
} from './metricTable';

const exporter: Exporter = {
  job: 'node-exporter',
  port: 9100,
  isOnDevice: true,
  suits: () => true,
};

const root = { device: '/dev/root', fstype: 'ext4', mountpoint: '/' };
const hwmon = { chip: 'soc:firmware_raspberrypi_hwmon', sensor: 'in0' };
const rails = 'i2c_1_1_0040';
/** Volts of the rails, which the INA3221 measures. */
const railVolts = { VDD_IN: 19, VDD_CPU_GPU_CV: 19, VDD_SOC: 19 };

/** Watts of a rail of the Jetson: CPU and GPU have one together. */
function railPower({ telemetry: { power } }: Scrape, rail: string): number {
  if (rail === 'VDD_IN') return power.total;
  const chips = power.processors + power.graphics;
  return rail === 'VDD_CPU_GPU_CV' ? chips : (power.total - chips) * 0.3;
}

function perRail(
  read: (scrape: Scrape, rail: string, volts: number) => number,
  prefix: string,
): readonly DeviceSeries[] {
  return Object.entries(railVolts).map(([rail, volts], index) => ({
    labels: { chip: rails, sensor: `${prefix}${index + 1}` },
    read: scrape => read(scrape, rail, volts),
  }));
}

function perProcessor(
  { processors }: HardwareModel,
  labels: (cpu: string) => readonly DeviceSeries[],
): readonly DeviceSeries[] {
  return Array.from({ length: processors }, (_, cpu) =>
    labels(String(cpu)),
  ).flat();
}

/** Seconds of a mode since the boot: work is split into what programs and the kernel do. */
function processorSeconds(mode: 'user' | 'system' | 'idle') {
  return ({ device, telemetry, world, at }: Scrape) => {
    const work = world.processorWorkAt(device, new Date(at)) / 1000;
    const share = { user: 0.85 * work, system: 0.15 * work };
    return mode === 'idle'
      ? (at - telemetry.bootedAt) / 1000 - work
      : share[mode];
  };
}

/** Bytes that devices receive and send per second of work of a processor. */
const bytesPerWork = { receive: 220_000, transmit: 140_000 };

const networkBytes =
  (direction: keyof typeof bytesPerWork) =>
  ({ device, world, at }: Scrape) =>
    Math.round(
      (world.processorWorkAt(device, new Date(at)) / 1000) *
        bytesPerWork[direction],
    );

function define(
  name: string,
  type: DeviceMetric['type'],
  help: string,
  series: DeviceMetric['series'],
): DeviceMetric {
  return { name, type, help, exporter, series };
}

const processorMetrics: readonly DeviceMetric[] = [
  define(
    'node_cpu_seconds_total',
    'counter',
    'Seconds the CPUs spent in each mode.',
    model =>
      perProcessor(model, cpu =>
        (['user', 'system', 'idle'] as const).map(mode => ({
          labels: { cpu, mode },
          read: processorSeconds(mode),
        })),
      ),
  ),
  define('node_load1', 'gauge', '1m load average.', model =>
    plain(({ telemetry }) => telemetry.cpuLoad * model.processors),
  ),
  define(
    'node_cpu_scaling_frequency_hertz',
    'gauge',
    'Current scaled CPU thread frequency in hertz.',
    model =>
      perProcessor(model, cpu => [
        { labels: { cpu }, read: ({ telemetry }) => telemetry.clockRate },
      ]),
  ),
];

const storeMetrics: readonly DeviceMetric[] = [
  define(
    'node_memory_MemTotal_bytes',
    'gauge',
    'Memory information field MemTotal_bytes.',
    () => plain(({ telemetry }) => telemetry.memory.total),
  ),
  define(
    'node_memory_MemAvailable_bytes',
    'gauge',
    'Memory information field MemAvailable_bytes.',
    () => plain(({ telemetry: { memory } }) => memory.total - memory.used),
  ),
  define(
    'node_filesystem_size_bytes',
    'gauge',
    'Filesystem size in bytes.',
    () => [{ labels: root, read: ({ telemetry }) => telemetry.storage.total }],
  ),
  define(
    'node_filesystem_avail_bytes',
    'gauge',
    'Filesystem space available to non-root users in bytes.',
    () => [
      {
        labels: root,
        read: ({ telemetry: { storage } }) => storage.total - storage.used,
      },
    ],
  ),
];

const clockMetrics: readonly DeviceMetric[] = [
  define(
    'node_boot_time_seconds',
    'gauge',
    'Node boot time, in unixtime.',
    () =>
      plain(({ telemetry: { bootedAt, clockSkew } }) =>
        Math.round((bootedAt + clockSkew) / 1000),
      ),
  ),
  define(
    'node_time_seconds',
    'gauge',
    'System time in seconds since epoch (1970).',
    () => plain(({ at, telemetry }) => (at + telemetry.clockSkew) / 1000),
  ),
];

const networkMetrics: readonly DeviceMetric[] = (
  ['receive', 'transmit'] as const
).map(direction =>
  define(
    `node_network_${direction}_bytes_total`,
    'counter',
    `Network device statistic ${direction}_bytes.`,
    () => [{ labels: { device: 'eth0' }, read: networkBytes(direction) }],
  ),
);

const temperatureMetrics: readonly DeviceMetric[] = [
  define(
    'node_thermal_zone_temp',
    'gauge',
    'Zone temperature in Celsius',
    model => [
      {
        labels: { zone: '0', type: 'cpu-thermal' },
        read: ({ telemetry }) => telemetry.temperature.cpu,
      },
      ...(isJetson(model)
        ? [
            {
              labels: { zone: '1', type: 'gpu-thermal' },
              read: ({ telemetry }: Scrape) => telemetry.temperature.gpu,
            },
            {
              labels: { zone: '8', type: 'tj-thermal' },
              read: ({ telemetry: { temperature } }: Scrape) =>
                Math.max(temperature.cpu, temperature.gpu ?? -Infinity),
            },
          ]
        : []),
    ],
  ),
  ...(['cur', 'max'] as const).map(which =>
    define(
      `node_cooling_device_${which}_state`,
      'gauge',
      which === 'cur'
        ? 'Current throttle state of the cooling device'
        : 'Maximum throttle state of the cooling device',
      model =>
        isJetson(model)
          ? [
              {
                labels: { name: '0', type: 'pwm-fan' },
                read: ({ telemetry }) =>
                  which === 'max' ? 4 : Math.round((telemetry.fan ?? 0) * 4),
              },
            ]
          : [],
    ),
  ),
  define(
    'node_hwmon_temp_celsius',
    'gauge',
    'Hardware monitor for temperature (input)',
    () => [
      {
        labels: { chip: 'thermal_thermal_zone0', sensor: 'temp1' },
        read: ({ telemetry }) => telemetry.temperature.cpu,
      },
    ],
  ),
];

const supplyMetrics: readonly DeviceMetric[] = [
  define(
    'node_hwmon_in_lcrit_alarm_volts',
    'gauge',
    'Hardware monitor for voltage (lcrit_alarm)',
    model =>
      isRaspberryPi(model)
        ? [
            {
              labels: hwmon,
              read: ({ telemetry }) => Number(telemetry.undervoltage.now),
            },
          ]
        : [],
  ),
  define(
    'node_hwmon_chip_names',
    'gauge',
    'Annotation metric for human-readable chip names',
    model => [
      {
        labels: isRaspberryPi(model)
          ? { chip: hwmon.chip, chip_name: 'rpi_volt' }
          : { chip: rails, chip_name: 'ina3221' },
        read: () => 1,
      },
    ],
  ),
  define(
    'node_hwmon_sensor_label',
    'gauge',
    'Label for given chip and sensor',
    model =>
      isJetson(model)
        ? Object.keys(railVolts).map((label, index) => ({
            labels: { chip: rails, label, sensor: `in${index + 1}` },
            read: () => 1,
          }))
        : [],
  ),
  define(
    'node_hwmon_in_volts',
    'gauge',
    'Hardware monitor for voltage (input)',
    model =>
      isJetson(model) ? perRail((_scrape, _rail, volts) => volts, 'in') : [],
  ),
  define(
    'node_hwmon_curr_amps',
    'gauge',
    'Hardware monitor for current (input)',
    model =>
      isJetson(model)
        ? perRail(
            (scrape, rail, volts) => railPower(scrape, rail) / volts,
            'curr',
          )
        : [],
  ),
];

/** What node_exporter says of a device: names, labels and help texts as it has them. */
export const nodeExporterMetrics: readonly DeviceMetric[] = [
  ...processorMetrics,
  ...storeMetrics,
  ...clockMetrics,
  ...networkMetrics,
  ...temperatureMetrics,
  ...supplyMetrics,
];
