// SPDX-License-Identifier: Apache-2.0
import type { ApiClient } from '../ApiClient';

interface Resource {
  readonly name: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
}

export function discovery(client: () => ApiClient): void {
  describe('discovery', () => {
    const resources = async (path: string) => {
      const { body } = await client().get(path);
      return body.resources as Resource[];
    };

    it('names the versions of the core group', async () => {
      const { body } = await client().get('/api');
      expect(body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    });

    it('names all groups with the version to prefer', async () => {
      const { body } = await client().get('/apis');
      expect(body).toMatchObject({ kind: 'APIGroupList', apiVersion: 'v1' });
      const groups = body.groups as { readonly name: string }[];
      const found = groups.find(({ name }) => name === 'apps');
      expect(found).toEqual({
        name: 'apps',
        versions: [{ groupVersion: 'apps/v1', version: 'v1' }],
        preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
      });
      const one = await client().get('/apis/apps');
      expect(one.body).toMatchObject({ kind: 'APIGroup', name: 'apps' });
    });

    it.each([
      [
        '/api/v1',
        {
          name: 'pods',
          singularName: 'pod',
          namespaced: true,
          kind: 'Pod',
          shortNames: ['po'],
        },
      ],
      [
        '/api/v1',
        { name: 'pods/log', namespaced: true, kind: 'Pod', verbs: ['get'] },
      ],
      [
        '/api/v1',
        {
          name: 'pods/eviction',
          kind: 'Eviction',
          group: 'policy',
          version: 'v1',
          verbs: ['create'],
        },
      ],
      ['/api/v1', { name: 'nodes', namespaced: false, shortNames: ['no'] }],
      [
        '/api/v1',
        { name: 'namespaces/status', verbs: ['get', 'patch', 'update'] },
      ],
      [
        '/apis/apps/v1',
        {
          name: 'deployments',
          singularName: 'deployment',
          kind: 'Deployment',
          shortNames: ['deploy'],
          categories: ['all'],
          verbs: [
            'create',
            'delete',
            'deletecollection',
            'get',
            'list',
            'patch',
            'update',
            'watch',
          ],
        },
      ],
      [
        '/apis/apps/v1',
        {
          name: 'deployments/scale',
          group: 'autoscaling',
          version: 'v1',
          kind: 'Scale',
        },
      ],
    ])('%s describes %j', async (path, expected) => {
      const found = (await resources(path)).find(
        ({ name }) => name === expected.name,
      );
      expect(found).toMatchObject(expected);
    });

    it('tells the version', async () => {
      const { body } = await client().get('/version');
      expect(body).toMatchObject({ major: '1', minor: '36' });
    });
  });
}
