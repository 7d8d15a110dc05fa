// SPDX-License-Identifier: Apache-2.0
import { KubernetesClient } from '../runtime/KubernetesClient';
import { analysisOf, totalWeight } from './analysis';
import {
  Canary,
  httpRoutes,
  serviceNames,
  traefikServices,
} from './flaggerObjects';
import { ownedBy } from './primary';

/** How the traffic is split. */
export interface Weights {
  readonly primary: number;
  readonly canary: number;
  /** The canary gets a copy of the primary's requests. */
  readonly mirrored?: boolean;
}

/** What splits the traffic of a canary. */
export interface Router {
  /** Makes the route if there is none. */
  ensure(canary: Canary): Promise<void>;
  weights(canary: Canary): Promise<Weights>;
  set(canary: Canary, weights: Weights): Promise<void>;
}

/** Without a router all of the traffic follows the service. */
const noRouter: Router = {
  ensure: async () => undefined,
  weights: async ({ status }) =>
    (status?.iterations ?? 0) > 0
      ? { primary: 0, canary: totalWeight }
      : { primary: totalWeight, canary: 0 },
  set: async () => undefined,
};

/** Which router a provider of Flagger means. */
export function routerFor(provider: string, client: KubernetesClient): Router {
  if (provider.startsWith('gatewayapi')) return gatewayRouter(client);
  if (provider === 'traefik') return traefikRouter(client);
  if (provider === 'kubernetes') return noRouter;
  throw new Error(
    `the provider ${provider} is not simulated, use gatewayapi:v1, traefik or kubernetes`,
  );
}

function gatewayRouter(client: KubernetesClient): Router {
  const nameOf = (canary: Canary) => ({
    namespace: canary.metadata.namespace,
    name: serviceNames(canary).apex,
  });
  const stored = async (canary: Canary) => {
    const name = nameOf(canary);
    const route = await client.get(httpRoutes, name);
    if (!route) {
      throw new Error(
        `HTTPRoute ${name.name}.${name.namespace} get error: not found`,
      );
    }
    return route;
  };
  return {
    async ensure(canary) {
      if (!canary.spec.service.gatewayRefs?.length) {
        throw new Error(
          'GatewayRefs must be specified when using Gateway API as a provider.',
        );
      }
      if (await client.get(httpRoutes, nameOf(canary))) return;
      await client.create(httpRoutes, canary.metadata.namespace, {
        metadata: {
          ...nameOf(canary),
          ownerReferences: [ownedBy(canary)],
        },
        spec: routeSpec(canary, { primary: totalWeight, canary: 0 }),
      });
    },
    async weights(canary) {
      const { spec } = await stored(canary);
      const names = serviceNames(canary);
      const rules = spec.rules ?? [];
      const weighted = rules.find(rule => rule.backendRefs?.length === 2);
      const weightOf = (name: string) =>
        weighted?.backendRefs?.find(each => each.name === name)?.weight ?? 0;
      return {
        primary: weightOf(names.primary),
        canary: weightOf(names.canary),
        mirrored: rules.some(rule =>
          rule.filters?.some(({ type }) => type === 'RequestMirror'),
        ),
      };
    },
    async set(canary, weights) {
      const { metadata } = await stored(canary);
      await client.patch(httpRoutes, metadata, {
        spec: routeSpec(canary, weights),
      });
    },
  };
}

function routeSpec(canary: Canary, weights: Weights): object {
  const { service, analysis } = canary.spec;
  const names = serviceNames(canary);
  const backend = (name: string, weight: number) => ({
    group: '',
    kind: 'Service',
    name,
    port: service.port,
    weight,
  });
  const matches = service.match?.length
    ? service.match
    : [{ path: { type: 'PathPrefix', value: '/' } }];
  const tested = analysisOf(canary).strategy === 'abTesting';
  const mirror =
    weights.mirrored && analysisOf(canary).iterations > 0
      ? {
          filters: [
            {
              type: 'RequestMirror',
              requestMirror: {
                backendRef: {
                  group: '',
                  kind: 'Service',
                  name: names.canary,
                  port: service.port,
                },
              },
            },
          ],
        }
      : {};
  return {
    parentRefs: service.gatewayRefs,
    ...(service.hosts ? { hostnames: service.hosts } : {}),
    rules: [
      {
        matches: tested ? analysis?.match : matches,
        ...mirror,
        backendRefs: [
          backend(names.primary, weights.primary),
          backend(names.canary, weights.canary),
        ],
      },
      ...(tested
        ? [{ matches, backendRefs: [backend(names.primary, totalWeight)] }]
        : []),
    ],
  };
}

function traefikRouter(client: KubernetesClient): Router {
  const nameOf = (canary: Canary) => ({
    namespace: canary.metadata.namespace,
    name: serviceNames(canary).apex,
  });
  const specOf = (canary: Canary, weights: Weights) => {
    const { primary, canary: idle } = serviceNames(canary);
    const { namespace } = canary.metadata;
    const { port } = canary.spec.service;
    const entry = (name: string, weight: number) => ({
      name,
      namespace,
      port,
      weight,
    });
    return {
      weighted: {
        services: [
          entry(primary, weights.primary),
          // A service without weight is left out, as Flagger does it.
          ...(weights.canary > 0 ? [entry(idle, weights.canary)] : []),
        ],
      },
    };
  };
  return {
    async ensure(canary) {
      if (await client.get(traefikServices, nameOf(canary))) return;
      await client.create(traefikServices, canary.metadata.namespace, {
        metadata: { ...nameOf(canary), ownerReferences: [ownedBy(canary)] },
        spec: specOf(canary, { primary: totalWeight, canary: 0 }),
      });
    },
    async weights(canary) {
      const name = nameOf(canary);
      const stored = await client.get(traefikServices, name);
      const services = stored?.spec.weighted.services ?? [];
      if (services.length === 0) {
        throw new Error(
          `TraefikService ${name.name}.${name.namespace} services not found`,
        );
      }
      const { primary } = serviceNames(canary);
      const weight = services.find(each => each.name === primary)?.weight ?? 0;
      return { primary: weight, canary: totalWeight - weight };
    },
    async set(canary, weights) {
      await client.patch(traefikServices, nameOf(canary), {
        spec: specOf(canary, weights),
      });
    },
  };
}
