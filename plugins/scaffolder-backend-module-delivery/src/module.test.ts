// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { promisify } from 'node:util';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { ScmIntegrations } from '@backstage/integration';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import { readReleaseSecrets, releaseKey } from '@causeway/plugin-delivery-node';
import { startForge, type RunningForge } from '@causeway/simulator';
import type { JsonObject } from '@backstage/types';
import { createOnboardAction } from './actions/onboard';
import { createRegisterAction } from './actions/register';
import { createReportAction } from './actions/report';
import { aFleet } from './onboarding/__testUtils__/aFleet';
import { scaffolderModuleDelivery } from './module';
import { ServiceOwners } from './ServiceOwners';

const run = promisify(execFile);
const password = 'a-password-for-tests';
const secret = 'the-release-secret-of-norden';
const now = new Date('2026-11-20T13:32:00Z');
const account = {
  id: 1,
  login: 'causeway',
  fullName: 'Causeway',
  email: 'causeway@norden.example',
  role: 'administrator' as const,
};
const digest = `sha256:${'c'.repeat(64)}`;

jest.setTimeout(120_000);

describe('the actions, on a forge', () => {
  let directory: string;
  let forge: RunningForge;
  let portal: Server;
  let received: { headers: IncomingMessage['headers']; body: string }[];
  let answers: number[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'onboarding-'));
    forge = await startForge({
      directory: join(directory, 'forge'),
      port: 0,
      accounts: [account],
      password,
      clock: () => now,
    });
    portal = createServer(async (request, response) => {
      const body = await readText(request);
      received.push({ headers: request.headers, body });
      response
        .writeHead(answers.shift() ?? 201, {
          'Content-Type': 'application/json',
        })
        .end(JSON.stringify({ id: 'release-1' }));
    });
    portal.listen(0, '127.0.0.1');
    await once(portal, 'listening');
  });
  beforeEach(() => {
    received = [];
    answers = [];
  });
  afterAll(async () => {
    portal.close();
    await forge.stop();
    await rm(directory, { recursive: true, force: true });
  });

  let count = 0;
  /** A fleet repository and a service's repository of its own for each test. */
  async function world(entities: Entity[] = []) {
    count += 1;
    const fleet = `fleet-${count}`;
    await forge.forge.createRepository({
      owner: 'norden',
      name: fleet,
      description: '',
      commits: [
        {
          branch: 'main',
          author: { name: 'Ines', email: 'ines@norden.example', date: now },
          message: 'Begin',
          changes: [...aFleet()].map(([path, content]) => ({ path, content })),
        },
      ],
    });
    const service = `service-${count}`;
    await forge.forge.createRepository({
      owner: 'norden',
      name: service,
      description: '',
    });
    const config = mockServices.rootConfig({
      data: {
        delivery: {
          fleet: { repository: `${forge.url}/norden/${fleet}` },
          releases: {
            secrets: [{ repository: `${forge.url}/norden/*`, secret }],
          },
        },
        integrations: {
          gitea: [
            {
              host: new URL(forge.url).host,
              baseUrl: forge.url,
              username: 'causeway',
              password,
            },
          ],
        },
      },
    });
    const parts = {
      config,
      integrations: ScmIntegrations.fromConfig(config),
      secrets: readReleaseSecrets(config),
      owners: new ServiceOwners({
        catalog: catalogServiceMock({ entities }),
        userInfo: mockServices.userInfo({
          userEntityRef: 'user:default/mia',
          ownershipEntityRefs: ['user:default/mia', 'group:default/vision'],
        }),
        permissions: mockServices.permissions({ result: AuthorizeResult.DENY }),
      }),
      discovery: {
        getBaseUrl: async () =>
          `http://127.0.0.1:${(portal.address() as AddressInfo).port}`,
        getExternalBaseUrl: async () => '',
      },
      clock: () => now,
    };
    const actions = [
      createOnboardAction(parts),
      createRegisterAction(parts),
      createReportAction(parts),
    ];
    const workspacePath = await mkdtemp(join(directory, 'workspace-'));
    /** Runs an action as the scaffolder does; what it said and gave out. */
    async function act(
      id: string,
      input: JsonObject,
      options: { isDryRun?: boolean } = {},
    ) {
      const outputs: Record<string, unknown> = {};
      const said: string[] = [];
      const logger = mockServices.logger.mock({
        info: message => said.push(message),
        warn: message => said.push(message),
      });
      const action = actions.find(each => each.id === id);
      await action?.handler({
        ...createMockActionContext({ input, workspacePath }),
        logger,
        isDryRun: options.isDryRun,
        createTemporaryDirectory: () => mkdtemp(join(directory, 'clone-')),
        getInitiatorCredentials: async () =>
          mockCredentials.user('user:default/mia'),
        output: (name: string, value: unknown) => {
          outputs[name] = value;
        },
        user: {
          ref: 'user:default/mia',
          entity: {
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'User',
            metadata: { name: 'mia' },
            spec: {
              profile: {
                displayName: 'Mia Lindqvist',
                email: 'mia@norden.example',
              },
            },
          },
        },
      } as never);
      return { outputs, said: said.join('\n') };
    }
    /** Git's own opinion about a branch of the fleet repository. */
    const git = async (...words: string[]) =>
      (
        await run('git', [
          '-C',
          join(directory, 'forge', 'norden', `${fleet}.git`),
          ...words,
        ])
      ).stdout;
    return { act, git, workspacePath, url: `${forge.url}/norden/${service}` };
  }

  const request = {
    name: 'my-web',
    owner: 'group:default/vision',
    system: 'sorting',
    image: 'registry.example/my-web',
    hardware: ['jetson'],
  };

  it('commits a service in the name of whoever asked, once', async () => {
    const { act, git } = await world();
    const first = await act('delivery:service:onboard', request);
    expect(first.outputs).toMatchObject({
      changed: true,
      commit: (await git('rev-parse', 'main')).trim(),
      pipeline: expect.stringMatching(
        /^url:.*\/src\/branch\/main\/services\/my-web\/delivery\.yaml$/,
      ),
    });
    expect(await git('log', '-1', '--format=%an <%ae>%n%B', 'main')).toContain(
      'Mia Lindqvist <mia@norden.example>\nAdd my-web to the fleet',
    );
    expect(
      await git('show', 'main:clusters/edge-production/kustomization.yaml'),
    ).toContain('- my-web.yaml');

    const second = await act('delivery:service:onboard', request);
    expect(second.outputs).toMatchObject({ changed: false, files: [] });
    expect(second.said).toContain('nothing to do');
    expect((await git('rev-list', '--count', 'main')).trim()).toBe('2');
  });

  it('proposes a service by one pull request, however often it is asked', async () => {
    const { act, git } = await world();
    const input = { ...request, pullRequest: true };
    const first = await act('delivery:service:onboard', input);
    expect(first.outputs).toMatchObject({
      changed: true,
      pullRequestUrl: expect.stringMatching(/\/pulls\/1$/),
    });
    expect((await git('rev-list', '--count', 'main')).trim()).toBe('1');
    const second = await act('delivery:service:onboard', input);
    expect(second.outputs).toMatchObject({
      changed: false,
      pullRequestUrl: first.outputs.pullRequestUrl,
    });
  });

  it('brings services that come at the same moment all into the fleet', async () => {
    const { act, git } = await world();
    const names = ['aisle', 'moon', 'zone'];
    await Promise.all(
      names.map(name => act('delivery:service:onboard', { ...request, name })),
    );
    const listing = await git(
      'show',
      'main:clusters/cloud-staging/kustomization.yaml',
    );
    names.forEach(name => expect(listing).toContain(`- ${name}.yaml`));
  });

  it('follows the pipeline document and the manifests of the workspace', async () => {
    const { act, git, workspacePath } = await world();
    await mkdir(join(workspacePath, 'deploy/base'), { recursive: true });
    await writeFile(
      join(workspacePath, 'deploy/base/kustomization.yaml'),
      'resources: []\n',
    );
    await writeFile(
      join(workspacePath, 'delivery.yaml'),
      `apiVersion: causeway.dev/v1
kind: Pipeline
images: [registry.example/my-web]
stages:
  - { name: staging, kind: cloud, targets: [cloud-staging] }
`,
    );
    const { outputs } = await act('delivery:service:onboard', {
      ...request,
      manifests: 'deploy',
    });
    expect(outputs).toMatchObject({
      pipeline: './delivery.yaml',
      files: [
        'clusters/cloud-staging/kustomization.yaml',
        'clusters/cloud-staging/my-web.yaml',
        'services/my-web/base/kustomization.yaml',
        'services/my-web/overlays/cloud-staging/kustomization.yaml',
      ],
    });
    expect(
      await git('show', 'main:services/my-web/base/kustomization.yaml'),
    ).toBe('resources: []\n');
    await writeFile(join(workspacePath, 'delivery.yaml'), 'kind: Pipeline\n');
    await expect(act('delivery:service:onboard', request)).rejects.toThrow(
      /The pipeline document is not valid:\n1:1 /,
    );
  });

  it('changes nothing in a dry run, with or without a fleet repository', async () => {
    const { act, git } = await world();
    const near = await act('delivery:service:onboard', request, {
      isDryRun: true,
    });
    const far = await act(
      'delivery:service:onboard',
      { ...request, fleet: { url: 'https://nowhere.invalid/norden/fleet' } },
      { isDryRun: true },
    );
    expect(far.said).toContain('could not be read');
    for (const { outputs } of [near, far]) {
      expect(outputs).toMatchObject({
        changed: true,
        files: expect.arrayContaining([
          'services/my-web/overlays/edge-production/jetson/kustomization.yaml',
        ]),
      });
    }
    expect((await git('rev-list', '--count', 'main')).trim()).toBe('1');
  });

  it('leaves the services of others alone', async () => {
    const { act, git } = await world([
      {
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'Component',
        metadata: { name: 'my-web', namespace: 'default' },
        relations: [{ type: 'ownedBy', targetRef: 'group:default/belts' }],
      },
    ]);
    await expect(act('delivery:service:onboard', request)).rejects.toThrow(
      'component:default/my-web belongs to group:default/belts',
    );
    expect((await git('rev-list', '--count', 'main')).trim()).toBe('1');
  });

  it('gives a repository its own key, which is neither told nor kept', async () => {
    const { act, url } = await world();
    const input = { name: 'my-web', repository: { url } };
    const first = await act('delivery:service:register', input);
    expect(first.outputs).toEqual({
      changed: true,
      secretName: 'CAUSEWAY_RELEASE_SECRET',
    });
    const [stored] =
      forge.forge.repository(new URL(url).pathname.slice(1))?.secrets ?? [];
    expect(stored.value).toBe(releaseKey(secret, url));
    expect(JSON.stringify(first)).not.toContain(stored.value);
    const second = await act('delivery:service:register', input);
    expect(second.outputs).toMatchObject({ changed: false });
    expect(second.said).toContain('nothing to do');
    await expect(
      act('delivery:service:register', {
        name: 'my-web',
        repository: { url: 'https://elsewhere.example/a/b' },
      }),
    ).rejects.toThrow('No secret of `delivery.releases.secrets` covers');
  });

  it('reports a release with that key, and the same one as the same delivery', async () => {
    const { act, url } = await world();
    const input = {
      name: 'my-web',
      repository: { url },
      version: '1.4.0',
      commit: {
        sha: 'a'.repeat(40),
        message: 'Begin',
        author: 'Mia <mia@norden.example>',
        time: now.toISOString(),
      },
      images: [{ name: 'registry.example/my-web', tag: '1.4.0', digest }],
    };
    answers = [201, 200];
    const first = await act('delivery:release:report', input);
    expect(first.outputs).toEqual({ release: 'release-1', changed: true });
    const second = await act('delivery:release:report', input);
    expect(second.outputs).toEqual({ release: 'release-1', changed: false });
    const [{ headers, body }] = received;
    const delivery = headers['x-causeway-delivery'];
    expect(received[1].headers['x-causeway-delivery']).toBe(delivery);
    expect(JSON.parse(body)).toMatchObject({
      service: 'component:default/my-web',
      version: '1.4.0',
    });
    expect(headers['x-causeway-signature']).toBe(
      `sha256=${createHmac('sha256', releaseKey(secret, url))
        .update(`${headers['x-causeway-timestamp']}.${delivery}.${body}`)
        .digest('hex')}`,
    );
  });
});

it('offers its actions to templates, with inputs and examples', async () => {
  const backend = await startTestBackend({
    features: [
      import('@backstage/plugin-scaffolder-backend'),
      scaffolderModuleDelivery,
      catalogServiceMock.factory(),
    ],
  });
  try {
    const response = await fetch(
      `http://localhost:${backend.server.port()}/api/scaffolder/v2/actions`,
      { headers: { Authorization: mockCredentials.user.header() } },
    );
    const actions: {
      id: string;
      schema?: { input?: { required?: string[] } };
      examples?: unknown[];
    }[] = await response.json();
    expect(
      actions
        .filter(({ id }) => id.startsWith('delivery:'))
        .map(({ id, schema, examples }) => [
          id,
          schema?.input?.required,
          (examples?.length ?? 0) > 0,
        ])
        .sort(),
    ).toEqual([
      [
        'delivery:release:report',
        ['name', 'repository', 'version', 'commit', 'images'],
        true,
      ],
      ['delivery:service:onboard', ['name', 'owner', 'image'], true],
      ['delivery:service:register', ['name', 'repository'], true],
    ]);
  } finally {
    await backend.stop();
  }
});
