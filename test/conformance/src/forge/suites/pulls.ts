// SPDX-License-Identifier: Apache-2.0
import { base64, ForgeClient, Repository } from '../ForgeClient';
import type { Login } from '../ForgeUnderTest';

/** Pull requests, their reviews, and merging them. */
export function pulls(client: () => ForgeClient): void {
  describe('pull requests', () => {
    it('are opened once, between different branches, by who may write', async () => {
      const repository = await client().repository();
      const number = await repository.pull('one');
      const open = (login: Login, body: object) =>
        repository.request(login, 'POST', '/pulls', {
          title: 'Again',
          head: 'one',
          base: 'main',
          ...body,
        });
      const twin = await open('mia', {});
      expect(twin.status).toBe(409);
      expect(twin.body.message).toMatch(
        /^pull request already exists for these targets \[id: \d+, .*head_branch: one, base_branch: main\]$/,
      );
      const same = await open('mia', { head: 'main' });
      expect([same.status, same.body.message]).toEqual([
        422,
        'Invalid PullRequest: There are no changes between the head and the base',
      ]);
      expect((await open('mia', { head: 'none' })).status).toBe(404);
      expect((await open('mia', { title: '' })).body.message).toBe(
        '[Title]: Required',
      );
      await repository.write('two', 'two\n', {
        message: 'Add two',
        branch: 'two',
      });
      const reader = await open('flux', { head: 'two' });
      expect([reader.status, reader.body.message]).toEqual([
        403,
        'user must be a collaborator',
      ]);
      const list = await repository.request('mia', 'GET', '/pulls');
      expect(list.headers.get('X-Total-Count')).toBe('1');
      expect(list.body[0]).toMatchObject({
        number,
        state: 'open',
        merged: false,
        user: { login: 'mia' },
        head: { ref: 'one' },
        base: { ref: 'main' },
      });
    });

    it('show their commits and files', async () => {
      const repository = await client().repository();
      const number = await repository.pull('one');
      const commits = await repository.request(
        'mia',
        'GET',
        `/pulls/${number}/commits`,
      );
      expect(commits.body.map((item: any) => item.commit.message)).toEqual([
        'Add one\n',
      ]);
      const files = await repository.request(
        'mia',
        'GET',
        `/pulls/${number}/files`,
      );
      expect(
        files.body.map(({ filename, status }: any) => [filename, status]),
      ).toEqual([['one', 'added']]);
    });

    it('merge by merge commit, once, and only the head that was seen', async () => {
      const repository = await client().repository();
      const number = await repository.pull('one');
      const path = `/pulls/${number}`;
      const before = await repository.request('mia', 'GET', path);
      expect(
        (await repository.request('mia', 'GET', `${path}/merge`)).status,
      ).toBe(404);
      const stale = await repository.merge('mia', number, {
        Do: 'merge',
        head_commit_id: '0'.repeat(40),
      });
      expect([stale.status, stale.body.message]).toEqual([
        409,
        'head out of date',
      ]);
      const merged = await repository.merge('mia', number, {
        Do: 'merge',
        MergeTitleField: 'Take one',
        MergeMessageField: 'It is time.',
      });
      expect(merged.status).toBe(200);
      const again = await repository.merge('mia', number);
      expect([again.status, again.body.message]).toEqual([
        405,
        'The PR is already merged',
      ]);
      expect(
        (await repository.request('mia', 'GET', `${path}/merge`)).status,
      ).toBe(204);
      const after = (await repository.request('mia', 'GET', path)).body;
      expect(after).toMatchObject({
        state: 'closed',
        merged: true,
        merged_by: { login: 'mia' },
        head: { sha: before.body.head.sha },
      });
      const tip = await repository.request('mia', 'GET', '/commits?limit=1');
      expect(tip.body[0]).toMatchObject({
        sha: after.merge_commit_sha,
        commit: { message: 'Take one\n\nIt is time.\n' },
        parents: [{ sha: before.body.base.sha }, { sha: before.body.head.sha }],
      });
      const reopened = await repository.request('mia', 'PATCH', path, {
        state: 'open',
      });
      expect(reopened.status).toBe(412);
    });

    it('squash into one commit, and may take their branch along', async () => {
      const repository = await client().repository();
      const number = await repository.pull('one');
      const merged = await repository.merge('mia', number, {
        Do: 'squash',
        delete_branch_after_merge: true,
      });
      expect(merged.status).toBe(200);
      const tip = (await repository.request('mia', 'GET', '/commits?limit=1'))
        .body[0];
      expect(tip.parents).toHaveLength(1);
      expect(tip.commit.message).toMatch(
        new RegExp(`^Add one \\(#${number}\\)`),
      );
      const branch = await repository.request('mia', 'GET', '/branches/one');
      expect(branch.status).toBe(404);
    });

    it('do not merge what conflicts, is closed, or in an unknown way', async () => {
      const repository = await client().repository();
      const { sha } = (
        await repository.request('mia', 'GET', '/contents/VERSION')
      ).body;
      const numbers: number[] = [];
      for (const branch of ['two', 'three']) {
        await repository.request('mia', 'PUT', '/contents/VERSION', {
          content: base64(`${branch}\n`),
          sha,
          message: `Set ${branch}`,
          branch: 'main',
          new_branch: branch,
        });
        const pull = await repository.request('mia', 'POST', '/pulls', {
          title: branch,
          head: branch,
          base: 'main',
        });
        numbers.push(pull.body.number);
      }
      const [first, second] = numbers;
      expect((await repository.merge('mia', first)).status).toBe(200);
      const path = `/pulls/${second}`;
      const conflict = await repository.request(
        'mia',
        'POST',
        `${path}/merge`,
        {
          Do: 'merge',
        },
      );
      // 405 where the conflict is known already, 409 where the merge meets it.
      expect([405, 409]).toContain(conflict.status);
      const odd = await repository.merge('mia', second, { Do: 'magic' });
      expect([odd.status, odd.body.message]).toEqual([422, '[Do]: In']);
      const closed = await repository.request('mia', 'PATCH', path, {
        state: 'closed',
      });
      expect([closed.status, closed.body.state]).toEqual([201, 'closed']);
      expect((await repository.merge('mia', second)).status).toBe(404);
    });

    it('are not merged by who only reads', async () => {
      const repository = await client().repository();
      const answer = await repository.merge(
        'flux',
        await repository.pull('one'),
      );
      expect([answer.status, answer.body.message]).toEqual([
        405,
        'User not allowed to merge PR',
      ]);
    });
  });

  describe('reviews', () => {
    const review = (
      repository: Repository,
      number: number,
      login: Login,
      event: string,
      body: string,
    ) =>
      repository.request(login, 'POST', `/pulls/${number}/reviews`, {
        event,
        body,
      });

    it('need another person for a judgement, and words for most', async () => {
      const repository = await client().repository();
      const number = await repository.pull('one');
      for (const [login, event, message] of [
        ['mia', 'APPROVED', 'approve your own pull is not allowed'],
        ['mia', 'REQUEST_CHANGES', 'reject your own pull is not allowed'],
        [
          'jonas',
          'COMMENT',
          'review event COMMENT requires a body or a comment',
        ],
        [
          'jonas',
          'REQUEST_CHANGES',
          'review event REQUEST_CHANGES requires a body',
        ],
      ] as const) {
        const text = login === 'mia' ? 'mine' : '';
        const answer = await review(repository, number, login, event, text);
        expect([answer.status, answer.body.message]).toEqual([422, message]);
      }
      const remark = await review(repository, number, 'mia', 'COMMENT', 'Hm.');
      expect(remark.status).toBe(200);
      expect(remark.body).toMatchObject({
        state: 'COMMENT',
        body: 'Hm.',
        official: false,
        user: { login: 'mia' },
      });
    });

    it('count from who may write, and the last judgement of each', async () => {
      const repository = await client().repository();
      const number = await repository.pull('one');
      await review(repository, number, 'jonas', 'REQUEST_CHANGES', 'No.');
      await review(repository, number, 'flux', 'APPROVED', 'Yes.');
      await review(repository, number, 'jonas', 'APPROVED', '');
      const list = await repository.request(
        'mia',
        'GET',
        `/pulls/${number}/reviews`,
      );
      expect(
        list.body.map(({ user, state, official, dismissed }: any) => [
          user.login,
          state,
          official,
          dismissed,
        ]),
      ).toEqual([
        ['jonas', 'REQUEST_CHANGES', false, true],
        ['flux', 'APPROVED', false, false],
        ['jonas', 'APPROVED', true, false],
      ]);
    });
  });
}
