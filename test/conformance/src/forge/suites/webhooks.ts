// SPDX-License-Identifier: Apache-2.0
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually } from '../../eventually';
import { base64, ForgeClient } from '../ForgeClient';

interface Delivered {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Webhooks: their settings, events, contents and signatures. */
export function webhooks(client: () => ForgeClient): void {
  describe('webhooks', () => {
    let receiver: Server;
    let delivered: Delivered[];
    let address: string;

    beforeEach(async () => {
      delivered = [];
      receiver = createServer(async (request, response) => {
        const body = await text(request);
        delivered.push({ headers: request.headers, body });
        response.end('ok');
      });
      await once(receiver.listen(0, '127.0.0.1'), 'listening');
      address = `http://127.0.0.1:${
        (receiver.address() as AddressInfo).port
      }/hook`;
    });
    afterEach(() => {
      receiver.closeAllConnections();
      receiver.close();
    });

    const arrived = () =>
      eventually(
        async () => delivered.length,
        count => count > 0,
      );
    const types = () =>
      delivered.map(({ headers, body }) =>
        `${headers['x-gitea-event-type']} ${
          JSON.parse(body).action ?? ''
        }`.trim(),
      );
    const hookFor = (events: readonly string[]) => ({
      type: 'gitea',
      config: { url: address, content_type: 'json', secret: 'shared' },
      events,
      active: true,
    });

    it('are settings of administrators, and never tell their secret', async () => {
      const repository = await client().repository();
      const made = await repository.request(
        'causeway',
        'POST',
        '/hooks',
        hookFor(['push']),
      );
      expect(made.status).toBe(201);
      expect(made.body).toMatchObject({
        type: 'gitea',
        active: true,
        events: ['push'],
        config: { url: address, content_type: 'json' },
      });
      const path = `/hooks/${made.body.id}`;
      const paused = await repository.request('causeway', 'PATCH', path, {
        active: false,
      });
      expect([paused.status, paused.body.active]).toEqual([200, false]);
      const list = await repository.request('causeway', 'GET', '/hooks');
      expect(JSON.stringify(list.body)).not.toContain('shared');
      const stranger = await repository.request('mia', 'GET', '/hooks');
      expect(stranger.status).toBe(403);
      expect(
        (await repository.request('causeway', 'DELETE', path)).status,
      ).toBe(204);
      expect((await repository.request('causeway', 'GET', path)).status).toBe(
        404,
      );
    });

    it('are refused when they cannot work', async () => {
      const repository = await client().repository();
      const answers = [];
      for (const wrong of [
        { type: 'strange' },
        { type: undefined },
        { config: { url: 'http://127.0.0.1/' } },
        { config: { url: 'nowhere', content_type: 'json' } },
      ]) {
        const { status, body } = await repository.request(
          'causeway',
          'POST',
          '/hooks',
          { ...hookFor(['push']), ...wrong },
        );
        answers.push([status, body.message]);
      }
      expect(answers).toEqual([
        [422, 'Invalid hook type: strange'],
        [422, '[Type]: Required'],
        [422, 'Missing config option: content_type'],
        [422, 'Invalid url'],
      ]);
    });

    it('tell of a push, signed twice over the same bytes', async () => {
      const repository = await client().repository();
      await repository.request('causeway', 'POST', '/hooks', hookFor(['push']));
      const { body } = await repository.write('notes.md', 'note\n', {
        message: 'Take a note',
      });
      // The push before the hook was made may be told of as well.
      const push = await eventually(
        async () =>
          delivered.find(
            item => JSON.parse(item.body).after === body.commit.sha,
          ),
        found => found !== undefined,
      );
      if (!push) throw new Error('The push was not told of');
      const signature = createHmac('sha256', 'shared')
        .update(push.body)
        .digest('hex');
      expect(push.headers).toMatchObject({
        'content-type': 'application/json',
        'x-gitea-event': 'push',
        'x-gitea-event-type': 'push',
        'x-gitea-signature': signature,
        'x-hub-signature-256': `sha256=${signature}`,
      });
      expect(push.headers['x-gitea-delivery']).toMatch(/^[0-9a-f-]{36}$/);
      expect(JSON.parse(push.body)).toMatchObject({
        ref: 'refs/heads/main',
        after: body.commit.sha,
        total_commits: 1,
        commits: [
          {
            id: body.commit.sha,
            message: 'Take a note\n',
            added: ['notes.md'],
            author: { username: 'mia' },
          },
        ],
        head_commit: { id: body.commit.sha },
        repository: { name: repository.name },
        pusher: { login: 'mia' },
        sender: { login: 'mia' },
      });
    });

    it('tell the life of a pull request', async () => {
      const repository = await client().repository();
      await repository.request(
        'causeway',
        'POST',
        '/hooks',
        hookFor(['pull_request', 'status']),
      );
      const heard = async (...wanted: string[]) => {
        await arrived();
        expect(types()).toEqual(wanted);
        delivered = [];
      };
      const number = await repository.pull('one');
      await arrived();
      expect(JSON.parse(delivered[0].body)).toMatchObject({
        action: 'opened',
        number,
        pull_request: { number, head: { ref: 'one' }, base: { ref: 'main' } },
        sender: { login: 'mia' },
      });
      await heard('pull_request opened');

      await repository.request('mia', 'POST', '/contents/more', {
        content: base64('more\n'),
        message: 'More',
        branch: 'one',
      });
      await heard('pull_request_sync synchronized');

      await repository.request('jonas', 'POST', `/pulls/${number}/reviews`, {
        event: 'REQUEST_CHANGES',
        body: 'Please.',
      });
      await arrived();
      expect(delivered[0].headers['x-gitea-event']).toBe(
        'pull_request_rejected',
      );
      expect(JSON.parse(delivered[0].body).review).toEqual({
        type: 'pull_request_review_rejected',
        content: 'Please.',
      });
      await heard('pull_request_review_rejected reviewed');

      const { head } = (
        await repository.request('mia', 'GET', `/pulls/${number}`)
      ).body;
      await repository.request('mia', 'POST', `/statuses/${head.sha}`, {
        context: 'ci/release',
        state: 'success',
      });
      await arrived();
      expect(JSON.parse(delivered[0].body)).toMatchObject({
        sha: head.sha,
        state: 'success',
        context: 'ci/release',
        commit: { id: head.sha },
      });
      await heard('status');

      await repository.request('jonas', 'POST', `/pulls/${number}/reviews`, {
        event: 'APPROVED',
        body: '',
      });
      await heard('pull_request_review_approved reviewed');

      expect((await repository.merge('mia', number)).status).toBe(200);
      await arrived();
      expect(JSON.parse(delivered[0].body).pull_request.merged).toBe(true);
      await heard('pull_request closed');
    });
  });
}
