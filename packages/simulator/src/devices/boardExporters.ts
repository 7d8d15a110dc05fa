// SPDX-License-Identifier: Apache-2.0
import {
  DeviceMetric,
  DeviceSeries,
  Exporter,
  isJetson,
  isRaspberryPi,
  plain,
  Scrape,
} from './metricTable';
import { throttledBits } from './throttledBits';

const tegrastats: Exporter = {
  job: 'tegrastats-exporter',
  port: 9102,
  isOnDevice: true,
  suits: isJetson,
};
const jtop: Exporter = {
  job: 'jtop-exporter',
  port: 9101,
  isOnDevice: true,
  suits: isJetson,
};
const vcgencmd: Exporter = {
  job: 'vcgencmd-exporter',
  port: 9103,
  isOnDevice: true,
  suits: isRaspberryPi,
};
const probe: Exporter = {
  job: 'device-probe',
  isOnDevice: false,
  suits: () => true,
};

const mebibyte = 2 ** 20;

function labelled(
  label: string,
  readings: Readonly<Record<string, DeviceSeries['read']>>,
): readonly DeviceSeries[] {
  return Object.entries(readings).map(([value, read]) => ({
    labels: { [label]: value },
    read,
  }));
}

const junction = ({ telemetry: { temperature } }: Scrape) =>
  Math.max(temperature.cpu, temperature.gpu ?? -Infinity);

/** What the exporter of tegrastats says, and the GPU load, which only its line has. */
const tegrastatsMetrics: readonly DeviceMetric[] = [
  {
    name: 'tegrastats_temperature_celsius',
    type: 'gauge',
    help: 'Temperature of a component.',
    exporter: tegrastats,
    series: () =>
      labelled('component', {
        cpu: ({ telemetry }) => telemetry.temperature.cpu,
        gpu: ({ telemetry }) => telemetry.temperature.gpu,
        soc0: ({ telemetry }) => telemetry.temperature.board,
        tj: junction,
      }),
  },
  {
    name: 'tegrastats_ram_megabytes',
    type: 'gauge',
    help: 'Memory in use and in all.',
    exporter: tegrastats,
    series: () =>
      labelled('type', {
        used: ({ telemetry }) => Math.round(telemetry.memory.used / mebibyte),
        total: ({ telemetry }) => Math.round(telemetry.memory.total / mebibyte),
      }),
  },
  {
    name: 'tegrastats_cpu_percentage',
    type: 'gauge',
    help: 'Load of a core.',
    exporter: tegrastats,
    series: ({ processors }) =>
      Array.from({ length: processors }, (_, core) => ({
        labels: { core: String(core) },
        read: ({ telemetry }: Scrape) => Math.round(telemetry.cpuLoad * 100),
      })),
  },
  {
    name: 'tegrastats_gr3d_freq_percentage',
    type: 'gauge',
    help: 'GR3D_FREQ of the line of tegrastats: the load of the GPU.',
    exporter: tegrastats,
    series: () =>
      plain(({ telemetry: { gpuLoad } }) =>
        gpuLoad === undefined ? undefined : Math.round(gpuLoad * 100),
      ),
  },
];

/** What the exporter of jetson_stats says, with the names that it has, odd ones too. */
const jtopMetrics: readonly DeviceMetric[] = [
  {
    name: 'temperature_C',
    type: 'gauge',
    help: 'Temperatures of the board.',
    exporter: jtop,
    series: () =>
      labelled('statistic', {
        cpu: ({ telemetry }) => telemetry.temperature.cpu,
        gpu: ({ telemetry }) => telemetry.temperature.gpu,
        tj: junction,
      }),
  },
  {
    name: 'integrated_power_mW',
    type: 'gauge',
    help: 'Power of the whole module.',
    exporter: jtop,
    series: () =>
      labelled('statistic', {
        power: ({ telemetry }) => Math.round(telemetry.power.total * 1000),
      }),
  },
  {
    name: 'gpuram_kB',
    type: 'gauge',
    help: 'Memory that the GPU uses.',
    exporter: jtop,
    series: () =>
      labelled('statistic', {
        used: ({ telemetry: { gpuLoad, memory } }) =>
          gpuLoad === undefined
            ? undefined
            : Math.round((memory.used * 0.4) / 1024),
      }),
  },
  {
    name: 'uptime_s',
    type: 'gauge',
    help: 'Seconds since the boot.',
    exporter: jtop,
    series: () =>
      plain(({ at, telemetry }) =>
        Math.round((at - telemetry.bootedAt) / 1000),
      ),
  },
];

const raspberryMetrics: readonly DeviceMetric[] = [
  {
    name: 'vcgencmd_get_throttled',
    type: 'gauge',
    help: 'The answer of vcgencmd get_throttled, in the label.',
    exporter: vcgencmd,
    series: () =>
      throttledBits.map(({ bits, holds }) => ({
        labels: { bit: `0x${bits.toString(16)}` },
        read: ({ telemetry }: Scrape) => (holds(telemetry) ? 1 : undefined),
      })),
  },
];

/** What a probe beside the API server finds out about the way to a device. */
const probeMetrics: readonly DeviceMetric[] = [
  {
    name: 'probe_success',
    type: 'gauge',
    help: 'Displays whether or not the probe was a success',
    exporter: probe,
    series: () => plain(({ telemetry }) => Number(telemetry.connected)),
  },
  {
    name: 'probe_icmp_duration_seconds',
    type: 'gauge',
    help: 'Duration of icmp request by phase',
    exporter: probe,
    series: () =>
      labelled('phase', {
        rtt: ({ telemetry: { connected, network } }) =>
          connected ? network.latency / 1000 : 0,
      }),
  },
  {
    name: 'probe_packet_loss_ratio',
    type: 'gauge',
    help: 'Share of the packets of the last minute that were lost.',
    exporter: probe,
    series: () =>
      plain(({ telemetry: { connected, network } }) =>
        connected ? network.loss : 1,
      ),
  },
  {
    name: 'probe_bandwidth_bits_per_second',
    type: 'gauge',
    help: 'What the way to the device could carry at the last measurement.',
    exporter: probe,
    series: () =>
      labelled('direction', {
        download: ({ telemetry: { connected, network } }) =>
          connected ? network.download * 1000 : undefined,
        upload: ({ telemetry: { connected, network } }) =>
          connected ? network.upload * 1000 : undefined,
      }),
  },
];

/** What exporters beside node_exporter say of devices and the way to them. */
export const boardMetrics: readonly DeviceMetric[] = [
  ...tegrastatsMetrics,
  ...jtopMetrics,
  ...raspberryMetrics,
  ...probeMetrics,
];
