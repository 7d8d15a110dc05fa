// SPDX-License-Identifier: Apache-2.0
import { base64, ForgeClient, Repository } from '../ForgeClient';
import type { Login } from '../ForgeUnderTest';

const adminOnly =
  'user should be an owner or a collaborator with admin write of a repository';

/** Branch protections, and what they refuse through the API. */
export function protections(client: () => ForgeClient): void {
  const protect = async (repository: Repository, rule: object) => {
    const answer = await repository.request(
      'causeway',
      'POST',
      '/branch_protections',
      { rule_name: 'main', ...rule },
    );
    expect(answer.status).toBe(201);
    return answer.body;
  };

  describe('branch protections', () => {
    it('are made, read, changed and removed by administrators', async () => {
      const repository = await client().repository();
      const path = '/branch_protections';
      const rule = {
        enable_push: true,
        enable_push_whitelist: true,
        push_whitelist_usernames: ['causeway'],
        required_approvals: 1,
        enable_status_check: true,
        status_check_contexts: ['ci/release'],
        block_on_rejected_reviews: true,
      };
      const made = await protect(repository, rule);
      expect(made).toMatchObject({ branch_name: 'main', ...rule });
      const twice = await repository.request('causeway', 'POST', path, {
        rule_name: 'main',
      });
      expect([twice.status, twice.body.message]).toEqual([
        403,
        'Branch protection already exist',
      ]);
      const nameless = await repository.request('causeway', 'POST', path, {});
      expect([nameless.status, nameless.body.message]).toEqual([
        400,
        'both rule_name and branch_name are empty',
      ]);
      const changed = await repository.request(
        'causeway',
        'PATCH',
        `${path}/main`,
        { required_approvals: 2 },
      );
      expect(changed.body).toMatchObject({ ...rule, required_approvals: 2 });
      const branch = await repository.request('mia', 'GET', '/branches/main');
      expect(branch.body).toMatchObject({
        protected: true,
        required_approvals: 2,
        status_check_contexts: ['ci/release'],
        user_can_push: false,
        user_can_merge: true,
      });
      const other = await repository.request('mia', 'GET', path);
      expect([other.status, other.body.message]).toEqual([403, adminOnly]);
      const remove = () =>
        repository.request('causeway', 'DELETE', `${path}/main`);
      expect((await remove()).status).toBe(204);
      expect((await remove()).status).toBe(404);
    });

    it('refuse commits of everybody but the listed ones', async () => {
      const repository = await client().repository();
      await protect(repository, {
        enable_push: true,
        enable_push_whitelist: true,
        push_whitelist_usernames: ['causeway'],
      });
      const commit = (login: Login) =>
        repository.request(login, 'POST', '/contents/new', {
          content: base64('new\n'),
          message: 'New',
        });
      const refused = await commit('mia');
      expect([refused.status, refused.body.message]).toEqual([
        403,
        'user cannot commit to repo [user: mia]',
      ]);
      expect((await commit('causeway')).status).toBe(201);
    });

    it('ask for checks first, then for approvals, then for peace', async () => {
      const repository = await client().repository();
      await protect(repository, {
        required_approvals: 1,
        enable_status_check: true,
        status_check_contexts: ['ci/release'],
        block_on_rejected_reviews: true,
      });
      const number = await repository.pull('one');
      const { head } = (
        await repository.request('mia', 'GET', `/pulls/${number}`)
      ).body;
      const refusal = async (login: Login = 'mia') => {
        const { status, body } = await repository.merge(login, number);
        return [status, body?.message];
      };
      const report = (context: string, state: string) =>
        repository.request('mia', 'POST', `/statuses/${head.sha}`, {
          context,
          state,
        });
      const judge = (login: Login, event: string) =>
        repository.request(login, 'POST', `/pulls/${number}/reviews`, {
          event,
          body: 'Said.',
        });
      const unchecked = [405, 'Not all required status checks successful'];
      expect(await refusal()).toEqual(unchecked);
      expect(await refusal('causeway')).toEqual(unchecked);
      await report('ci/other', 'success');
      await report('ci/release', 'pending');
      expect(await refusal()).toEqual(unchecked);
      await report('ci/release', 'failure');
      expect(await refusal()).toEqual(unchecked);
      await report('ci/release', 'success');
      const unapproved = [405, 'Does not have enough approvals'];
      expect(await refusal()).toEqual(unapproved);
      await judge('flux', 'APPROVED');
      expect(await refusal()).toEqual(unapproved);
      await judge('jonas', 'APPROVED');
      await judge('causeway', 'REQUEST_CHANGES');
      expect(await refusal()).toEqual([405, 'There are requested changes']);
      await judge('causeway', 'APPROVED');
      expect(await refusal()).toEqual([200, undefined]);
    });

    it('let administrators force a merge, unless that is forbidden too', async () => {
      const repository = await client().repository();
      await protect(repository, {
        required_approvals: 1,
        block_admin_merge_override: true,
      });
      const number = await repository.pull('one');
      const force = { Do: 'merge', force_merge: true };
      expect((await repository.merge('causeway', number, force)).status).toBe(
        405,
      );
      await repository.request(
        'causeway',
        'PATCH',
        '/branch_protections/main',
        {
          block_admin_merge_override: false,
        },
      );
      expect((await repository.merge('mia', number, force)).status).toBe(405);
      expect((await repository.merge('causeway', number, force)).status).toBe(
        200,
      );
    });

    it('name who may merge, and void approvals of an older head', async () => {
      const repository = await client().repository();
      await protect(repository, {
        enable_merge_whitelist: true,
        merge_whitelist_usernames: ['jonas'],
        required_approvals: 1,
        dismiss_stale_approvals: true,
      });
      const number = await repository.pull('one');
      await repository.request('jonas', 'POST', `/pulls/${number}/reviews`, {
        event: 'APPROVED',
        body: '',
      });
      const stranger = await repository.merge('mia', number);
      expect([stranger.status, stranger.body.message]).toEqual([
        405,
        'User not allowed to merge PR',
      ]);
      const more = await repository.request('mia', 'POST', '/contents/more', {
        content: base64('more\n'),
        message: 'More',
        branch: 'one',
      });
      expect(more.status).toBe(201);
      let voided: any;
      for (let attempt = 0; attempt < 50 && !voided?.dismissed; attempt += 1) {
        await new Promise(resolve => setTimeout(resolve, attempt ? 200 : 0));
        [voided] = (
          await repository.request('mia', 'GET', `/pulls/${number}/reviews`)
        ).body;
      }
      expect(voided).toMatchObject({ stale: true, dismissed: true });
      const late = await repository.merge('jonas', number);
      expect([late.status, late.body.message]).toEqual([
        405,
        'Does not have enough approvals',
      ]);
    });
  });
}
