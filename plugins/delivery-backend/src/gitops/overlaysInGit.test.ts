// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { targetKey, type Target } from '@causeway/plugin-delivery-common';
import type {
  OverlayEdit,
  OverlaysChange,
  OverlaysReceipt,
} from './FleetRepositories';
import { GitFleetRepositories } from './GitFleetRepositories';
import { account, GitServer } from './testing/GitServer';

/** Real servers and processes, on machines that may be busy. */
jest.setTimeout(60_000);

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const name = 'registry.norden.example/belt-control';
const old = [{ name, tag: '5.5.8', digest: digest('a') }];
const release = [{ name, tag: '5.6.0', digest: digest('b') }];

const overlayOf = (
  device: string,
  tag = '5.5.8',
  letter = 'a',
) => `# Of ${device}.
resources: [../../base]
images:
  - name: ${name}
    newTag: ${tag}
    digest: ${digest(letter)}
`;

const targetOf = (device: string): Target => ({
  cluster: 'edge',
  device,
  path: `belt-control/${device}`,
  kustomization: { namespace: 'flux-system', name: `belt-control-${device}` },
  workload: {
    kind: 'Deployment',
    namespace: 'sorting',
    name: `belt-control-${device}`,
  },
});

const fileOf = (device: string) => `belt-control/${device}/kustomization.yaml`;
const devices = ['oslo-1', 'oslo-2', 'bergen-1'];

let server: GitServer;
let directory: string;
let portals = 0;
const signal = () => AbortSignal.timeout(60_000);

beforeEach(async () => {
  server = await GitServer.start();
  directory = await mkdtemp(join(tmpdir(), 'causeway-mirrors-'));
  await server.create(
    'norden/fleet',
    Object.fromEntries(devices.map(each => [fileOf(each), overlayOf(each)])),
  );
});
afterEach(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The portal as one process of several. */
function portal(): GitFleetRepositories {
  const baseUrl = `http://${server.host}`;
  const integrations = { gitea: [{ host: server.host, baseUrl, ...account }] };
  portals += 1;
  return new GitFleetRepositories({
    directory: join(directory, String(portals)),
    integrations: ScmIntegrations.fromConfig(
      new ConfigReader({ integrations }),
    ),
    render: () => Promise.reject(new Error('This test renders nothing.')),
    clock: () => new Date('2026-11-20T12:00:00Z'),
    remoteTimeout: 10_000,
  });
}

const location = () => ({
  repository: server.url('norden/fleet'),
  branch: 'main',
});

const edit = (
  device: string,
  from: OverlayEdit['from'],
  to: OverlayEdit['to'],
): OverlayEdit => ({ target: targetOf(device), from, to });

const step = (
  promotion: string,
  ...overlays: readonly OverlayEdit[]
): OverlaysChange => ({
  location: location(),
  promotion,
  overlays,
  author: { name: 'Causeway', email: 'causeway@norden.example' },
  subject: 'Wave in edge: give belt-control 5.6.0 to oslo-1',
  trailers: [['Wave', 'promotion-1']],
});

const textOf = async (device: string) =>
  `${await server.git('norden/fleet', 'show', `main:${fileOf(device)}`)}\n`;
const commits = async () =>
  (await server.git('norden/fleet', 'log', '--format=%s', 'main'))
    .trim()
    .split('\n');
const says = (receipt: Pick<OverlaysReceipt, 'says'>, device: string) =>
  receipt.says.get(targetKey(targetOf(device)))?.images?.[0].tag;

it('gives several devices a release by one commit, and puts back one of them, with comments kept', async () => {
  const fleet = portal();
  const first = await fleet.changeOverlays(
    step('p.1', edit('oslo-1', old, release), edit('bergen-1', old, release)),
    signal(),
  );
  expect([says(first, 'oslo-1'), says(first, 'bergen-1')]).toEqual([
    '5.6.0',
    '5.6.0',
  ]);
  expect(await textOf('oslo-1')).toBe(overlayOf('oslo-1', '5.6.0', 'b'));
  expect(await textOf('oslo-2')).toBe(overlayOf('oslo-2'));
  await fleet.changeOverlays(
    step('p.2', edit('oslo-1', release, old)),
    signal(),
  );
  expect(await textOf('oslo-1')).toBe(overlayOf('oslo-1'));
  expect(await textOf('bergen-1')).toBe(overlayOf('bergen-1', '5.6.0', 'b'));
  expect(await commits()).toHaveLength(3);
});

it('writes a step once, whoever repeats it, and says again what it came to', async () => {
  const change = step('p.1', edit('oslo-1', old, release));
  server.cutAfterPush = 1;
  const first = await portal().changeOverlays(change, signal());
  const other = portal();
  await other.changeOverlays(
    step('p.2', edit('oslo-1', release, old)),
    signal(),
  );
  const again = await other.changeOverlays(change, signal());
  expect(again.sha).toBe(first.sha);
  expect(says(again, 'oslo-1')).toBe('5.6.0');
  expect(await textOf('oslo-1')).toBe(overlayOf('oslo-1'));
  expect(await commits()).toHaveLength(3);
});

it('leaves alone what somebody else pushed in the same moment, and changes the others', async () => {
  const theirs = overlayOf('oslo-1', 'by-hand', 'c');
  let pushed = false;
  server.beforePush = async () => {
    if (pushed) return;
    pushed = true;
    await server.change('norden/fleet', { [fileOf('oslo-1')]: theirs }, 'Mine');
  };
  const receipt = await portal().changeOverlays(
    step('p.1', edit('oslo-1', old, release), edit('oslo-2', old, release)),
    signal(),
  );
  expect([says(receipt, 'oslo-1'), says(receipt, 'oslo-2')]).toEqual([
    'by-hand',
    '5.6.0',
  ]);
  expect(await textOf('oslo-1')).toBe(theirs);
});

it('leaves out what is missing or cannot be edited, and makes a commit all the same', async () => {
  await server.change(
    'norden/fleet',
    { [fileOf('oslo-2')]: 'images: [&one { name: x }, *one]\n' },
    'Break it',
  );
  const fleet = portal();
  const overlays = [...devices, 'nowhere'].map(device => ({
    target: targetOf(device),
    to: release,
  }));
  const read = await fleet.overlayImages(location(), overlays, signal());
  expect([...read].map(([key, { problem }]) => [key, problem])).toEqual([
    [targetKey(targetOf('oslo-1')), undefined],
    [
      targetKey(targetOf('oslo-2')),
      expect.stringContaining('has an entry that is no mapping'),
    ],
    [targetKey(targetOf('bergen-1')), undefined],
    [
      targetKey(targetOf('nowhere')),
      expect.stringContaining('has no belt-control/nowhere/kustomization.yaml'),
    ],
  ]);
  const receipt = await fleet.changeOverlays(
    step('p.1', edit('oslo-2', old, release), edit('nowhere', old, release)),
    signal(),
  );
  expect([...receipt.says.values()].map(({ images }) => images)).toEqual([
    undefined,
    undefined,
  ]);
  expect(await commits()).toHaveLength(3);
});

it('records a promotion that changes no overlay by a commit of its own, once', async () => {
  const change = {
    ...step('p'),
    targets: [],
    images: release,
    subject: 'Promote belt-control 5.6.0 to edge',
  };
  const first = await portal().commit(change, signal());
  const again = await portal().commit(change, signal());
  expect(again).toEqual(first);
  expect(first.changed).toBe(true);
  expect((await commits())[0]).toBe('Promote belt-control 5.6.0 to edge');
  expect(
    (
      await server.git('norden/fleet', 'diff', '--name-only', 'main~1', 'main')
    ).trim(),
  ).toBe('');
});
