// SPDX-License-Identifier: Apache-2.0
import { matcherTakes } from '../metrics/promql/parse';
import type {
  LabelMatcher,
  Series,
  SeriesSource,
} from '../metrics/SeriesSource';
import { boardMetrics } from './boardExporters';
import type { Device } from './Device';
import type { DeviceWorld } from './DeviceWorld';
import { hardware } from './hardware';
import { DeviceMetric, Exporter, plain } from './metricTable';
import { nodeExporterMetrics } from './nodeExporter';

const exported = [...nodeExporterMetrics, ...boardMetrics];
const exporters = [...new Set(exported.map(({ exporter }) => exporter))];

/** What Prometheus itself says of every target. */
const up = {
  name: 'up',
  type: 'gauge',
  help: 'Whether the target could be scraped.',
} as const;

const metricsByName = new Map<string, readonly DeviceMetric[]>([
  ...exported.map(metric => [metric.name, [metric]] as const),
  [
    up.name,
    exporters.map(exporter => ({
      ...up,
      // Somebody away cannot be scraped, and that is what it says.
      exporter: { ...exporter, isOnDevice: false },
      series: () =>
        plain(({ telemetry }) =>
          Number(!exporter.isOnDevice || telemetry.connected),
        ),
    })),
  ],
]);

function targetLabels(
  { name, site }: Device,
  { job, port }: Exporter,
): Readonly<Record<string, string>> {
  return {
    instance: port === undefined ? name : `${name}:${port}`,
    job,
    node: name,
    site: site.name,
  };
}

/**
 * The metrics of the devices of a cluster, as a Prometheus there would have
 * scraped them: what runs on a device that is away leaves a gap.
 */
export function deviceMetrics(
  world: DeviceWorld,
  cluster: string,
): SeriesSource {
  const devices = world.plan.devicesOf(cluster);
  const chosen = (matchers: readonly LabelMatcher[]) =>
    devices.filter(({ name, site }) =>
      matchers.every(
        matcher =>
          (matcher.name !== 'node' || matcherTakes(matcher, name)) &&
          (matcher.name !== 'site' || matcherTakes(matcher, site.name)),
      ),
    );
  return {
    metrics: [...exported, up].map(({ name, type, help }) => ({
      name,
      type,
      help,
    })),
    series: (name, matchers) => {
      const metrics = metricsByName.get(name) ?? [];
      return chosen(matchers).flatMap(device =>
        metrics.flatMap(metric => seriesOf(world, device, metric)),
      );
    },
  };
}

function seriesOf(
  world: DeviceWorld,
  device: Device,
  { exporter, series }: DeviceMetric,
): readonly Series[] {
  const model = hardware[device.hardware];
  if (!exporter.suits(model)) return [];
  const target = targetLabels(device, exporter);
  return series(model).map(({ labels, read }) => ({
    labels: { ...target, ...labels },
    valueAt: at => {
      const telemetry = world.telemetryAt(device, new Date(at));
      if (exporter.isOnDevice && !telemetry.connected) return undefined;
      return read({ device, telemetry, world, at });
    },
  }));
}
