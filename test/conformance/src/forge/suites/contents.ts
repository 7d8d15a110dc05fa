// SPDX-License-Identifier: Apache-2.0
import { base64, ForgeClient } from '../ForgeClient';

/** Reading and changing single files. */
export function contents(client: () => ForgeClient): void {
  describe('contents', () => {
    it('give a file with its blob and the commit that wrote it', async () => {
      const repository = await client().repository();
      const file = await repository.request('mia', 'GET', '/contents/VERSION');
      expect(file.body).toMatchObject({
        name: 'VERSION',
        path: 'VERSION',
        type: 'file',
        encoding: 'base64',
        size: 6,
        content: base64('1.0.0\n'),
      });
      const tip = await repository.request('mia', 'GET', '/branches/main');
      expect(file.body.last_commit_sha).toBe(tip.body.commit.id);
      const missing = await repository.request('mia', 'GET', '/contents/none');
      expect(missing.status).toBe(404);
      const branch = await repository.request(
        'mia',
        'GET',
        '/contents/VERSION?ref=none',
      );
      expect(branch.status).toBe(404);
    });

    it('change only from the state that the caller has seen', async () => {
      const repository = await client().repository();
      const path = '/contents/VERSION';
      const { sha } = (await repository.request('mia', 'GET', path)).body;
      const change = (login: 'mia' | 'flux' | undefined, body: object) =>
        repository.request(login, 'PUT', path, {
          content: base64('1.1.0\n'),
          message: 'Raise',
          ...body,
        });
      expect((await change(undefined, { sha })).status).toBe(401);
      const reader = await change('flux', { sha });
      expect([reader.status, reader.body.message]).toEqual([
        403,
        'user should have a permission to write to the target branch',
      ]);
      const zero = '0'.repeat(40);
      const stale = await change('mia', { sha: zero });
      expect([stale.status, stale.body.message]).toEqual([
        422,
        `sha does not match [given: ${zero}, expected: ${sha}]`,
      ]);
      const done = await change('mia', { sha });
      expect(done.status).toBe(200);
      expect(done.body.commit.message).toBe('Raise\n');
      expect(done.body.content.content).toBe(base64('1.1.0\n'));
    });

    it('are created once and removed', async () => {
      const repository = await client().repository();
      await repository.write('notes/a.md', 'a\n', { message: 'Note' });
      const twice = await repository.request(
        'mia',
        'POST',
        '/contents/notes/a.md',
        { content: base64('b\n'), message: 'Again' },
      );
      expect([twice.status, twice.body.message]).toEqual([
        422,
        'repository file already exists [path: notes/a.md]',
      ]);
      const folder = await repository.request('mia', 'GET', '/contents/notes');
      const [{ path, type, sha }] = folder.body;
      expect([path, type]).toEqual(['notes/a.md', 'file']);
      const removed = await repository.request(
        'mia',
        'DELETE',
        '/contents/notes/a.md',
        { sha, message: 'Forget' },
      );
      expect(removed.status).toBe(200);
      const folderAfter = await repository.request(
        'mia',
        'GET',
        '/contents/notes',
      );
      expect(folderAfter.status).toBe(404);
      const gone = await repository.request('mia', 'DELETE', '/contents/NONE', {
        sha,
        message: 'Forget',
      });
      expect([gone.status, gone.body.message]).toEqual([
        404,
        'object does not exist [id: , rel_path: NONE]',
      ]);
    });
  });
}
