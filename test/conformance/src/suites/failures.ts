// SPDX-License-Identifier: Apache-2.0
import type { ApiClient } from '../ApiClient';
import { configMap } from '../objects';

export function failures(client: () => ApiClient): void {
  describe('failures', () => {
    let api: ApiClient;
    let maps: string;

    beforeEach(async () => {
      api = client();
      maps = `/api/v1/namespaces/${await api.newNamespace()}/configmaps`;
    });

    it('401 for a token nobody has', async () => {
      const { code, body } = await api.get('/api/v1/pods', {
        authorization: 'Bearer wrong',
      });
      expect(code).toBe(401);
      expect(body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'Unauthorized',
        reason: 'Unauthorized',
        code: 401,
      });
    });

    it('403 for somebody without rights', async () => {
      const { code, body } = await api
        .as('nobody')
        .get('/api/v1/namespaces/default/pods');
      expect(code).toBe(403);
      expect(body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message:
          'pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "default"',
        reason: 'Forbidden',
        details: { kind: 'pods' },
        code: 403,
      });
      const named = await api
        .as('nobody')
        .delete('/apis/apps/v1/namespaces/default/deployments/web');
      expect(named.body).toMatchObject({
        message:
          'deployments.apps "web" is forbidden: User "nobody" cannot delete resource "deployments" in API group "apps" in the namespace "default"',
        details: { name: 'web', group: 'apps', kind: 'deployments' },
      });
      const everywhere = await api.as('nobody').get('/api/v1/nodes');
      expect(everywhere.body.message).toBe(
        'nodes is forbidden: User "nobody" cannot list resource "nodes" in API group "" at the cluster scope',
      );
    });

    it('404 for an object that is not there', async () => {
      const { code, body } = await api.get(
        '/apis/apps/v1/namespaces/default/deployments/nothing',
      );
      expect(code).toBe(404);
      expect(body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'deployments.apps "nothing" not found',
        reason: 'NotFound',
        details: { name: 'nothing', group: 'apps', kind: 'deployments' },
        code: 404,
      });
    });

    it('404 for a kind that is not there', async () => {
      expect((await api.get('/apis/no.such.group/v1/things')).code).toBe(404);
      expect((await api.get('/api/v1/things')).code).toBe(404);
      expect((await api.get('/nothing')).code).toBe(404);
    });

    it('405 for what cannot be done to a resource', async () => {
      const { code, body } = await api.put(maps, configMap('a'));
      expect(code).toBe(405);
      expect(body).toMatchObject({
        message:
          'the server does not allow this method on the requested resource',
        reason: 'MethodNotAllowed',
        code: 405,
      });
    });

    it('406 for a form that is not offered', async () => {
      const { code, body } = await api.get(maps, { accept: 'text/csv' });
      expect(code).toBe(406);
      expect(body).toMatchObject({ reason: 'NotAcceptable', code: 406 });
    });

    it('413 for a body that is too large', async () => {
      const { code, body } = await api.post(
        maps,
        configMap('a', { x: 'x'.repeat(3 * 1024 * 1024) }),
      );
      expect(code).toBe(413);
      expect(body).toMatchObject({
        message: 'Request entity too large: limit is 3145728',
        reason: 'RequestEntityTooLarge',
        code: 413,
      });
    });

    it('415 for a format that is not offered', async () => {
      const { code, body } = await api.send('POST', maps, '<a/>', {
        'content-type': 'text/xml',
      });
      expect(code).toBe(415);
      expect(body).toMatchObject({ reason: 'UnsupportedMediaType', code: 415 });
    });
  });
}
