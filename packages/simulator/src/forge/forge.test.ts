// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gitEnvironment } from '../git/program';
import { Account, accessTokenOf } from './accounts';
import type { Push } from './Forge';
import { RunningForge, startForge } from './startForge';
import { giteaSignature } from './webhooks/Deliveries';

const run = promisify(execFile);
const password = 'a-password-for-tests';
const clock = () => new Date('2026-11-20T13:32:00Z');

function anAccount(id: number, login: string, role: Account['role']): Account {
  return {
    id,
    login,
    fullName: `${login} of Norden`,
    email: `${login}@norden.example`,
    role,
  };
}
const accounts = [
  anAccount(1, 'causeway', 'administrator'),
  anAccount(2, 'mia', 'developer'),
  anAccount(3, 'flux', 'reader'),
];
const mia = {
  name: 'Mia Lindqvist',
  email: 'mia@norden.example',
  date: clock(),
};

jest.setTimeout(30_000);

describe('forge', () => {
  let directory: string;
  let running: RunningForge;

  const start = (systemHooks: { url: string; secret: string }[] = []) =>
    startForge({
      directory: join(directory, 'forge'),
      port: 0,
      accounts,
      password,
      clock,
      systemHooks,
    });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'forge-'));
    running = await start();
    await running.forge.createRepository({
      owner: 'norden',
      name: 'parcel-vision',
      description: 'Reads labels',
      commits: [
        {
          branch: 'main',
          author: mia,
          message: 'Read labels\n\nRelease: 2.7.0',
          changes: [
            { path: 'VERSION', content: '2.7.0\n' },
            { path: 'src/label.ts', content: 'export const label = "<b>";\n' },
          ],
          tag: 'v2.7.0',
        },
      ],
    });
    await running.forge.createRepository({
      owner: 'norden',
      name: 'fleet',
      description: 'What runs where',
      protections: [{ branch: 'main', pushers: ['causeway'] }],
      commits: [
        {
          branch: 'main',
          author: mia,
          message: 'Begin',
          changes: [{ path: 'README.md', content: '# Fleet\n' }],
        },
      ],
    });
  });

  afterEach(async () => {
    await running.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const git = (args: string[], cwd = directory) =>
    run(
      'git',
      ['-c', 'user.name=Mia', '-c', 'user.email=mia@norden.example', ...args],
      { cwd, env: gitEnvironment() },
    );
  const as = (login: string, path: string) =>
    running.url.replace('//', `//${login}:${password}@`) + path;
  const commitIn = async (
    folder: string,
    file: string,
    text: string,
    message: string,
  ) => {
    await writeFile(join(directory, folder, file), text);
    await git(['add', '.'], join(directory, folder));
    await git(['commit', '-qm', message], join(directory, folder));
  };
  const api = (
    path: string,
    options: { login?: string; method?: string; body?: unknown } = {},
  ) =>
    fetch(`${running.url}/api/v1${path}`, {
      method: options.method ?? 'GET',
      headers: {
        'Content-Type': 'application/json',
        ...(options.login
          ? { Authorization: `token ${accessTokenOf(options.login, password)}` }
          : {}),
      },
      body:
        options.body === undefined ? undefined : JSON.stringify(options.body),
    });

  describe('Git over HTTP', () => {
    it('lets anybody clone and an account push, and tells who pushed what', async () => {
      const pushes: Push[] = [];
      running.forge.onPush(push => pushes.push(push));
      await git([
        'clone',
        '-q',
        `${running.url}/norden/parcel-vision`,
        'anonymous',
      ]);
      await commitIn('anonymous', 'VERSION', '2.7.1\n', 'Fix label rotation');
      await expect(
        git(['push', 'origin', 'main'], join(directory, 'anonymous')),
      ).rejects.toThrow(/Authentication failed|could not read/);
      await git(
        ['push', as('mia', '/norden/parcel-vision.git'), 'main'],
        join(directory, 'anonymous'),
      );
      const { stdout } = await git(
        ['rev-parse', 'HEAD'],
        join(directory, 'anonymous'),
      );
      expect(
        pushes.map(({ branch, after, pusher }) => [
          branch,
          after,
          pusher.login,
        ]),
      ).toEqual([['main', stdout.trim(), 'mia']]);
    });

    it('guards the protected branch, but not others', async () => {
      await git(['clone', '-q', as('mia', '/norden/fleet'), 'fleet']);
      await commitIn('fleet', 'a.txt', 'a\n', 'Try');
      await expect(
        git(['push', 'origin', 'main'], join(directory, 'fleet')),
      ).rejects.toThrow(
        /Not allowed to push to protected branch main[\s\S]*pre-receive hook declined/,
      );
      await git(['push', 'origin', 'main:proposal'], join(directory, 'fleet'));
      await git(
        ['push', as('causeway', '/norden/fleet'), 'main'],
        join(directory, 'fleet'),
      );
      await expect(
        git(
          ['push', as('flux', '/norden/fleet'), 'main:x'],
          join(directory, 'fleet'),
        ),
      ).rejects.toThrow(/User permission denied for writing/);
      const impostor = as('mia', '/norden/fleet').replace(password, 'wrong');
      await expect(
        git(['push', impostor, 'main:x'], join(directory, 'fleet')),
      ).rejects.toThrow(/Authentication failed/);
    });

    it('refuses a counted number of pushes and cuts connections when told to', async () => {
      await git(['clone', '-q', as('causeway', '/norden/fleet'), 'fleet']);
      await commitIn('fleet', 'a.txt', 'a\n', 'Promote');
      running.forge.faults.set({ kind: 'refusePush', count: 2 });
      for (let attempt = 0; attempt < 2; attempt += 1) {
        await expect(
          git(['push', 'origin', 'main'], join(directory, 'fleet')),
        ).rejects.toThrow(/pre-receive hook declined/);
      }
      running.forge.faults.set({ kind: 'down' });
      await expect(
        git(['fetch', 'origin'], join(directory, 'fleet')),
      ).rejects.toThrow(/Empty reply|reset|unable to access/);
      running.forge.faults.set({ kind: 'none' });
      await git(['push', 'origin', 'main'], join(directory, 'fleet'));
    });

    it('keeps repositories over a restart', async () => {
      await running.stop();
      running = await start();
      await git([
        'clone',
        '-q',
        `${running.url}/norden/parcel-vision`,
        'again',
      ]);
      const { stdout } = await git(
        ['log', '--format=%s'],
        join(directory, 'again'),
      );
      expect(stdout).toBe('Read labels\n');
    });
  });

  it('tells a webhook about a push with the signature of Gitea', async () => {
    const receiver = createServer();
    await once(receiver.listen(0, '127.0.0.1'), 'listening');
    const { port } = receiver.address() as AddressInfo;
    await running.stop();
    running = await start([
      { url: `http://127.0.0.1:${port}`, secret: 'shared' },
    ]);
    const delivered = once(receiver, 'request');
    const answer = await api('/repos/norden/parcel-vision/contents/NOTES.md', {
      login: 'mia',
      method: 'POST',
      body: {
        content: Buffer.from('note\n').toString('base64'),
        message: 'Take a note',
      },
    });
    expect(answer.status).toBe(201);
    const [request, response] = (await delivered) as [
      IncomingMessage,
      ServerResponse,
    ];
    const body = await readText(request);
    response.end();
    receiver.close();
    const signature = request.headers['x-gitea-signature'];
    const event = request.headers['x-gitea-event'];
    expect(event).toBe('push');
    expect(signature).toBe(giteaSignature('shared', body));
    expect(JSON.parse(body)).toMatchObject({
      ref: 'refs/heads/main',
      total_commits: 1,
      commits: [
        {
          message: 'Take a note\n',
          added: ['NOTES.md'],
          author: { username: 'mia' },
        },
      ],
      repository: { full_name: 'norden/parcel-vision' },
      pusher: { login: 'mia' },
    });
  });

  describe('Gitea API', () => {
    it('serves what the URL reader of the portal asks for', async () => {
      const file = await (
        await api('/repos/norden/parcel-vision/contents/VERSION?ref=main')
      ).json();
      expect(file).toMatchObject({
        type: 'file',
        encoding: 'base64',
        content: Buffer.from('2.7.0\n').toString('base64'),
      });
      const commit = await (
        await api('/repos/norden/parcel-vision/git/commits/main')
      ).json();
      expect(commit).toMatchObject({
        sha: file.last_commit_sha,
        author: { login: 'mia' },
      });
      const archive = Buffer.from(
        await (
          await api('/repos/norden/parcel-vision/archive/main.tar.gz')
        ).arrayBuffer(),
      );
      await writeFile(join(directory, 'a.tar.gz'), archive);
      const { stdout } = await run('tar', ['tzf', join(directory, 'a.tar.gz')]);
      expect(stdout).toContain('parcel-vision/src/label.ts');
      const missing = await api(
        '/repos/norden/parcel-vision/contents/nothing?ref=main',
      );
      expect(missing.status).toBe(404);
      expect(await missing.json()).toMatchObject({
        message: expect.any(String),
        url: `${running.url}/api/swagger`,
      });
    });

    it('changes a file only from the state its caller has seen', async () => {
      const path = '/repos/norden/parcel-vision/contents/VERSION';
      const { sha } = await (await api(path)).json();
      const body = {
        content: Buffer.from('2.7.1\n').toString('base64'),
        sha,
        message: 'Release 2.7.1',
      };
      expect((await api(path, { method: 'PUT', body })).status).toBe(401);
      expect(
        (await api(path, { login: 'flux', method: 'PUT', body })).status,
      ).toBe(403);
      expect(
        (await api(path, { login: 'mia', method: 'PUT', body })).status,
      ).toBe(200);
      const late = await api(path, { login: 'mia', method: 'PUT', body });
      expect(late.status).toBe(422);
      expect((await late.json()).message).toMatch(/sha does not match/);
      const fleet = await api('/repos/norden/fleet/contents/x', {
        login: 'mia',
        method: 'POST',
        body: { content: '' },
      });
      expect(fleet.status).toBe(403);
    });

    it('merges a pull request once and reports a conflict', async () => {
      const repository = '/repos/norden/parcel-vision';
      const change = (branch: string, text: string, sha: string) =>
        api(`${repository}/contents/VERSION`, {
          login: 'mia',
          method: 'PUT',
          body: {
            content: Buffer.from(text).toString('base64'),
            sha,
            new_branch: branch,
            message: `Set ${branch}`,
          },
        });
      const { sha } = await (
        await api(`${repository}/contents/VERSION`)
      ).json();
      await change('one', '3.0.0\n', sha);
      await change('two', '4.0.0\n', sha);
      const open = (head: string) =>
        api(`${repository}/pulls`, {
          login: 'mia',
          method: 'POST',
          body: { title: `Merge ${head}`, head, base: 'main' },
        });
      expect((await open('one')).status).toBe(201);
      expect((await open('one')).status).toBe(409);
      expect((await open('two')).status).toBe(201);
      const merge = (number: number) =>
        api(`${repository}/pulls/${number}/merge`, {
          login: 'mia',
          method: 'POST',
          body: { Do: 'merge' },
        });
      expect((await merge(1)).status).toBe(200);
      expect((await merge(1)).status).toBe(405);
      expect((await merge(2)).status).toBe(405);
      expect(await (await api(`${repository}/pulls/1`)).json()).toMatchObject({
        merged: true,
        state: 'closed',
      });
      const compare = await (
        await api(`${repository}/compare/v2.7.0...main`)
      ).json();
      expect(compare.total_commits).toBe(2);
    });

    it('keeps the worst of the latest statuses of a commit', async () => {
      const repository = '/repos/norden/parcel-vision';
      const report = (context: string, state: string) =>
        api(`${repository}/statuses/v2.7.0`, {
          login: 'causeway',
          method: 'POST',
          body: { context, state },
        });
      await report('ci/build', 'pending');
      await report('ci/lint', 'success');
      expect(
        await (await api(`${repository}/commits/v2.7.0/status`)).json(),
      ).toMatchObject({ state: 'pending', total_count: 2 });
      await report('ci/build', 'success');
      expect(
        await (await api(`${repository}/commits/main/status`)).json(),
      ).toMatchObject({ state: 'success' });
    });
  });

  it('shows a commit with message and diff to a person, harmlessly', async () => {
    const { sha } = await (
      await api('/repos/norden/parcel-vision/git/commits/main')
    ).json();
    const page = await (
      await fetch(`${running.url}/norden/parcel-vision/commit/${sha}`)
    ).text();
    expect(page).toContain('<h1>Read labels</h1>');
    expect(page).toContain('Release: 2.7.0');
    expect(page).toContain('&lt;b&gt;');
    expect(page).not.toContain('"<b>"');
    for (const path of [
      '/',
      '/norden/parcel-vision',
      '/norden/parcel-vision/src/branch/main',
      '/norden/parcel-vision/src/branch/main/src',
      '/norden/parcel-vision/commits/branch/main',
    ]) {
      expect((await fetch(running.url + path)).status).toBe(200);
    }
    expect(
      (await fetch(`${running.url}/norden/parcel-vision/commit/0000`)).status,
    ).toBe(404);
  });
});
