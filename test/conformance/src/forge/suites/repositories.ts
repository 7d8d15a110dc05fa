// SPDX-License-Identifier: Apache-2.0
import type { ForgeClient } from '../ForgeClient';
import { owner } from '../ForgeUnderTest';

/** Repositories, branches and commits. */
export function repositories(client: () => ForgeClient): void {
  describe('repositories', () => {
    it('are made once, by who may, with a sound name', async () => {
      const { name } = await client().repository();
      const path = `/orgs/${owner}/repos`;
      const twice = await client().request('causeway', 'POST', path, { name });
      expect(twice.status).toBe(409);
      expect(twice.body.message).toBe(
        'The repository with the same name already exists.',
      );
      const odd = await client().request('causeway', 'POST', path, {
        name: 'a b',
      });
      expect(odd.status).toBe(422);
      const nobody = await client().request(undefined, 'POST', path, {
        name: 'other',
      });
      expect([nobody.status, nobody.body.message]).toEqual([
        401,
        'token is required',
      ]);
    });

    it('belong to an organisation that can be asked for', async () => {
      await client().repository();
      const asked = await client().request('causeway', 'GET', `/orgs/${owner}`);
      expect([asked.status, asked.body.username]).toEqual([200, owner]);
      const other = await client().request('causeway', 'GET', '/orgs/nobody');
      expect(other.status).toBe(404);
    });

    it('tell who they are and what the caller may do', async () => {
      const repository = await client().repository();
      const seen = async (login: 'mia' | 'flux' | 'causeway' | undefined) =>
        (await repository.request(login, 'GET', '')).body;
      expect(await seen('mia')).toMatchObject({
        name: repository.name,
        full_name: `${owner}/${repository.name}`,
        default_branch: 'main',
        empty: false,
        private: false,
        archived: false,
        clone_url: `${client().forge.url}/${owner}/${repository.name}.git`,
        html_url: `${client().forge.url}/${owner}/${repository.name}`,
        permissions: { admin: false, push: true, pull: true },
      });
      expect((await seen('causeway')).permissions.admin).toBe(true);
      expect((await seen('flux')).permissions.push).toBe(false);
      expect((await seen(undefined)).full_name).toContain(repository.name);
    });

    it('answer 404 for what is not there', async () => {
      const repository = await client().repository();
      for (const path of ['/pulls/99', '/branches/none']) {
        const answer = await repository.request('mia', 'GET', path);
        expect([answer.status, answer.body.message]).toEqual([
          404,
          'not found',
        ]);
      }
      const missing = await client().request(
        'mia',
        'GET',
        `/repos/${owner}/none`,
      );
      expect(missing.status).toBe(404);
    });

    it('branch, list branches and keep the default one', async () => {
      const repository = await client().repository();
      const made = await repository.request('mia', 'POST', '/branches', {
        new_branch_name: 'feature/one',
      });
      expect(made.status).toBe(201);
      expect(made.body).toMatchObject({
        name: 'feature/one',
        protected: false,
      });
      const again = await repository.request('mia', 'POST', '/branches', {
        new_branch_name: 'feature/one',
      });
      expect([again.status, again.body.message]).toEqual([
        409,
        'The branch already exists.',
      ]);
      const all = await repository.request('mia', 'GET', '/branches');
      const names = all.body.map(({ name }: { name: string }) => name);
      expect(names.sort()).toEqual(['feature/one', 'main']);
      const kept = await repository.request('mia', 'DELETE', '/branches/main');
      expect([kept.status, kept.body.message]).toEqual([
        403,
        'can not delete default or pull request target branch',
      ]);
      const path = '/branches/feature/one';
      expect((await repository.request('mia', 'DELETE', path)).status).toBe(
        204,
      );
      expect((await repository.request('mia', 'GET', path)).status).toBe(404);
    });

    it('list commits newest first, with their number', async () => {
      const repository = await client().repository();
      await repository.write('a', 'a\n', { message: 'Add a' });
      await repository.write('b', 'b\n', { message: 'Add b' });
      const page = await repository.request('mia', 'GET', '/commits?limit=2');
      expect(page.headers.get('X-Total-Count')).toBe('3');
      const [newest, older] = page.body;
      expect(newest.commit.message).toBe('Add b\n');
      expect(newest.parents[0].sha).toBe(older.sha);
      expect(newest.author.login).toBe('mia');
      const tip = await repository.request('mia', 'GET', '/branches/main');
      expect(tip.body.commit.id).toBe(newest.sha);
    });
  });
}
