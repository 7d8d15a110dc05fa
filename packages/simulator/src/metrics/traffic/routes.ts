// SPDX-License-Identifier: Apache-2.0
import type {
  HttpRoute,
  TraefikService,
} from '../../controllers/flagger/flaggerObjects';
import { matchesLabels, StringMap } from '../../controllers/runtime/resources';

/** A Service, as far as traffic goes. */
export interface ServiceView {
  readonly name: string;
  readonly selector?: StringMap;
  readonly port: number;
}

/** Where a part of the requests goes. */
export interface Backend {
  /** Name of a Service. */
  readonly name: string;
  /** Share of the requests, 0…1; mirrored ones come on top. */
  readonly share: number;
}

/** What splits the requests to a name. */
export interface RouteView {
  /** The name that users call. */
  readonly name: string;
  readonly by: 'gateway' | 'traefik';
  readonly backends: readonly Backend[];
}

/** A pod, as far as traffic goes. */
export interface PodView {
  readonly name: string;
  readonly labels?: StringMap;
  readonly ready: boolean;
}

/** What of a service's requests one pod answers. */
export interface Assignment {
  readonly service: string;
  /** The Service in front of the pod. */
  readonly backend: string;
  readonly port: number;
  readonly by: RouteView['by'] | 'service';
  /** Share of the service's requests, 0…1. */
  readonly share: number;
}

/** Of the requests to a route with several rules, this share matches each rule but the last. */
const matchingShare = 0.1;

/** Reads an HTTPRoute. */
export function gatewayRoute({ metadata, spec }: HttpRoute): RouteView {
  const rules = spec.rules ?? [];
  const special = matchingShare * (rules.length - 1);
  const backends = rules.flatMap((rule, index): readonly Backend[] => {
    const isLast = index === rules.length - 1;
    const share = isLast ? 1 - special : matchingShare;
    const mirrors = (rule.filters ?? []).flatMap(
      ({ requestMirror }) => requestMirror?.backendRef.name ?? [],
    );
    return [
      ...weighted(rule.backendRefs ?? [], share),
      ...mirrors.map(name => ({ name, share })),
    ];
  });
  return { name: metadata.name, by: 'gateway', backends };
}

/** Reads a TraefikService. */
export function traefikRoute({ metadata, spec }: TraefikService): RouteView {
  const backends = weighted(spec.weighted.services ?? [], 1);
  return { name: metadata.name, by: 'traefik', backends };
}

function weighted(
  references: readonly { readonly name: string; readonly weight?: number }[],
  share: number,
): readonly Backend[] {
  const sum = references.reduce((total, { weight = 1 }) => total + weight, 0);
  return references.map(({ name, weight = 1 }) => ({
    name,
    share: sum > 0 ? (share * weight) / sum : 0,
  }));
}

/** Names of what stands behind the Service that users call: Flagger's, and those of two colours. */
const behind = /-(primary|canary|blue|green)$/;

/**
 * Who answers whose requests in a namespace, by pod. Requests come to routes,
 * and to those Services that no route stands for or leads to. The Services
 * `…-primary`, `…-canary`, `…-blue` and `…-green` are called through the one without.
 */
export function assignTraffic(
  services: readonly ServiceView[],
  routes: readonly RouteView[],
  pods: readonly PodView[],
): ReadonlyMap<string, Assignment> {
  const led = new Set(
    routes.flatMap(({ name, backends }) => [
      name,
      ...backends.map(backend => backend.name),
    ]),
  );
  const direct = services
    .filter(({ name }) => !led.has(name) && !behind.test(name))
    .map(({ name }) => ({
      name,
      by: 'service' as const,
      backends: [{ name, share: 1 }],
    }));
  const byName = new Map(services.map(service => [service.name, service]));
  const assignments = new Map<string, Assignment>();
  for (const { name, by, backends } of [...routes, ...direct]) {
    for (const backend of merged(backends)) {
      const service = byName.get(backend.name);
      if (!service) continue;
      const chosen = podsOf(service, pods);
      const ready = chosen.filter(pod => pod.ready).length;
      for (const pod of chosen) {
        // A pod behind two names answers for the first.
        if (assignments.has(pod.name)) continue;
        assignments.set(pod.name, {
          service: name,
          backend: backend.name,
          port: service.port,
          by,
          share: pod.ready ? backend.share / ready : 0,
        });
      }
    }
  }
  return assignments;
}

/** A backend that several rules lead to counts once. */
function merged(backends: readonly Backend[]): readonly Backend[] {
  const shares = new Map<string, number>();
  for (const { name, share } of backends)
    shares.set(name, (shares.get(name) ?? 0) + share);
  return [...shares].map(([name, share]) => ({ name, share }));
}

function podsOf(
  { selector }: ServiceView,
  pods: readonly PodView[],
): readonly PodView[] {
  // A Service without a selector has no pods of its own.
  if (!selector || Object.keys(selector).length === 0) return [];
  return pods.filter(({ labels }) => matchesLabels(selector, labels));
}
