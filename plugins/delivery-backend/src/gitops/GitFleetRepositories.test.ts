// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import type { Target } from '@causeway/plugin-delivery-common';
import type { FleetChange } from './FleetRepositories';
import { GitFleetRepositories } from './GitFleetRepositories';
import { account, GitServer } from './testing/GitServer';

/** Real servers and processes, on machines that may be busy. */
jest.setTimeout(60_000);

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const overlay = (tag: string) =>
  `# Overlay, with a comment\nresources:\n  - ../../base\nimages:\n  - name: registry.norden.example/parcel-vision # ours\n    newTag: ${tag}\n    digest: ${digest(
    'a',
  )}\n`;
const stages = ['cloud-staging', 'edge-staging'];
const files = Object.fromEntries(
  stages.map(stage => [
    `services/parcel-vision/overlays/${stage}/kustomization.yaml`,
    overlay('2.7.3'),
  ]),
);

function aTarget(stage: string): Target {
  return {
    cluster: stage,
    path: `services/parcel-vision/overlays/${stage}`,
    kustomization: { namespace: 'flux-system', name: 'parcel-vision' },
    workload: {
      kind: 'Deployment',
      namespace: 'sorting',
      name: 'parcel-vision',
    },
  };
}

let server: GitServer;
let directory: string;
let fleet: GitFleetRepositories;
const signal = () => AbortSignal.timeout(60_000);

beforeEach(async () => {
  server = await GitServer.start();
  directory = await mkdtemp(join(tmpdir(), 'causeway-mirrors-'));
  await server.create('norden/fleet', files);
  fleet = aPortal(directory);
});
afterEach(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

function integrations(password = account.password) {
  const { username } = account;
  const baseUrl = `http://${server.host}`;
  return { gitea: [{ host: server.host, baseUrl, username, password }] };
}

function aPortal(mirrors: string, password = account.password) {
  return new GitFleetRepositories({
    directory: mirrors,
    integrations: ScmIntegrations.fromConfig(
      new ConfigReader({ integrations: integrations(password) }),
    ),
    render: () => Promise.reject(new Error('This test renders nothing.')),
    clock: () => new Date('2026-11-20T12:00:00Z'),
    remoteTimeout: 10_000,
  });
}

function location() {
  return { repository: server.url('norden/fleet'), branch: 'main' };
}

function aChange(promotion: string, change: Partial<FleetChange> = {}) {
  return {
    location: location(),
    promotion,
    targets: [aTarget('cloud-staging')],
    images: [
      {
        name: 'registry.norden.example/parcel-vision',
        tag: '2.8.1',
        digest: digest('b'),
      },
    ],
    author: { name: 'Mia Lindqvist', email: 'mia@norden.example' },
    subject: 'Promote parcel-vision 2.8.1 to cloud-staging',
    trailers: [['Release', '2.8.1']],
    ...change,
  } satisfies FleetChange;
}

const commits = async () =>
  Number(await server.git('norden/fleet', 'rev-list', '--count', 'main'));
const fileOf = (stage: string) =>
  server.git(
    'norden/fleet',
    'show',
    `main:services/parcel-vision/overlays/${stage}/kustomization.yaml`,
  );

describe('commit', () => {
  it('writes one commit with the images, the user as author, and the trailers', async () => {
    const receipt = await fleet.commit(
      aChange('p-1', { targets: stages.map(aTarget) }),
      signal(),
    );
    expect(receipt).toEqual({
      sha: await server.git('norden/fleet', 'rev-parse', 'main'),
      branch: 'main',
      changed: true,
      url: `${location().repository}/commit/${receipt.sha}`,
    });
    expect(
      await server.git(
        'norden/fleet',
        'log',
        '-1',
        '--format=%an <%ae> %aI%n%cn%n%B',
      ),
    ).toBe(
      [
        'Mia Lindqvist <mia@norden.example> 2026-11-20T12:00:00+00:00',
        'Causeway',
        'Promote parcel-vision 2.8.1 to cloud-staging',
        '',
        'Release: 2.8.1',
        'Causeway-Promotion: p-1',
      ].join('\n'),
    );
    const expected = overlay('2.8.1').replace(digest('a'), digest('b')).trim();
    for (const stage of stages) expect(await fileOf(stage)).toBe(expected);
    expect(
      await server.git('norden/fleet', 'diff', '--stat', 'main~1', 'main'),
    ).toMatch(/2 files changed, 4 insertions\(\+\), 4 deletions\(-\)/);
  });

  it('finds the commit of an earlier attempt instead of writing again, also after a restart', async () => {
    const first = await fleet.commit(aChange('p-1'), signal());
    await server.change('norden/fleet', { 'README.md': 'hello' }, 'Meanwhile');
    expect(await fleet.commit(aChange('p-1'), signal())).toEqual(first);
    const elsewhere = await mkdtemp(join(tmpdir(), 'causeway-mirrors-'));
    expect(await aPortal(elsewhere).commit(aChange('p-1'), signal())).toEqual(
      first,
    );
    await rm(elsewhere, { recursive: true, force: true });
    expect(await commits()).toBe(3);
  });

  it('takes a promotion for done only by the whole trailer', async () => {
    await server.change(
      'norden/fleet',
      { 'README.md': 'hello' },
      'About Causeway-Promotion: p-1\n\nCauseway-Promotion: p-1 \nis no trailer here\n\nCauseway-Promotion: p-10',
    );
    const receipt = await fleet.commit(aChange('p-1'), signal());
    expect(receipt.changed).toBe(true);
    expect(await commits()).toBe(3);
    expect(await fleet.findCommit(location(), 'p-1', signal())).toEqual(
      receipt,
    );
    expect(await fleet.findCommit(location(), 'p', signal())).toBeUndefined();
  });

  it('writes nothing when the branch already holds what is wanted', async () => {
    await fleet.commit(aChange('p-1'), signal());
    const receipt = await fleet.commit(aChange('p-2'), signal());
    expect(receipt).toMatchObject({
      changed: false,
      sha: await server.git('norden/fleet', 'rev-parse', 'main'),
    });
    expect(await commits()).toBe(2);
  });

  it('plans again on the work of whoever was faster', async () => {
    let moved = false;
    server.beforePush = async () => {
      if (moved) return;
      moved = true;
      await server.change('norden/fleet', { 'README.md': 'faster' }, 'Faster');
    };
    await fleet.commit(aChange('p-1'), signal());
    expect(await server.git('norden/fleet', 'log', '--format=%s', 'main')).toBe(
      'Promote parcel-vision 2.8.1 to cloud-staging\nFaster\nStart',
    );
    expect(await fileOf('cloud-staging')).toContain('newTag: 2.8.1');
  });

  it('lets eight writers of several portals all get through, one commit each', async () => {
    const second = await mkdtemp(join(tmpdir(), 'causeway-mirrors-'));
    const portals = [fleet, aPortal(second)];
    const receipts = await Promise.all(
      Array.from({ length: 8 }, (_none, index) =>
        portals[index % 2].commit(
          aChange(`p-${index}`, {
            images: [
              {
                name: `registry.norden.example/service-${index}`,
                tag: '1.0.0',
                digest: digest('c'),
              },
            ],
          }),
          signal(),
        ),
      ),
    );
    await rm(second, { recursive: true, force: true });
    expect(new Set(receipts.map(({ sha }) => sha)).size).toBe(8);
    expect(await commits()).toBe(9);
    expect((await fileOf('cloud-staging')).match(/service-\d/g)).toHaveLength(
      8,
    );
  });

  it('recognises its own push although the answer got lost', async () => {
    server.cutAfterPush = 1;
    const receipt = await fleet.commit(aChange('p-1'), signal());
    expect(receipt).toMatchObject({ changed: true });
    expect(await commits()).toBe(2);
  });

  it('says that nothing was written when the push is refused ten times', async () => {
    await server.refusePushes('norden/fleet', true);
    await expect(fleet.commit(aChange('p-1'), signal())).rejects.toMatchObject({
      name: 'ConflictError',
      message: expect.stringMatching(
        /refused .* 10 times.*branch main is protected/s,
      ),
    });
    expect(server.pushes).toBe(10);
    expect(await commits()).toBe(1);
    await server.refusePushes('norden/fleet', false);
    await fleet.commit(aChange('p-1'), signal());
    expect(await commits()).toBe(2);
  });

  it('says that the remote is away, and works when it is back', async () => {
    await server.away();
    await expect(fleet.commit(aChange('p-1'), signal())).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
    });
    await server.listen();
    await fleet.commit(aChange('p-1'), signal());
    expect(await commits()).toBe(2);
  });

  it('says that the credentials are refused, without showing them', async () => {
    const wrong = aPortal(directory, 'another-long-and-random-password');
    const attempt = wrong.commit(aChange('p-1'), signal());
    await expect(attempt).rejects.toMatchObject({ name: 'NotAllowedError' });
    await expect(attempt).rejects.not.toMatchObject({
      message: expect.stringMatching(/another-long/),
    });
    expect(await commits()).toBe(1);
  });

  it('makes its mirror again when somebody broke it', async () => {
    await fleet.commit(aChange('p-1'), signal());
    for (const mirror of await readdir(directory)) {
      await rm(join(directory, mirror, 'objects'), { recursive: true });
    }
    await fleet.commit(
      aChange('p-2', { targets: [aTarget('edge-staging')] }),
      signal(),
    );
    expect(await commits()).toBe(3);
  });

  it('makes its mirror again when files of it are missing', async () => {
    await fleet.commit(aChange('p-1'), signal());
    const objects = await server.git(
      'norden/fleet',
      'rev-list',
      '--objects',
      'main',
    );
    const [tip, ...others] = objects.split('\n').map(line => line.slice(0, 40));
    const fresh = aPortal(directory);
    await fresh.findCommit(location(), 'p-1', signal());
    const takeAway = async () => {
      for (const mirror of await readdir(directory)) {
        for (const id of others.filter(each => each !== tip)) {
          const file = `${id.slice(0, 2)}/${id.slice(2)}`;
          await rm(join(directory, mirror, 'objects', file), { force: true });
        }
      }
    };
    await takeAway();
    expect(
      await fresh.declaredImages(location(), aTarget('edge-staging'), signal()),
    ).toHaveLength(1);
    await takeAway();
    const edge = aChange('p-2', { targets: [aTarget('edge-staging')] });
    await aPortal(directory).commit(edge, signal());
    expect(await commits()).toBe(3);
  });

  it.each(['refs/heads/main.lock', 'refs/causeway/pending.lock'])(
    'goes on although a killed process left %s in its mirror',
    async lock => {
      await fleet.commit(aChange('p-1'), signal());
      await server.change('norden/fleet', { a: 'b' }, 'Meanwhile');
      for (const mirror of await readdir(directory)) {
        await writeFile(join(directory, mirror, lock), '');
      }
      await fleet.commit(
        aChange('p-2', { targets: [aTarget('edge-staging')] }),
        signal(),
      );
      expect(await commits()).toBe(4);
    },
  );

  it('stops when asked to', async () => {
    const stop = new AbortController();
    await server.refusePushes('norden/fleet', true);
    const attempt = fleet.commit(aChange('p-1'), stop.signal);
    stop.abort();
    await expect(attempt).rejects.toMatchObject({ name: 'AbortError' });
    expect(await commits()).toBe(1);
  });

  it.each([
    [
      'has no such file',
      { targets: [aTarget('moon')] },
      /has no services.*moon/,
    ],
    [
      'has no such branch',
      { location: { repository: '', branch: 'moon' } },
      /does not exist/,
    ],
    [
      'does not exist',
      { location: { repository: 'norden/moon', branch: 'main' } },
      /does not exist/,
    ],
  ])('says that the repository %s', async (_name, change, message) => {
    const asked = { ...aChange('p-1'), ...change };
    const { repository, branch } = asked.location;
    const full = repository.startsWith('http')
      ? repository
      : server.url(repository || 'norden/fleet');
    await expect(
      fleet.commit(
        { ...asked, location: { repository: full, branch } },
        signal(),
      ),
    ).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(message),
    });
  });

  it('names the file that is broken', async () => {
    await server.change(
      'norden/fleet',
      {
        'services/parcel-vision/overlays/cloud-staging/kustomization.yaml':
          'images: [',
      },
      'Break it',
    );
    await expect(fleet.commit(aChange('p-1'), signal())).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(
        /overlays\/cloud-staging\/kustomization.yaml of the fleet repository: It is no valid YAML/,
      ),
    });
  });

  it.each([
    'file:///etc',
    'ssh://git@host/x',
    'http://a:b@host/x',
    '--upload-pack=x',
  ])('refuses the address %s', async repository => {
    await expect(
      fleet.commit(
        aChange('p-1', { location: { repository, branch: 'main' } }),
        signal(),
      ),
    ).rejects.toMatchObject({ name: 'InputError' });
  });

  it('keeps people’s names and subjects from breaking the commit', async () => {
    await fleet.commit(
      aChange('p-1', {
        author: { name: 'Mia <x>\nfrom: nobody', email: 'a>b' },
        subject: 'One\n\nCauseway-Promotion: p-9',
        trailers: [['Reason', 'because\nApproved-by: everybody']],
      }),
      signal(),
    );
    expect(await fleet.findCommit(location(), 'p-9', signal())).toBeUndefined();
    expect(
      await server.git(
        'norden/fleet',
        'log',
        '-1',
        '--format=%(trailers:key=Approved-by)',
      ),
    ).toBe('');
  });

  it('leaves no credential on the disk', async () => {
    server.private = true;
    await fleet.commit(aChange('p-1'), signal());
    const encoded = Buffer.from(
      `${account.username}:${account.password}`,
    ).toString('base64');
    for (const entry of await readdir(directory, {
      recursive: true,
      withFileTypes: true,
    })) {
      if (!entry.isFile()) continue;
      const text = await readFile(join(entry.parentPath, entry.name), 'latin1');
      expect(text).not.toContain(account.password);
      expect(text).not.toContain(encoded);
    }
  });
});

describe('a look at the branch', () => {
  const tagNow = async (portal = fleet) => {
    const target = aTarget('cloud-staging');
    const [image] = await portal.declaredImages(location(), target, signal());
    return image.tag;
  };
  const change = (tag: string) =>
    server.change(
      'norden/fleet',
      { [`${aTarget('cloud-staging').path}/kustomization.yaml`]: overlay(tag) },
      tag,
    );

  it('sees every change, and fetches nothing else', async () => {
    expect(await tagNow()).toBe('2.7.3');
    expect(await tagNow()).toBe('2.7.3');
    expect(server.fetches).toBe(1);
    await change('2.7.4');
    expect(await tagNow()).toBe('2.7.4');
    expect(server.fetches).toBe(2);
    await fleet.commit(aChange('p-1'), signal());
    expect(await tagNow()).toBe('2.8.1');
    expect(server.fetches).toBe(2);
  });

  it('sees that the branch was set back', async () => {
    const start = await server.git('norden/fleet', 'rev-parse', 'main');
    await fleet.commit(aChange('p-1'), signal());
    await server.git('norden/fleet', 'update-ref', 'refs/heads/main', start);
    expect(await fleet.findCommit(location(), 'p-1', signal())).toBeUndefined();
    expect(await tagNow()).toBe('2.7.3');
    expect((await fleet.commit(aChange('p-1'), signal())).changed).toBe(true);
    expect(await commits()).toBe(2);
  });

  it('works as well with a server of the older protocol', async () => {
    server.isModern = false;
    await tagNow();
    await change('2.7.4');
    expect(await tagNow()).toBe('2.7.4');
    await fleet.commit(aChange('p-1'), signal());
    expect(await tagNow()).toBe('2.8.1');
    expect(server.fetches).toBe(4);
  });

  it('proves who asks', async () => {
    server.private = true;
    await tagNow();
    await tagNow();
    expect(server.fetches).toBe(1);
  });
});

describe('a portal killed in the middle of a commit', () => {
  /** Starts a real process and resolves when it has ended. */
  function startPortal(promotion: string) {
    const child = spawn(
      process.execPath,
      [
        '--require',
        require.resolve('@backstage/cli-node/config/nodeTransform.cjs'),
        join(__dirname, 'testing', 'commitOnce.ts'),
      ],
      {
        env: {
          ...process.env,
          CAUSEWAY_TEST_COMMIT: JSON.stringify({
            directory,
            integrations: integrations(),
            change: aChange(promotion),
          }),
        },
        stdio: 'ignore',
      },
    );
    const ended = new Promise<string | null>(resolve => {
      child.on('close', (_code, reason) => resolve(reason));
    });
    return { kill: () => child.kill('SIGKILL'), ended };
  }

  it.each(['beforePush', 'afterPush'] as const)(
    'leaves one commit when it is killed %s and another finishes its work',
    async moment => {
      const portal = startPortal('p-1');
      await new Promise<void>(reached => {
        server[moment] = async () => {
          reached();
          await portal.ended;
        };
      });
      portal.kill();
      expect(await portal.ended).toBe('SIGKILL');
      server[moment] = async () => undefined;

      const receipt = await fleet.commit(aChange('p-1'), signal());
      expect(receipt.changed).toBe(true);
      await fleet.commit(aChange('p-1'), signal());
      expect(
        await server.git(
          'norden/fleet',
          'log',
          '--format=%H',
          '--grep=Causeway-Promotion: p-1',
        ),
      ).toBe(receipt.sha);
    },
  );
});

describe('contains', () => {
  it('answers by ancestry, and not at all for what it does not know', async () => {
    const { sha } = await fleet.commit(aChange('p-1'), signal());
    const before = await server.git('norden/fleet', 'rev-parse', 'main~1');
    const after = await server.change('norden/fleet', { a: 'b' }, 'Later');
    const asked = (revision: string) =>
      fleet.contains(location(), revision, sha);
    expect(await asked(`main@sha1:${before}`)).toBe(false);
    expect(await asked(`main@sha1:${sha}`)).toBe(true);
    expect(await asked(`main@sha1:${after}`)).toBe(true);
    expect(await asked(`main/${after}`)).toBe(true);
    expect(await asked(`main@sha1:${'0'.repeat(40)}`)).toBeUndefined();
    expect(await asked('2.8.1')).toBeUndefined();
    const unknown = await server.change('norden/fleet', { a: 'c' }, 'Later');
    await server.away();
    expect(await asked(`main@sha1:${unknown}`)).toBeUndefined();
    expect(await asked(`main@sha1:${after}`)).toBe(true);
  });
});

describe('declaredImages', () => {
  it('reads the branch as it is now', async () => {
    const read = () =>
      fleet.declaredImages(location(), aTarget('cloud-staging'), signal());
    expect(await read()).toEqual([
      {
        name: 'registry.norden.example/parcel-vision',
        tag: '2.7.3',
        digest: digest('a'),
      },
    ]);
    await fleet.commit(aChange('p-1'), signal());
    expect(await read()).toMatchObject([{ tag: '2.8.1' }]);
  });

  it('shares one fetch among those who ask together', async () => {
    await fleet.declaredImages(location(), aTarget('cloud-staging'), signal());
    await server.change('norden/fleet', { a: 'b' }, 'Later');
    const before = server.fetches;
    await Promise.all(
      Array.from({ length: 20 }, () =>
        fleet.declaredImages(location(), aTarget('edge-staging'), signal()),
      ),
    );
    expect(server.fetches - before).toBeLessThanOrEqual(4);
  });
});

describe('hurry', () => {
  const canary = (name = 'parcel-vision') => `apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: ${name}
spec:
  # Ours
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: ${name} }
`;
  const folder = 'services/parcel-vision/overlays/cloud-staging';
  const withCanary = (resource: string) =>
    overlay('2.8.1').replace('../../base', `../../base\n  - ${resource}`);
  const canaryNow = () =>
    server.git('norden/fleet', 'show', `main:${folder}/canary.yaml`);
  const back = (promotion: string, change: Partial<FleetChange> = {}) =>
    aChange(promotion, {
      images: [
        {
          name: 'registry.norden.example/parcel-vision',
          tag: '2.8.0',
          digest: digest('c'),
        },
      ],
      hurry: true,
      ...change,
    });
  const restore = (promotion: string) => {
    const { images, ...change } = aChange(promotion);
    return fleet.restoreAnalysis(
      { ...change, subject: 'Let canaries be analysed again', trailers: [] },
      signal(),
    );
  };

  beforeEach(() =>
    server.change(
      'norden/fleet',
      {
        [`${folder}/kustomization.yaml`]: withCanary('./canary.yaml'),
        [`${folder}/canary.yaml`]: canary(),
      },
      'Compare versions',
    ),
  );

  it('trap 6: tells Flagger to skip the analysis in the same commit, and takes it back in a second one', async () => {
    const receipt = await fleet.commit(back('p-1'), signal());
    expect(receipt).toMatchObject({ changed: true, skipsAnalysis: true });
    expect(await canaryNow()).toContain('skipAnalysis: true');
    expect(await fileOf('cloud-staging')).toContain('newTag: 2.8.0');
    const elsewhere = await mkdtemp(join(tmpdir(), 'causeway-mirrors-'));
    fleet = aPortal(elsewhere);
    expect(await fleet.commit(back('p-1'), signal())).toEqual(receipt);
    expect(await fleet.findCommit(location(), 'p-1', signal())).toEqual(
      receipt,
    );
    const restored = await restore('p-1');
    expect(restored.changed).toBe(true);
    expect(await restore('p-1')).toEqual(restored);
    expect(await canaryNow()).toBe(canary().trim());
    expect(await fileOf('cloud-staging')).toContain('newTag: 2.8.0');
    expect(await fleet.findCommit(location(), 'p-1', signal())).toEqual(
      receipt,
    );
    expect(await commits()).toBe(4);
    await rm(elsewhere, { recursive: true, force: true });
  });

  it('lets no later commit go out with what an earlier one set, and leaves to another what is its own', async () => {
    await fleet.commit(back('p-1'), signal());
    await fleet.commit(aChange('p-2'), signal());
    expect(await canaryNow()).toBe(canary().trim());
    await fleet.commit(back('p-3'), signal());
    expect(await restore('p-1')).toMatchObject({ changed: false });
    await fleet.commit(
      back('p-4', { images: aChange('p-4').images }),
      signal(),
    );
    expect(await restore('p-3')).toMatchObject({ changed: false });
    expect(await canaryNow()).toContain('skip-analysis: "p-4"');
  });

  it('begins the canary with the first release, and reaches it in its component from then on', async () => {
    const component = (folderOf: string) => ({
      [`${folderOf}/canary/kustomization.yaml`]:
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [canary.yaml]\n',
      [`${folderOf}/canary/canary.yaml`]: canary(),
    });
    const notYet = overlay('not-released').replace(/ +digest: .*\n/, '');
    await server.change(
      'norden/fleet',
      {
        [`${folder}/kustomization.yaml`]: notYet,
        ...component(folder),
        // Runs already, so nothing begins here.
        ...component('services/parcel-vision/overlays/edge-staging'),
      },
      'Onboard it anew',
    );
    await fleet.commit(
      aChange('p-1', { targets: stages.map(aTarget) }),
      signal(),
    );
    const released = await fileOf('cloud-staging');
    expect(released).toContain(digest('b'));
    expect(released).toMatch(/\ncomponents:\n {2}- canary$/);
    expect(await fileOf('edge-staging')).not.toContain('components');

    const receipt = await fleet.commit(back('p-2'), signal());
    expect(receipt).toMatchObject({ skipsAnalysis: true });
    expect(
      await server.git(
        'norden/fleet',
        'show',
        `main:${folder}/canary/canary.yaml`,
      ),
    ).toContain('skipAnalysis: true');
    expect((await fileOf('cloud-staging')).match(/- canary/g)).toHaveLength(1);
  });

  it('sees whose Canary is where', async () => {
    const hurries = (stage: string) =>
      fleet.canHurry(location(), [aTarget(stage)], signal());
    expect(await hurries('cloud-staging')).toHaveLength(1);
    expect(await hurries('edge-staging')).toEqual([]);
    for (const [resource, file] of [
      [
        '../canary.yaml',
        { 'services/parcel-vision/overlays/canary.yaml': canary() },
      ],
      ['canary.yaml', { [`${folder}/canary.yaml`]: canary('belt-control') }],
      ['https://forge.example/canary.yaml', {}],
    ] as const) {
      await server.change(
        'norden/fleet',
        { [`${folder}/kustomization.yaml`]: withCanary(resource), ...file },
        `Canary at ${resource}`,
      );
      expect(await hurries('cloud-staging')).toEqual([]);
    }
    const receipt = await fleet.commit(back('p-1'), signal());
    expect(receipt).toMatchObject({ changed: true });
    expect(receipt).not.toHaveProperty('skipsAnalysis');
  });

  it('leaves alone what people set, and an overlay that is gone', async () => {
    const byHand = `${canary()}  skipAnalysis: true\n`;
    await server.change(
      'norden/fleet',
      { [`${folder}/canary.yaml`]: byHand },
      'Skip it',
    );
    const receipt = await fleet.commit(back('p-1'), signal());
    expect(receipt).not.toHaveProperty('skipsAnalysis');
    expect(await restore('p-1')).toMatchObject({ changed: false });
    expect(await canaryNow()).toBe(byHand.trim());
    const gone = { ...aTarget('cloud-staging'), path: 'services/gone' };
    const { images, ...change } = aChange('p-2', { targets: [gone] });
    expect(await fleet.restoreAnalysis(change, signal())).toMatchObject({
      changed: false,
    });
  });
});
