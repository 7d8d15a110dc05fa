// SPDX-License-Identifier: Apache-2.0
import {
  httpRoutes,
  traefikServices,
} from '../../controllers/flagger/flaggerObjects';
import type {
  Cluster,
  RunningController,
} from '../../controllers/runtime/Cluster';
import type { Informer } from '../../controllers/runtime/Informer';
import type {
  KubernetesObject,
  Resource,
  StringMap,
} from '../../controllers/runtime/resources';
import { Pod, pods } from '../../controllers/workloads/workloads';
import type { Traffic } from '../Traffic';
import { gatewayRoute, RouteView, ServiceView, traefikRoute } from './routes';

interface Service extends KubernetesObject {
  readonly spec: {
    readonly selector?: StringMap;
    readonly ports?: readonly { readonly port: number }[];
  };
}

const services: Resource<Service> = {
  apiVersion: 'v1',
  kind: 'Service',
  plural: 'services',
  namespaced: true,
};

/** Changes that come within this time, in milliseconds, are looked at together. */
const gathering = 100;
/** Milliseconds between two looks for kinds that are not installed. */
const kindInterval = 30_000;
const forgetInterval = 3_600_000;

type Located<T> = T & { readonly namespace?: string };

/** Tells a model of traffic what is in a cluster: as a client, by watching. */
export function watchTraffic(
  cluster: Cluster,
  traffic: Traffic,
): RunningController {
  const { informers, scheduler } = cluster;
  const stopping = new AbortController();
  const { signal } = stopping;
  const changed = new Set<string>();
  const podCache = informers.of(pods);
  const serviceCache = informers.of(services);
  const routes: (() => readonly Located<RouteView>[])[] = [];

  const look = () => {
    if (signal.aborted) return;
    const views = [...changed].map(
      namespace => [namespace, emptyView()] as const,
    );
    changed.clear();
    const byNamespace = new Map(views);
    for (const pod of podCache.list())
      byNamespace.get(pod.metadata.namespace ?? '')?.pods.push(pod);
    for (const service of serviceCache.list())
      byNamespace
        .get(service.metadata.namespace ?? '')
        ?.services.push(viewOf(service));
    for (const route of routes.flatMap(list => list()))
      byNamespace.get(route.namespace ?? '')?.routes.push(route);
    for (const [namespace, view] of byNamespace) traffic.see(namespace, view);
  };
  const note = (namespace: string) => {
    if (changed.size === 0) scheduler.after(gathering, look);
    changed.add(namespace);
  };
  const follow = <T extends KubernetesObject>(informer: Informer<T>) =>
    informer.onChange((object, previous) => {
      const { namespace } = (object ?? previous)?.metadata ?? {};
      if (namespace !== undefined) note(namespace);
    });
  const followRoutes = async <T extends KubernetesObject>(
    resource: Resource<T>,
    read: (object: T) => RouteView,
  ) => {
    if (!(await isServed(cluster, resource, signal))) return;
    const informer = informers.of(resource);
    routes.push(() =>
      informer.list().map(object => ({
        ...read(object),
        namespace: object.metadata.namespace,
      })),
    );
    follow(informer);
    informer.start();
  };

  follow(podCache);
  follow(serviceCache);
  const loops = [
    followRoutes(httpRoutes, gatewayRoute),
    followRoutes(traefikServices, traefikRoute),
    forgetHourly(cluster, traffic, signal),
    openLateServices(cluster, traffic, signal, () =>
      podCache.list().forEach(({ metadata }) => note(metadata.namespace ?? '')),
    ),
  ];
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

function emptyView(): {
  readonly pods: Pod[];
  readonly services: ServiceView[];
  readonly routes: RouteView[];
} {
  return { pods: [], services: [], routes: [] };
}

function viewOf({ metadata, spec }: Service): ServiceView {
  const { selector, ports = [] } = spec;
  return { name: metadata.name, selector, port: ports[0]?.port ?? 0 };
}

/** Resolves with true once the cluster has a kind, with false when the watch ends before. */
async function isServed(
  { client, scheduler, log }: Cluster,
  { apiVersion, kind }: Resource,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    try {
      if (await client.resource(apiVersion, kind)) return !signal.aborted;
    } catch (error) {
      if (!signal.aborted) log(`looking for ${kind}: ${error}`);
    }
    await scheduler.sleep(kindInterval, signal);
  }
  return false;
}

async function forgetHourly(
  { scheduler }: Cluster,
  traffic: Traffic,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await scheduler.sleep(forgetInterval, signal);
    if (!signal.aborted) traffic.forget();
  }
}

/** Services some of whose pods never come up are opened when the time is over. */
async function openLateServices(
  { scheduler }: Cluster,
  traffic: Traffic,
  signal: AbortSignal,
  lookAtAll: () => void,
): Promise<void> {
  const rest = traffic.settledAt - scheduler.now().getTime();
  await scheduler.sleep(Math.max(0, rest), signal);
  if (!signal.aborted) lookAtAll();
}
