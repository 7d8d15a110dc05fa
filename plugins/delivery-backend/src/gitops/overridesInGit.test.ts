// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { createKustomize, type Kustomize } from '@causeway/kustomize';
import { targetKey, type Target } from '@causeway/plugin-delivery-common';
import type { OverlayEdit } from './FleetRepositories';
import { GitFleetRepositories } from './GitFleetRepositories';
import { account, GitServer } from './testing/GitServer';

/** Real servers and processes, on machines that may be busy. */
jest.setTimeout(60_000);

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const name = 'registry.norden.example/belt-control';
const old = [{ name, digest: digest('a') }];
const release = [{ name, digest: digest('b') }];

const folder = 'services/belt-control/overlays/edge';
const file = `${folder}/edgeapplication.yaml`;
const groups = ['hangzhou', 'beijing', 'oslo'];

const overrideOf = (group: string, letter: string) => `    - name: ${group}
      overriders:
        imageOverriders:
          - component: Tag
            operator: replace
            value: ${digest(letter)} # of ${group}
`;

const application = (letters: string) => `# One for all groups.
apiVersion: apps.kubeedge.io/v1alpha1
kind: EdgeApplication
metadata:
  name: belt-control
  namespace: sorting
spec:
  workloadTemplate:
    manifests:
      - apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: belt-control
          namespace: sorting
        spec:
          selector: { matchLabels: { app: belt-control } }
          template:
            metadata: { labels: { app: belt-control } }
            spec:
              containers:
                - name: belt-control
                  image: ${name}:5.5.8
  workloadScope:
    targetNodeGroups:
${groups.map((group, at) => overrideOf(group, letters[at])).join('')}`;

const targetOf = (nodeGroup: string): Target => ({
  cluster: 'edge',
  nodeGroup,
  path: folder,
  kustomization: { namespace: 'flux-system', name: 'belt-control' },
  workload: {
    kind: 'Deployment',
    namespace: 'sorting',
    name: `belt-control-${nodeGroup}`,
  },
});

let server: GitServer;
let directory: string;
let fleet: GitFleetRepositories;
let kustomize: Kustomize;
const signal = () => AbortSignal.timeout(60_000);
const location = () => ({
  repository: server.url('norden/fleet'),
  branch: 'main',
});

beforeEach(async () => {
  server = await GitServer.start();
  directory = await mkdtemp(join(tmpdir(), 'causeway-mirrors-'));
  kustomize = createKustomize();
  await server.create('norden/fleet', {
    [`${folder}/kustomization.yaml`]: 'resources: [edgeapplication.yaml]\n',
    [file]: application('aaa'),
  });
  const integrations = {
    gitea: [
      { host: server.host, baseUrl: `http://${server.host}`, ...account },
    ],
  };
  fleet = new GitFleetRepositories({
    directory,
    integrations: ScmIntegrations.fromConfig(
      new ConfigReader({ integrations }),
    ),
    render: (input, options) => kustomize.build(input, options),
    clock: () => new Date('2026-11-22T12:00:00Z'),
    remoteTimeout: 10_000,
  });
});
afterEach(async () => {
  await kustomize.dispose();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

const step = (promotion: string, ...overlays: readonly OverlayEdit[]) =>
  fleet.changeOverlays(
    {
      location: location(),
      promotion,
      overlays,
      author: { name: 'Causeway', email: 'causeway@norden.example' },
      subject: 'Wave in edge: give belt-control 5.6.0 to hangzhou',
      trailers: [['Wave', 'promotion-1']],
    },
    signal(),
  );
const edit = (
  group: string,
  from: OverlayEdit['from'],
  to: OverlayEdit['to'],
): OverlayEdit => ({ target: targetOf(group), from, to });
const textNow = async () =>
  `${await server.git('norden/fleet', 'show', `main:${file}`)}\n`;

it('gives several groups a release by one commit to one file, and puts one back byte for byte', async () => {
  const { says } = await step(
    'p.1',
    edit('hangzhou', old, release),
    edit('oslo', old, release),
  );
  expect(says.get(targetKey(targetOf('oslo')))).toEqual({ images: release });
  expect(await textNow()).toBe(application('bab'));
  await step('p.2', edit('oslo', release, old));
  expect(await textNow()).toBe(application('baa'));
  await step('p.3', edit('hangzhou', release, old));
  expect(await textNow()).toBe(application('aaa'));
});

it('leaves alone the group that somebody else wrote in the same moment, and changes the others', async () => {
  let pushed = false;
  server.beforePush = async () => {
    if (pushed) return;
    pushed = true;
    await server.change('norden/fleet', { [file]: application('caa') }, 'Mine');
  };
  const { says } = await step(
    'p.1',
    edit('hangzhou', old, release),
    edit('beijing', old, release),
  );
  expect(await textNow()).toBe(application('cba'));
  expect(says.get(targetKey(targetOf('hangzhou')))).toEqual({
    images: [{ name, digest: digest('c') }],
  });
});

it('says of each group why it cannot be edited, and of a service what it declares', async () => {
  const overlays = [
    targetOf('hangzhou'),
    targetOf('malmo'),
    { ...targetOf('oslo'), path: 'services/nowhere' },
  ].map(target => ({ target, to: release }));
  const read = async () => [
    ...(await fleet.overlayImages(location(), overlays, signal())).values(),
  ];
  expect(await read()).toEqual([
    { images: old },
    {
      problem: `${file} of the fleet repository: Its EdgeApplication has no node group malmo; add it to "targetNodeGroups", or correct "nodeGroups" of the target in the pipeline.`,
    },
    {
      problem:
        'services/nowhere of the fleet repository lists no EdgeApplication with a Deployment that becomes sorting/belt-control-oslo in the node group oslo. Add it to its resources, or correct "path" or "workload" of the target in the pipeline.',
    },
  ]);
  expect(
    await fleet.declaredImages(location(), targetOf('hangzhou'), signal()),
  ).toEqual(old);
  await server.change(
    'norden/fleet',
    {
      [`${folder}/kustomization.yaml`]:
        'resources: [edgeapplication.yaml, other.yaml]\n',
      [`${folder}/other.yaml`]: application('aaa'),
    },
    'Copy it',
  );
  expect((await read())[0]).toEqual({
    problem: `Both ${file} and ${folder}/other.yaml of the fleet repository have an EdgeApplication that brings belt-control-hangzhou; keep one.`,
  });
});

it('shows what the whole wave will have changed in the end, once', async () => {
  const preview = (targets: readonly Target[]) =>
    fleet.diff(
      {
        location: location(),
        targets,
        images: [{ name, tag: '5.6.0', digest: digest('b') }],
      },
      signal(),
    );
  const { objects } = await preview(groups.map(targetOf));
  expect(objects).toHaveLength(1);
  expect(objects[0]).toMatchObject({ kind: 'EdgeApplication' });
  await expect(preview([targetOf('malmo')])).rejects.toThrow(
    'has no node group malmo',
  );
});
