// SPDX-License-Identifier: Apache-2.0
import type { ApiClient } from '../ApiClient';
import { eventually } from '../eventually';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const REVIEWS = '/apis/authorization.k8s.io/v1';

export function access(client: () => ApiClient): void {
  describe('access', () => {
    let api: ApiClient;
    let namespace: string;

    beforeEach(async () => {
      api = client();
      namespace = await api.newNamespace();
    });

    const mayList = async (asker: ApiClient, resource: string) => {
      const { code, body } = await asker.post(
        `${REVIEWS}/selfsubjectaccessreviews`,
        {
          kind: 'SelfSubjectAccessReview',
          apiVersion: 'authorization.k8s.io/v1',
          spec: { resourceAttributes: { verb: 'list', resource, namespace } },
        },
      );
      expect(code).toBe(201);
      expect(body.kind).toBe('SelfSubjectAccessReview');
      return body.status;
    };

    it('is asked for oneself', async () => {
      expect(await mayList(api, 'pods')).toMatchObject({ allowed: true });
      expect(await mayList(api.as('nobody'), 'pods')).toMatchObject({
        allowed: false,
      });
    });

    it('is asked for somebody else', async () => {
      const { body } = await api.post(`${REVIEWS}/subjectaccessreviews`, {
        spec: {
          user: 'nobody',
          groups: ['system:masters'],
          resourceAttributes: { verb: 'list', resource: 'pods' },
        },
      });
      expect(body.status).toMatchObject({ allowed: true });
    });

    it('is given by roles', async () => {
      const user = `reader-of-${namespace}`;
      const within = `${RBAC}/namespaces/${namespace}`;
      await api.post(`${within}/roles`, {
        metadata: { name: 'reader' },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
      });
      await api.post(`${within}/rolebindings`, {
        metadata: { name: 'readers' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'Role',
          name: 'reader',
        },
        subjects: [
          { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user },
        ],
      });
      const reader = api.as(user);
      await eventually(
        () => reader.get(`/api/v1/namespaces/${namespace}/pods`),
        ({ code }) => code === 200,
      );
      expect(await mayList(reader, 'pods')).toMatchObject({ allowed: true });
      expect(await mayList(reader, 'secrets')).toMatchObject({
        allowed: false,
      });
      const elsewhere = await reader.get('/api/v1/pods');
      expect(elsewhere.code).toBe(403);

      const { body } = await reader.post(`${REVIEWS}/selfsubjectrulesreviews`, {
        spec: { namespace },
      });
      expect(body.status).toMatchObject({
        resourceRules: expect.arrayContaining([
          expect.objectContaining({ resources: ['pods'], verbs: ['list'] }),
        ]),
      });
    });

    it('belongs to the user one impersonates', async () => {
      const asSomebody = api.as('somebody', 'some-group');
      const { code, body } = await asSomebody.post(
        '/apis/authentication.k8s.io/v1/selfsubjectreviews',
        { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' },
      );
      expect(code).toBe(201);
      expect(body.status).toMatchObject({
        userInfo: {
          username: 'somebody',
          groups: ['some-group', 'system:authenticated'],
        },
      });
    });

    it('knows tokens', async () => {
      const path = '/apis/authentication.k8s.io/v1/tokenreviews';
      const review = async (token: string) =>
        (await api.post(path, { spec: { token } })).body.status;
      expect(await review(api.cluster.token)).toMatchObject({
        authenticated: true,
      });
      expect(await review('wrong')).not.toHaveProperty('authenticated', true);
    });

    it('to health and version needs no rights', async () => {
      for (const path of ['/readyz', '/livez', '/healthz', '/version']) {
        const answer = await api.as('nobody').get(path);
        expect(answer.code).toBe(200);
      }
    });
  });
}
