// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import {
  targetKey,
  type Colour,
  type Target,
} from '@causeway/plugin-delivery-common';
import { colouredOverlay } from '../blueGreen/testing/colouredOverlay';
import type { ColourChange, FleetChange } from './FleetRepositories';
import { GitFleetRepositories } from './GitFleetRepositories';
import { account, GitServer } from './testing/GitServer';

/** Real servers and processes, on machines that may be busy. */
jest.setTimeout(60_000);

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const name = 'registry.norden.example/label-api';
const target: Target = {
  cluster: 'cloud-production',
  path: 'services/label-api/overlays/cloud-production',
  kustomization: { namespace: 'flux-system', name: 'label-api' },
  workload: { kind: 'Deployment', namespace: 'sorting', name: 'label-api' },
  coloured: true,
  smokeTest: 'label-api-smoke',
};
const files = colouredOverlay(target, {
  image: name,
  tag: '4.2.1',
  digest: digest('a'),
  replicas: 3,
});
const images = [{ name, tag: '4.3.0', digest: digest('b') }];

let server: GitServer;
let directory: string;
let fleet: GitFleetRepositories;
const signal = () => AbortSignal.timeout(60_000);

beforeEach(async () => {
  server = await GitServer.start();
  directory = await mkdtemp(join(tmpdir(), 'causeway-mirrors-'));
  const baseUrl = `http://${server.host}`;
  const integrations = { gitea: [{ host: server.host, baseUrl, ...account }] };
  fleet = new GitFleetRepositories({
    directory,
    integrations: ScmIntegrations.fromConfig(
      new ConfigReader({ integrations }),
    ),
    render: () => Promise.reject(new Error('This test renders nothing.')),
    clock: () => new Date('2026-11-20T12:00:00Z'),
    remoteTimeout: 10_000,
  });
});
afterEach(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

const signed = () => ({
  location: { repository: server.url('norden/fleet'), branch: 'main' },
  author: { name: 'Mia Lindqvist', email: 'mia@norden.example' },
  subject: 'A step',
  trailers: [],
});

function first(promotion: string, to: Colour, change = {}): FleetChange {
  const live: Colour = to === 'blue' ? 'green' : 'blue';
  return {
    ...signed(),
    promotion,
    targets: [target],
    images,
    colours: {
      choices: { [targetKey(target)]: { live, to, replicas: 3 } },
      atOnce: false,
    },
    ...change,
  };
}

function step(
  promotion: string,
  kind: ColourChange['step'],
  colour: Colour,
  change: Partial<ColourChange> = {},
): ColourChange {
  const targets = [{ target, colour }];
  return { ...signed(), promotion, step: kind, targets, ...change };
}

const diff = async (from: string) =>
  (await server.git('norden/fleet', 'diff', '-U0', from, 'main'))
    .split('\n')
    .filter(line => /^[+-] /.test(line));
const commits = () => server.git('norden/fleet', 'rev-list', '--count', 'main');

it('walks from colour to colour in one commit each, and touches nothing else', async () => {
  await server.create('norden/fleet', files);
  const { sha } = await fleet.commit(first('p-1', 'green'), signal());
  expect(await diff('main~1')).toEqual([
    '-    count: 0',
    '+    count: 3',
    '-    newTag: 4.2.1',
    `-    digest: ${digest('a')}`,
    '+    newTag: 4.3.0',
    `+    digest: ${digest('b')}`,
    '-  name: label-api-smoke',
    '+  name: label-api-smoke-p1',
  ]);
  const switched = await fleet.changeColours(
    step('p-1', 'new', 'green', { images }),
    signal(),
  );
  expect(await diff('main~1')).toEqual([
    '-    causeway.dev/colour: blue # who serves',
    '+    causeway.dev/colour: green # who serves',
  ]);
  // Asked again, as after a crash, it is the same commit.
  await expect(
    fleet.changeColours(step('p-1', 'new', 'green', { images }), signal()),
  ).resolves.toEqual(switched);
  await fleet.changeColours(step('p-1', 'back', 'blue'), signal());
  await fleet.changeColours(
    step('p-1', 'retire', 'green', { since: sha }),
    signal(),
  );
  expect(await commits()).toBe('5');
  expect((await diff(sha)).sort()).toEqual(['+    count: 0', '-    count: 3']);
});

it('goes back at once, with the selector in the first commit', async () => {
  await server.create('norden/fleet', files);
  await fleet.commit(first('p-1', 'green'), signal());
  await fleet.changeColours(step('p-1', 'new', 'green'), signal());
  const choices = {
    [targetKey(target)]: {
      live: 'green' as const,
      to: 'blue' as const,
      replicas: 3,
    },
  };
  await fleet.commit(
    first('p-2', 'blue', {
      images: [{ name, tag: '4.2.1', digest: digest('a') }],
      colours: { choices, atOnce: true },
    }),
    signal(),
  );
  expect(await diff('main~1')).toEqual([
    '-    causeway.dev/colour: green # who serves',
    '+    causeway.dev/colour: blue # who serves',
  ]);
});

it('retires nothing that Git lets serve, or that another promotion took up', async () => {
  await server.create('norden/fleet', files);
  const { sha } = await fleet.commit(first('p-1', 'green'), signal());
  const serves = step('p-1', 'retire', 'blue', { since: sha });
  await expect(fleet.changeColours(serves, signal())).resolves.toMatchObject({
    changed: false,
  });
  await fleet.commit(
    first('p-2', 'green', {
      images: [{ name, tag: '4.4.0', digest: digest('c') }],
    }),
    signal(),
  );
  const taken = step('p-1', 'retire', 'green', { since: sha });
  await expect(fleet.changeColours(taken, signal())).resolves.toMatchObject({
    changed: false,
  });
  expect(await commits()).toBe('3');
});

it.each<[string, Partial<ColourChange>, RegExp]>([
  ['has no pods', {}, /scaled to nothing/],
  ['declares another release', { images }, /scaled to nothing|no longer/],
])('lets no colour serve that %s', async (_name, change, message) => {
  await server.create('norden/fleet', files);
  const wish = step('p-1', 'new', 'green', change);
  await expect(fleet.changeColours(wish, signal())).rejects.toThrow(message);
  expect(await commits()).toBe('1');
});

const { path } = target;
const root = `${path}/kustomization.yaml`;
const green = `${path}/green/kustomization.yaml`;
it.each<[string, Readonly<Record<string, string>>, RegExp]>([
  [
    'without the folders among its resources',
    { [root]: 'resources:\n  - service.yaml\n  - blue\n' },
    /folders blue and green/,
  ],
  [
    'with images for both colours',
    {
      [root]: `${files[root]}images:\n  - name: ${name}\n    newTag: 4.2.1\n`,
    },
    /Move them into blue and green/,
  ],
  [
    'without a Service that selects a colour',
    { [`${path}/service.yaml`]: 'apiVersion: v1\nkind: Service\n' },
    /no Service label-api/,
  ],
  [
    'without replicas',
    { [green]: files[green].replace(/replicas:[^]*images:/, 'images:') },
    /replicas/,
  ],
  [
    'without its smoke test',
    { [`${path}/green/smoke.yaml`]: 'apiVersion: v1\nkind: ConfigMap\n' },
    /no Job label-api-smoke/,
  ],
])(
  'refuses an overlay %s, and says what is missing',
  async (_n, change, says) => {
    await server.create('norden/fleet', { ...files, ...change });
    await expect(
      fleet.commit(first('p-1', 'green'), signal()),
    ).rejects.toMatchObject({ name: 'InputError', message: says });
    expect(await commits()).toBe('1');
  },
);
