// SPDX-License-Identifier: Apache-2.0
import { createHmac, randomUUID } from 'node:crypto';
import {
  coreServices,
  createBackendModule,
  createServiceFactory,
  type BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { permissionsServiceFactory } from '@backstage/backend-defaults/permissions';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { NotFoundError, ServiceUnavailableError } from '@backstage/errors';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { notificationService } from '@backstage/plugin-notifications-node';
import type { PermissionPolicy } from '@backstage/plugin-permission-node';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import type { JsonObject } from '@backstage/types';
import {
  createDeliveryClient,
  type Release,
  type ReleaseReport,
} from '@causeway/plugin-delivery-common';
import request from 'supertest';
import type { ActOnCluster } from '../../clusters/ActingCluster';
import type { ClusterStatus } from '../../clusters/Clusters';
import type { DrillExecutor } from '../../drills/DrillExecutor';
import type { DeviceFleet } from '../../fleet/DeviceFleet';
import type { ServiceCommit } from '../../gitops/ServiceRepositories';
import { createDeliveryPlugin } from '../../plugin';
import { MemoryClock } from '../../promotions/__fixtures__/MemoryClock';
import { MemoryClusters } from '../../promotions/__fixtures__/MemoryClusters';
import { MemoryFleet } from '../../promotions/__fixtures__/MemoryFleet';
import { ApiDocument } from '../ApiDocument';

export const service = 'component:default/parcel-vision';
export const repository = 'http://forge.example/norden/parcel-vision';
export const documentUrl = `${repository}/delivery.yaml`;
export const releaseSecret = 'the-long-release-secret-of-norden-parcel';
export const webhookSecret = 'the-long-webhook-secret-of-norden-parcel';
const image = 'registry.norden.example/parcel-vision';

export const goodDocument = `apiVersion: causeway.dev/v1
kind: Pipeline
images: [${image}]
namespace: sorting
stages:
  - { name: ci, kind: ci }
  - { name: staging, kind: cloud, targets: [cloud-staging] }
  - name: production
    kind: cloud
    targets: [cloud-production]
    gates:
      - approval: { group: team-leads }
`;

const groups: Record<string, string[]> = {
  mia: ['team-vision'],
  jonas: ['team-vision', 'team-leads'],
  omar: ['product-owners', 'team-leads'],
  ines: ['edge-operators', 'platform'],
  lena: [],
};

function user(name: string): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: { name, namespace: 'default' },
    spec: { profile: { displayName: name, email: `${name}@norden.example` } },
    relations: groups[name].map(group => ({
      type: 'memberOf',
      targetRef: `group:default/${group}`,
    })),
  };
}

function component(name: string, annotations: Record<string, string>): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: {
      name,
      namespace: 'default',
      annotations: {
        'backstage.io/source-location': `url:http://forge.example/norden/${name}/`,
        ...annotations,
      },
    },
    spec: { type: 'service', owner: 'team-vision' },
    relations: [{ type: 'ownedBy', targetRef: 'group:default/team-vision' }],
  };
}

/** What a portal has beside what all of them have. */
export interface PortalOptions {
  readonly devices?: DeviceFleet;
  readonly actOn?: ActOnCluster;
  readonly drillExecutors?: readonly DrillExecutor[];
  /** `delivery.actions` of the configuration. */
  readonly actions?: JsonObject;
  /** Pipeline documents of further services, by name. */
  readonly services?: Readonly<Record<string, string>>;
  /** Instead of the one that comes with the plugins. */
  readonly policy?: PermissionPolicy;
}

/** What the tests change and look at behind the portal. */
function aWorld({ devices, services = {} }: PortalOptions) {
  const clock = new MemoryClock();
  const fleet = new MemoryFleet();
  const memory = new MemoryClusters(fleet, clock);
  const names = [
    'cloud-staging',
    'cloud-production',
    ...(devices?.clusters() ?? []).map(({ name }) => name),
  ];
  return {
    fleet,
    memory,
    files: new Map([
      [documentUrl, goodDocument],
      ...Object.entries(services).map(
        ([name, document]) => [documentOf(name), document] as const,
      ),
    ]),
    /** Commits of the service's repository; undefined while it does not answer. */
    history: undefined as ServiceCommit[] | undefined,
    signals: [] as JsonObject[],
    notifications: [] as string[],
    audited: [] as string[],
    clusters: {
      list: () =>
        names.map(
          (name): ClusterStatus => ({
            name,
            title: name,
            freshness: { state: 'live', seenAt: clock.now().toISOString() },
            objects: 0,
            revision: memory.revision(),
          }),
        ),
      targetState: memory.targetState.bind(memory),
      revision: memory.revision.bind(memory),
      subscribe: memory.subscribe,
      requestReconcile: memory.requestReconcile.bind(memory),
      orderEngine: memory.orderEngine.bind(memory),
    },
  };
}

type World = ReturnType<typeof aWorld>;

function documentOf(name: string): string {
  return `http://forge.example/norden/${name}/delivery.yaml`;
}

/** The policy that comes with the plugins, or another. */
function policyFeature(policy: PermissionPolicy | undefined) {
  return policy
    ? createBackendModule({
        pluginId: 'permission',
        moduleId: 'of-the-test',
        register(env) {
          env.registerInit({
            deps: { extension: policyExtensionPoint },
            async init({ extension }) {
              extension.setPolicy(policy);
            },
          });
        },
      })
    : import('@causeway/plugin-permission-backend-module-delivery');
}

async function startServer(world: World, portal: PortalOptions) {
  const { server } = await startTestBackend({
    features: [
      createDeliveryPlugin(() => ({
        clusters: world.clusters,
        fleet: world.fleet,
        ...(portal.devices && { devices: portal.devices }),
        ...(portal.actOn && { actOn: portal.actOn }),
        ...(portal.drillExecutors && {
          drillExecutors: portal.drillExecutors,
        }),
        serviceRepositories: {
          async commitsBetween() {
            if (!world.history) throw new ServiceUnavailableError('No answer');
            return { commits: world.history, more: true };
          },
        },
        start() {},
        async stop() {},
      })),
      import('@backstage/plugin-permission-backend'),
      policyFeature(portal.policy),
      permissionsServiceFactory,
      // As in a real portal: a request for a user also names the plugin that makes it.
      createServiceFactory({
        service: coreServices.auth,
        deps: { plugin: coreServices.pluginMetadata },
        factory({ plugin }) {
          const auth = mockServices.auth({ pluginId: plugin.getId() });
          const forService = auth.getPluginRequestToken.bind(auth);
          return Object.assign(auth, {
            async getPluginRequestToken(
              options: Parameters<typeof forService>[0],
            ) {
              const { onBehalfOf } = options;
              return auth.isPrincipal(onBehalfOf, 'user')
                ? {
                    token: mockCredentials.user.token(
                      onBehalfOf.principal.userEntityRef,
                      { actor: { subject: `plugin:${plugin.getId()}` } },
                    ),
                  }
                : forService(options);
            },
          });
        },
      }),
      createServiceFactory({
        service: coreServices.userInfo,
        deps: {},
        factory: () => ({
          async getUserInfo(credentials: BackstageCredentials) {
            const { userEntityRef } = credentials.principal as {
              userEntityRef: string;
            };
            const name = userEntityRef.split('/')[1];
            return {
              userEntityRef,
              ownershipEntityRefs: [
                userEntityRef,
                ...groups[name].map(group => `group:default/${group}`),
              ],
            };
          },
        }),
      }),
      mockServices.rootConfig.factory({
        data: {
          permission: { enabled: true },
          delivery: {
            fleet: { repository: 'http://forge.example/norden/fleet' },
            releases: {
              secrets: [
                {
                  repository: 'http://forge.example/norden/*',
                  secret: releaseSecret,
                },
              ],
            },
            webhooks: { gitea: { secret: webhookSecret } },
            ...(portal.actions && { actions: portal.actions }),
          },
        },
      }),
      catalogServiceMock.factory({
        entities: [
          component('parcel-vision', {
            'causeway.dev/pipeline': `url:${documentUrl}`,
          }),
          component('plain', {}),
          ...Object.keys(portal.services ?? {}).map(name =>
            component(name, {
              'causeway.dev/pipeline': `url:${documentOf(name)}`,
            }),
          ),
          ...Object.keys(groups).map(user),
        ],
      }),
      createServiceFactory({
        service: coreServices.urlReader,
        deps: {},
        factory: () => ({
          ...mockServices.urlReader.mock(),
          readUrl: async (url: string) => {
            const text = world.files.get(url);
            if (text === undefined) throw new NotFoundError(url);
            return { buffer: async () => Buffer.from(text) };
          },
        }),
      }),
      createServiceFactory({
        service: signalsServiceRef,
        deps: {},
        factory: () => ({
          async publish({ message }) {
            world.signals.push(message);
          },
        }),
      }),
      createServiceFactory({
        service: notificationService,
        deps: {},
        factory: () => ({
          async send({ payload }) {
            world.notifications.push(payload.title);
          },
        }),
      }),
      createServiceFactory({
        service: coreServices.auditor,
        deps: {},
        factory: () => ({
          async createEvent({ eventId }) {
            return {
              async success() {
                world.audited.push(`${eventId} succeeded`);
              },
              async fail({ meta }) {
                world.audited.push(`${eventId} failed ${meta?.code}`);
              },
            };
          },
        }),
      }),
    ],
  });
  return { server: request.agent(server), port: server.port() };
}

const operations = ApiDocument.load().operations();

/** Every answer of every test is held against the OpenAPI document. */
function holdAgainstDocument(response: request.Response) {
  const path = new URL(response.request.url).pathname.replace(
    '/api/delivery',
    '',
  );
  const method = response.request.method.toLocaleLowerCase('en');
  const operation = operations.find(
    one =>
      one.method === method &&
      new RegExp(`^${one.path.replace(/:\w+/g, '[^/]+')}$`).test(path),
  );
  if (!operation) throw new Error(`No operation for ${method} ${path}`);
  const problems = operation.validateAnswer(response.status, response.body);
  if (problems.length > 0) {
    throw new Error(`${operation.id}: ${JSON.stringify(problems)}`);
  }
}

/** A report as CI makes it; `change` is what is different. */
export function aReport(
  version: string,
  change: Partial<ReleaseReport> = {},
): ReleaseReport {
  return {
    service,
    repository,
    version,
    commit: {
      sha: createHmac('sha1', 'commit').update(version).digest('hex'),
      message: `Make ${version}`,
      author: 'Mia Lindqvist',
      authorRef: 'user:default/mia',
      time: '2026-05-07T13:50:00.000Z',
    },
    images: [
      {
        name: image,
        tag: version,
        digest: `sha256:${createHmac('sha256', 'image')
          .update(version)
          .digest('hex')}`,
      },
    ],
    ...change,
  };
}

/** Status and code of an answer. */
export function problemOf(response: request.Response): string {
  return `${response.status} ${response.body.error?.code}`;
}

/** Ends with the test's own timeout; the engine moves by itself meanwhile. */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
): Promise<void> {
  while (!(await isTrue())) {
    await new Promise(resolve => {
      setTimeout(resolve, 25);
    });
  }
}

/** A signed request of another program. */
function signature(secret: string, content: string): string {
  return createHmac('sha256', secret).update(content).digest('hex');
}

/**
 * A portal with the real plugin, permission framework and policy, on clusters and a fleet repository
 * in memory. 2.8.0, by Jonas, runs in staging and 2.7.0, by Mia, in production.
 */
export async function openPortal(options: PortalOptions = {}) {
  const world = aWorld(options);
  const { server, port } = await startServer(world, options);
  const checked = async (call: request.Test) => {
    const response = await call;
    holdAgainstDocument(response);
    return response;
  };

  const portal = {
    world,
    /** Address of the API. */
    url: `http://localhost:${port}/api/delivery`,
    /** Ids of the releases by version. */
    releases: {} as Record<string, string>,

    /** Requests of somebody who is signed in. */
    as(name: string) {
      const token = mockCredentials.user.header(`user:default/${name}`);
      return {
        get: (path: string, headers: Record<string, string> = {}) =>
          checked(
            server
              .get(`/api/delivery${path}`)
              .set({ Authorization: token, ...headers }),
          ),
        patch: (path: string, body: object) =>
          checked(
            server
              .patch(`/api/delivery${path}`)
              .set({ Authorization: token })
              .send(body),
          ),
        post: (
          path: string,
          body: object,
          headers: Record<string, string> = {},
        ) =>
          checked(
            server
              .post(`/api/delivery${path}`)
              .set({ Authorization: token, ...headers })
              .send(body),
          ),
      };
    },

    /** The typed client, for somebody who is signed in. */
    clientOf(name: string) {
      return createDeliveryClient({
        baseUrl: `http://localhost:${port}/api/delivery`,
        fetch: (input, init) => {
          const headers = new Headers(init?.headers);
          headers.set(
            'Authorization',
            mockCredentials.user.header(`user:default/${name}`),
          );
          return fetch(input, { ...init, headers });
        },
      });
    },

    /** A request of somebody who is not. */
    anonymously: (path: string) =>
      checked(
        server
          .get(`/api/delivery${path}`)
          .set('Authorization', mockCredentials.none.header()),
      ),

    /** CI reports a release; each option is a way to get it wrong. */
    report(
      body: object,
      how: { secret?: string; delivery?: string; seconds?: number } = {},
    ) {
      const raw = JSON.stringify(body);
      const timestamp = String(how.seconds ?? Math.floor(Date.now() / 1000));
      const delivery = how.delivery ?? randomUUID();
      const signed = signature(
        how.secret ?? releaseSecret,
        `${timestamp}.${delivery}.${raw}`,
      );
      return checked(
        server
          .post('/api/delivery/releases')
          .set({
            'Content-Type': 'application/json',
            'X-Causeway-Timestamp': timestamp,
            'X-Causeway-Delivery': delivery,
            'X-Causeway-Signature': `sha256=${signed}`,
          })
          .send(raw),
      );
    },

    /** The forge tells of a push to the service's repository. */
    push(secret: string = webhookSecret) {
      const raw = JSON.stringify({ repository: { html_url: repository } });
      return checked(
        server
          .post('/api/delivery/webhooks/gitea')
          .set({
            'Content-Type': 'application/json',
            'X-Gitea-Event': 'push',
            'X-Gitea-Signature': signature(secret, raw),
          })
          .send(raw),
      );
    },
  };

  for (const [version, authorRef] of [
    ['2.7.0', 'user:default/mia'],
    ['2.8.0', 'user:default/jonas'],
  ]) {
    const base = aReport(version);
    const { body } = await portal.report({
      ...base,
      commit: { ...base.commit, authorRef },
    });
    portal.releases[version] = body.id;
  }
  for (const [cluster, version] of [
    ['cloud-staging', '2.8.0'],
    ['cloud-production', '2.7.0'],
  ]) {
    world.memory.run(
      {
        cluster,
        path: `services/parcel-vision/overlays/${cluster}`,
        kustomization: { namespace: 'flux-system', name: 'parcel-vision' },
        workload: {
          kind: 'Deployment',
          namespace: 'sorting',
          name: 'parcel-vision',
        },
      },
      { images: aReport(version).images } as Release,
    );
  }
  return portal;
}
