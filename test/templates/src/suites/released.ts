// SPDX-License-Identifier: Apache-2.0
import { createHash, createHmac } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Repository } from '../Repository';
import { run } from '../run';

const git = (folder: string, ...args: readonly string[]) =>
  execFileSync('git', args, { cwd: folder, stdio: 'pipe' });

/** Registers what the scripts of a repository do when it is released; commits are made in it. */
export function released(repository: () => Repository): void {
  describe('versions', () => {
    const say = async (script: string, environment = {}) => {
      const folder = repository().folder;
      const { output } = await run(
        `./scripts/${script}`,
        [],
        folder,
        environment,
      );
      return output.trim();
    };
    const commit = async (path: string) => {
      const folder = repository().folder;
      await appendFile(join(folder, path), '\n');
      git(folder, 'commit', '--quiet', '--all', '--message', `Change ${path}`);
    };

    test('begin with what VERSION says, stay with their commit, and go on from there', async () => {
      const folder = repository().folder;
      expect(await say('next-version.sh')).toBe('0.1.0');
      git(folder, 'tag', 'v0.1.0');
      expect(await say('next-version.sh')).toBe('0.1.0');
      await commit('src/page.ts');
      expect(await say('next-version.sh')).toBe('0.1.1');
      git(folder, 'tag', 'v0.1.9');
      await commit('src/page.ts');
      expect(await say('next-version.sh')).toBe('0.1.10');
    });

    test('need no image when only words and manifests changed', async () => {
      expect(await say('needs-image.sh')).toBe('yes');
      await commit('docs/index.md');
      await commit('deploy/base/service.yaml');
      expect(await say('needs-image.sh', { BASE: 'HEAD~2' })).toBe('no');
      expect(await say('needs-image.sh', { BASE: 'HEAD~3' })).toBe('yes');
      expect(await say('needs-image.sh', { BASE: '0'.repeat(40) })).toBe('yes');
    });
  });

  describe('the release report', () => {
    interface Received {
      readonly url: string;
      readonly headers: IncomingHttpHeaders;
      readonly body: Buffer;
    }

    test('says what the API asks for, is signed, and brings the evidence', async () => {
      const received: Received[] = [];
      const portal = createServer((request, response) => {
        const parts: Buffer[] = [];
        request.on('data', (part: Buffer) => parts.push(part));
        request.on('end', () => {
          received.push({
            url: request.url ?? '',
            headers: request.headers,
            body: Buffer.concat(parts),
          });
          response.writeHead(201, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ id: 'release-1' }));
        });
      });
      await new Promise<void>(resolve => {
        portal.listen(0, '127.0.0.1', resolve);
      });
      const { port } = portal.address() as AddressInfo;
      const evidenceFolder = await mkdtemp(join(tmpdir(), 'evidence-'));
      const folder = repository().folder;
      const evidence = join(evidenceFolder, 'reports');
      await mkdir(evidence, { recursive: true });
      await writeFile(join(evidence, 'junit.xml'), '<testsuites/>');
      await writeFile(join(evidence, 'notes.txt'), 'nothing for the portal');
      const digest = `sha256:${'a'.repeat(64)}`;
      const ended = await run(
        './scripts/report-release.py',
        ['0.1.0', 'registry.example/dock-lights', digest, evidenceFolder],
        folder,
        {
          PORTAL_URL: `http://127.0.0.1:${port}/`,
          RELEASE_SECRET: 'key of the repository',
          REPOSITORY_URL: 'https://forge.example/norden/dock-lights.git',
        },
      );
      await new Promise(resolve => {
        portal.close(resolve);
      });
      await rm(evidenceFolder, { recursive: true });
      expect(ended).toEqual({
        code: 0,
        output: 'reported 0.1.0 as release-1\nleft reports-junit.xml\n',
      });
      const signature = (content: string) =>
        `sha256=${createHmac('sha256', 'key of the repository')
          .update(content)
          .digest('hex')}`;
      const [report, file] = received;
      expect(report.url).toBe('/api/delivery/releases');
      expect(JSON.parse(report.body.toString())).toMatchObject({
        service: 'component:default/dock-lights',
        repository: 'https://forge.example/norden/dock-lights',
        version: '0.1.0',
        commit: { author: 'Mia Lindqvist' },
        images: [
          { name: 'registry.example/dock-lights', tag: '0.1.0', digest },
        ],
      });
      const { headers } = report;
      expect(headers['x-causeway-signature']).toBe(
        signature(
          `${headers['x-causeway-timestamp']}.${headers['x-causeway-delivery']}.${report.body}`,
        ),
      );
      const checksum = `sha256=${createHash('sha256')
        .update('<testsuites/>')
        .digest('hex')}`;
      expect(file.url).toBe(
        '/api/delivery/releases/release-1/evidence/junit?name=reports-junit.xml',
      );
      expect(file.headers['x-causeway-checksum']).toBe(checksum);
      expect(file.headers['x-causeway-signature']).toBe(
        signature(
          `${file.headers['x-causeway-timestamp']}.release-1.junit.reports-junit.xml.${checksum}`,
        ),
      );
    });
  });
}
