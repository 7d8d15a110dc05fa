// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { createKustomize } from '@causeway/kustomize';
import type { ObjectDiff, Target } from '@causeway/plugin-delivery-common';
import type { FleetPreview } from './FleetRepositories';
import { GitFleetRepositories } from './GitFleetRepositories';
import { GitServer } from './testing/GitServer';

/** Real servers and processes, on machines that may be busy. */
jest.setTimeout(60_000);

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const name = 'registry.norden.example/parcel-vision';
const folder = 'services/parcel-vision';
const base = {
  [`${folder}/base/kustomization.yaml`]:
    'resources: [deployment.yaml, service.yaml, secret.yaml]\n',
  [`${folder}/base/deployment.yaml`]: `apiVersion: apps/v1
kind: Deployment
metadata: { name: parcel-vision, namespace: sorting }
spec:
  replicas: 2
  selector: { matchLabels: { app: parcel-vision } }
  template:
    metadata: { labels: { app: parcel-vision } }
    spec:
      containers: [{ name: app, image: ${name} }]
`,
  [`${folder}/base/service.yaml`]: `apiVersion: v1
kind: Service
metadata: { name: parcel-vision, namespace: sorting }
spec: { ports: [{ port: 80 }] }
`,
  [`${folder}/base/secret.yaml`]: `apiVersion: v1
kind: Secret
metadata: { name: parcel-vision, namespace: sorting }
stringData: { key: very-secret-one, same: very-secret-two }
`,
};
const overlay = (more = '') =>
  `resources: [../../base]\nimages:\n  - name: ${name}\n    newTag: 2.7.3\n    digest: ${digest(
    'a',
  )}\n${more}`;
const overlayPath = `${folder}/overlays/cloud-staging/kustomization.yaml`;
const target: Target = {
  cluster: 'cloud-staging',
  path: `${folder}/overlays/cloud-staging`,
  kustomization: { namespace: 'flux-system', name: 'parcel-vision' },
  workload: { kind: 'Deployment', namespace: 'sorting', name: 'parcel-vision' },
};

const kustomize = createKustomize();
let server: GitServer;
let directory: string;
let fleet: GitFleetRepositories;
let start: string;
let builds: number;

beforeEach(async () => {
  builds = 0;
  server = await GitServer.start();
  directory = await mkdtemp(join(tmpdir(), 'causeway-mirrors-'));
  await server.create('norden/fleet', { ...base, [overlayPath]: overlay() });
  start = await server.git('norden/fleet', 'rev-parse', 'main');
  fleet = new GitFleetRepositories({
    directory,
    integrations: ScmIntegrations.fromConfig(new ConfigReader({})),
    render: (input, options) => {
      builds += 1;
      return kustomize.build(input, options);
    },
  });
});
afterEach(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});
afterAll(() => kustomize.dispose());

function diff(change: Partial<FleetPreview> = {}) {
  return fleet.diff(
    {
      location: { repository: server.url('norden/fleet'), branch: 'main' },
      targets: [target],
      images: [{ name, tag: '2.8.1', digest: digest('b') }],
      ...change,
    },
    AbortSignal.timeout(60_000),
  );
}

const changedLines = ({ lines }: ObjectDiff) =>
  lines
    .filter(({ sign }) => sign !== ' ')
    .map(({ sign, text }) => sign + text.trim());
const lastApplied = () => `main@sha1:${start}`;
const releaseLines = [
  `-- image: ${name}:2.7.3@${digest('a')}`,
  `+- image: ${name}:2.8.1@${digest('b')}`,
];

describe('diff', () => {
  it('shows the lines of the release and counts what stays', async () => {
    const { objects, unchanged } = await diff();
    expect(unchanged).toBe(2);
    expect(objects).toEqual([
      expect.objectContaining({
        kind: 'Deployment',
        name: 'parcel-vision',
        namespace: 'sorting',
        cluster: 'cloud-staging',
        change: 'changed',
        configurationOnly: false,
      }),
    ]);
    expect(changedLines(objects[0])).toEqual(releaseLines);
    expect(objects[0].lines.length).toBeLessThan(12);
  });

  it('builds nothing twice', async () => {
    await diff({ lastApplied });
    await diff({ lastApplied });
    expect(builds).toBe(2);
    await expect(diff({ images: [] })).resolves.toEqual({
      objects: [],
      unchanged: 3,
    });
    expect(builds).toBe(2);
  });

  it('writes nothing', async () => {
    await diff();
    expect(await server.git('norden/fleet', 'rev-parse', 'main')).toBe(start);
  });

  it('shows apart what is on the branch but not in the cluster yet', async () => {
    await server.change(
      'norden/fleet',
      {
        [overlayPath]: overlay(
          'replicas: [{ name: parcel-vision, count: 5 }]\n',
        ),
        [`${folder}/base/kustomization.yaml`]:
          'resources: [deployment.yaml, secret.yaml, account.yaml]\n',
        [`${folder}/base/account.yaml`]:
          'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: parcel-vision, namespace: sorting }\n',
      },
      'Scale out',
    );
    expect((await diff()).objects).toHaveLength(1);

    const { objects, unchanged } = await diff({ lastApplied });
    expect(unchanged).toBe(1);
    expect(
      objects.map(({ kind, change, configurationOnly }) => [
        kind,
        change,
        configurationOnly,
      ]),
    ).toEqual([
      ['Deployment', 'changed', false],
      ['ServiceAccount', 'added', true],
      ['Deployment', 'changed', true],
      ['Service', 'removed', true],
    ]);
    expect(changedLines(objects[0])).toEqual(releaseLines);
    expect(changedLines(objects[2])).toEqual(['-replicas: 2', '+replicas: 5']);
  });

  it('does not call a line of the release configuration when it is on the branch already', async () => {
    await server.change(
      'norden/fleet',
      {
        [overlayPath]: overlay()
          .replace('2.7.3', '2.8.1')
          .replace(digest('a'), digest('b')),
      },
      'Promote',
    );
    expect((await diff()).objects).toEqual([]);
    const { objects } = await diff({ lastApplied });
    expect(objects).toHaveLength(1);
    expect(objects[0].configurationOnly).toBe(false);
    expect(changedLines(objects[0])).toEqual(releaseLines);
  });

  it('shows the canary that the first release begins', async () => {
    const folderOf = `${folder}/overlays/cloud-staging`;
    await server.change(
      'norden/fleet',
      {
        [overlayPath]: `resources: [../../base]\nimages:\n  - name: ${name}\n    newTag: not-released\n`,
        [`${folderOf}/canary/kustomization.yaml`]:
          'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [canary.yaml]\n',
        [`${folderOf}/canary/canary.yaml`]:
          'apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: { name: parcel-vision, namespace: sorting }\n',
      },
      'Onboard it anew',
    );
    const { objects } = await diff();
    expect(objects.map(({ kind, change }) => [kind, change])).toEqual([
      ['Deployment', 'changed'],
      ['Canary', 'added'],
    ]);
  });

  it('takes the branch for what was applied when that is not known', async () => {
    await server.change(
      'norden/fleet',
      { [overlayPath]: overlay('nameSuffix: -blue\n') },
      'Rename',
    );
    for (const revision of [
      undefined,
      'nonsense',
      `main@sha1:${'0'.repeat(40)}`,
    ]) {
      const { objects } = await diff({ lastApplied: () => revision });
      expect(objects.map(({ kind }) => kind)).toEqual(['Deployment']);
    }
  });

  it('tells that a Secret differs and never its values', async () => {
    await server.change(
      'norden/fleet',
      {
        [`${folder}/base/secret.yaml`]: base[
          `${folder}/base/secret.yaml`
        ].replace('very-secret-one', 'very-secret-three'),
      },
      'Rotate',
    );
    const answer = await diff({ lastApplied });
    const secret = answer.objects.find(({ kind }) => kind === 'Secret');
    expect(secret && changedLines(secret)).toEqual([
      '-key: (hidden, before)',
      '+key: (hidden, after)',
    ]);
    expect(JSON.stringify(answer)).not.toContain('very-secret');
  });

  it('says what kustomize says about a broken overlay', async () => {
    await server.change(
      'norden/fleet',
      { [overlayPath]: overlay('patches: [{ path: missing.yaml }]\n') },
      'Break it',
    );
    await expect(diff()).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(/can not be built: .*missing.yaml/s),
    });
  });
});
