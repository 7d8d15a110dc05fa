// SPDX-License-Identifier: Apache-2.0
import { formatValue } from '../formatValue';
import type { Series, SeriesSource } from '../SeriesSource';
import { bucketBounds, columns, Status, statuses } from './counters';
import type { TrafficPod } from './TrafficPod';

type Labels = Readonly<Record<string, string>>;
type Metric = SeriesSource['metrics'][number];

/** What the pods of a cluster and the proxies in front of them export. */
export const trafficMetrics: readonly Metric[] = [
  {
    name: 'http_requests_total',
    type: 'counter',
    help: 'Requests answered, by status.',
  },
  {
    name: 'http_request_duration_seconds',
    type: 'histogram',
    help: 'How long answers took, by status.',
  },
  {
    name: 'container_cpu_usage_seconds_total',
    type: 'counter',
    help: 'CPU time used by a container, in core seconds.',
  },
  {
    name: 'container_memory_working_set_bytes',
    type: 'gauge',
    help: 'Memory that a container holds and that can not be taken from it, in bytes.',
  },
  {
    name: 'kube_pod_container_resource_limits',
    type: 'gauge',
    help: 'What a container may use at most.',
  },
  {
    name: 'traefik_service_requests_total',
    type: 'counter',
    help: 'Requests that Traefik passed to a service, by code.',
  },
  {
    name: 'traefik_service_request_duration_seconds',
    type: 'histogram',
    help: 'How long the answers of a service behind Traefik took, by code.',
  },
];

/** Something that the counters of pods can be read from. */
interface Counted {
  readonly labels: (status: Status) => Labels;
  readonly valueAt: (column: number, time: number) => number | undefined;
}

/** The series of a metric that a pod exports, or that are exported about it. */
export function podSeries(name: string, pod: TrafficPod): readonly Series[] {
  const of = (value: (time: number) => number) => (time: number) =>
    pod.answersAt(time) ? value(time) : undefined;
  switch (name) {
    case 'container_cpu_usage_seconds_total':
      return [
        {
          labels: { ...containerLabels(pod), cpu: 'total' },
          valueAt: of(time => pod.counterAt(columns.cpuSeconds, time)),
        },
      ];
    case 'container_memory_working_set_bytes':
      return [
        {
          labels: containerLabels(pod),
          valueAt: of(time => pod.memoryAt(time)),
        },
      ];
    case 'kube_pod_container_resource_limits':
      return limitSeries(pod, of);
    default: {
      if (pod.service === undefined) return [];
      const labels = requestLabels(pod, pod.service);
      return requestSeries(name.replace(/^http_/, ''), {
        labels: status => ({ ...labels, status }),
        valueAt: (column, time) => of(at => pod.counterAt(column, at))(time),
      });
    }
  }
}

/** The series of a metric that Traefik exports about a Service in front of pods. */
export function traefikSeries(
  name: string,
  service: string,
  valueAt: Counted['valueAt'],
): readonly Series[] {
  return requestSeries(name.replace(/^traefik_service_/, ''), {
    labels: code => ({ service, code, method: 'GET', protocol: 'http' }),
    valueAt,
  });
}

function requestSeries(
  name: string,
  { labels, valueAt }: Counted,
): readonly Series[] {
  const perStatus = (column: (status: Status) => number) =>
    statuses.map(status => ({
      labels: labels(status),
      valueAt: (time: number) => valueAt(column(status), time),
    }));
  switch (name) {
    case 'requests_total':
    case 'request_duration_seconds_count':
      return perStatus(columns.count);
    case 'request_duration_seconds_sum':
      return perStatus(columns.sum);
    case 'request_duration_seconds_bucket':
      return statuses.flatMap(status =>
        bucketBounds.map((bound, bucket) => {
          const column = columns.bucket(status, bucket);
          return {
            labels: { ...labels(status), le: formatValue(bound) },
            valueAt: (time: number) => valueAt(column, time),
          };
        }),
      );
    default:
      return [];
  }
}

function limitSeries(
  pod: TrafficPod,
  of: (value: (time: number) => number) => Series['valueAt'],
): readonly Series[] {
  const { namespace, name, container, node, limits } = pod.identity;
  const units = { cpu: 'core', memory: 'byte' } as const;
  return (['cpu', 'memory'] as const).flatMap(resource => {
    const limit = limits[resource];
    if (limit === undefined) return [];
    const unit = units[resource];
    return [
      {
        labels: { namespace, pod: name, container, node, resource, unit },
        valueAt: of(() => limit),
      },
    ];
  });
}

/** As an application's own metrics are labelled when its pods are found by Kubernetes, under both usual sets of names. */
function requestLabels({ identity }: TrafficPod, service: string): Labels {
  const { namespace, name, version } = identity;
  return {
    namespace,
    pod: name,
    service,
    version,
    kubernetes_namespace: namespace,
    kubernetes_pod_name: name,
  };
}

/** As cAdvisor labels what it tells about containers. */
function containerLabels({ identity }: TrafficPod): Labels {
  const { namespace, name, container, image, node } = identity;
  return {
    namespace,
    pod: name,
    container,
    image,
    name: `${container}_${name}`,
    id: `/kubepods/${namespace}/${name}/${container}`,
    node,
  };
}
