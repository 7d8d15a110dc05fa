// SPDX-License-Identifier: Apache-2.0
import type { ForgeClient } from '../ForgeClient';

/** Commit statuses. */
export function statuses(client: () => ForgeClient): void {
  describe('commit statuses', () => {
    it('are pending together while there is none', async () => {
      const repository = await client().repository();
      const combined = await repository.request(
        'mia',
        'GET',
        '/commits/main/status',
      );
      expect(combined.body).toMatchObject({ state: 'pending', total_count: 0 });
    });

    it.each([
      [['success'], 'success'],
      [['success', 'skipped'], 'success'],
      [['success', 'pending'], 'pending'],
      [['success', 'warning'], 'failure'],
      [['pending', 'error'], 'failure'],
      [['success', 'failure'], 'failure'],
    ])('%j say %s together', async (states, together) => {
      const repository = await client().repository();
      const tip = await repository.request('mia', 'GET', '/branches/main');
      const { id } = tip.body.commit;
      for (const [index, state] of states.entries()) {
        const answer = await repository.request(
          'mia',
          'POST',
          `/statuses/${id}`,
          { context: `ci/${index}`, state },
        );
        expect(answer.status).toBe(201);
      }
      const combined = await repository.request(
        'mia',
        'GET',
        `/commits/${id}/status`,
      );
      expect(combined.body).toMatchObject({
        state: together,
        sha: id,
        total_count: states.length,
      });
    });

    it('keep their history, and the last of each context counts', async () => {
      const repository = await client().repository();
      const tip = await repository.request('mia', 'GET', '/branches/main');
      const { id } = tip.body.commit;
      const report = (state: string) =>
        repository.request('mia', 'POST', `/statuses/${id}`, {
          context: 'ci/release',
          state,
          description: `It is ${state}`,
          target_url: 'http://ci.example/1',
        });
      expect((await report('pending')).body).toMatchObject({
        status: 'pending',
        context: 'ci/release',
        description: 'It is pending',
        target_url: 'http://ci.example/1',
        creator: { login: 'mia' },
      });
      await report('success');
      const combined = await repository.request(
        'mia',
        'GET',
        '/commits/main/status',
      );
      expect(combined.body).toMatchObject({ state: 'success', total_count: 1 });
      const all = await repository.request(
        'mia',
        'GET',
        `/commits/${id}/statuses`,
      );
      expect(all.headers.get('X-Total-Count')).toBe('2');
      expect(all.body.map(({ status }: any) => status).sort()).toEqual([
        'pending',
        'success',
      ]);
      const reader = await repository.request(
        'flux',
        'POST',
        `/statuses/${id}`,
        {
          context: 'x',
          state: 'success',
        },
      );
      expect([reader.status, reader.body.message]).toEqual([
        403,
        'user should have a permission to write to a repo',
      ]);
    });
  });
}
