// SPDX-License-Identifier: Apache-2.0
import type { ApiClient } from '../ApiClient';
import { configMap, deployment } from '../objects';

export function patches(client: () => ApiClient): void {
  describe('patches', () => {
    let api: ApiClient;
    let maps: string;
    let map: string;
    let deployments: string;
    let web: string;

    beforeEach(async () => {
      api = client();
      const namespace = await api.newNamespace();
      maps = `/api/v1/namespaces/${namespace}/configmaps`;
      map = `${maps}/a`;
      deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
      web = `${deployments}/web`;
    });

    it('by operations (JSON Patch)', async () => {
      const annotations = { 'example.dev/a': '1', 'example.dev/b': '2' };
      await api.post(maps, configMap('a', { x: '1' }, { annotations }));
      const { code, body } = await api.patch(map, 'json', [
        { op: 'test', path: '/data/x', value: '1' },
        { op: 'replace', path: '/data/x', value: '3' },
        { op: 'add', path: '/data/y', value: '4' },
        { op: 'remove', path: '/metadata/annotations/example.dev~1a' },
        { op: 'copy', from: '/data/y', path: '/data/z' },
        { op: 'move', from: '/data/z', path: '/data/w' },
        { op: 'add', path: '/metadata/labels', value: { l: 'm' } },
      ]);
      expect(code).toBe(200);
      expect(body.data).toEqual({ x: '3', y: '4', w: '4' });
      expect(body.metadata).toMatchObject({
        labels: { l: 'm' },
        annotations: { 'example.dev/b': '2' },
      });
    });

    it('by operations on lists', async () => {
      await api.post(deployments, deployment('web'));
      const env = '/spec/template/spec/containers/0/env';
      const { body } = await api.patch(web, 'json', [
        { op: 'add', path: `${env}/0`, value: { name: 'FIRST' } },
        { op: 'add', path: `${env}/-`, value: { name: 'LAST' } },
        { op: 'replace', path: `${env}/1/value`, value: 'changed' },
      ]);
      expect(environmentOf(body)).toEqual([
        { name: 'FIRST' },
        { name: 'MODE', value: 'changed' },
        { name: 'LAST' },
      ]);
    });

    it.each([
      ['a failed test', [{ op: 'test', path: '/data/x', value: '2' }], 422],
      ['a missing path', [{ op: 'remove', path: '/data/nothing' }], 422],
      ['an unknown operation', [{ op: 'turn', path: '/data/x' }], 422],
      ['something that is no list', { op: 'remove', path: '/data/x' }, 400],
      ['broken JSON', '[{', 400],
    ])('change nothing with %s', async (_why, patch, code) => {
      await api.post(maps, configMap('a', { x: '1' }));
      const answer = await api.patch(map, 'json', patch);
      expect(answer.code).toBe(code);
      expect(answer.body).toMatchObject({ kind: 'Status', code });
      expect((await api.get(map)).body.data).toEqual({ x: '1' });
    });

    it('by merging (JSON Merge Patch): null removes, lists are replaced', async () => {
      await api.post(deployments, deployment('web'));
      await api.patch(web, 'merge', {
        metadata: { labels: { keep: 'a', drop: 'b' } },
      });
      const { code, body } = await api.patch(web, 'merge', {
        metadata: { labels: { drop: null } },
        spec: {
          template: {
            spec: {
              containers: [
                { name: 'other', image: 'registry.example/app:2.0.0' },
              ],
            },
          },
        },
      });
      expect(code).toBe(200);
      expect(body.metadata.labels).toEqual({ keep: 'a' });
      expect(containersOf(body).map(({ name }) => name)).toEqual(['other']);
    });

    it('by merging lists by key (strategic merge patch)', async () => {
      await api.post(deployments, deployment('web'));
      const { code, body } = await api.patch(web, 'strategic', {
        spec: {
          template: {
            spec: {
              containers: [
                {
                  name: 'main',
                  image: 'registry.example/app:2.0.0',
                  env: [{ name: 'EXTRA', value: 'x' }],
                },
                { name: 'second', image: 'registry.example/side:1.0.0' },
              ],
            },
          },
        },
      });
      expect(code).toBe(200);
      const [main, ...others] = containersOf(body);
      expect(main.image).toBe('registry.example/app:2.0.0');
      expect(main.ports).toHaveLength(1);
      expect(namesIn(main.env)).toEqual(['EXTRA', 'MODE']);
      expect(others.map(({ name }) => name)).toEqual(['second']);
    });

    it.each([
      ['deletes an item', { env: [{ name: 'MODE', $patch: 'delete' }] }, []],
      [
        'replaces a list',
        { env: [{ name: 'NEW', value: '1' }, { $patch: 'replace' }] },
        ['NEW'],
      ],
      [
        'orders a list',
        {
          '$setElementOrder/env': [{ name: 'EXTRA' }, { name: 'MODE' }],
          env: [{ name: 'EXTRA', value: '1' }],
        },
        ['EXTRA', 'MODE'],
      ],
      [
        'deletes and adds in order, as kubectl apply does',
        {
          '$setElementOrder/env': [{ name: 'B' }, { name: 'A' }],
          env: [
            { name: 'B', value: '2' },
            { name: 'A', value: '1' },
            { name: 'MODE', $patch: 'delete' },
          ],
        },
        ['B', 'A'],
      ],
    ])('by a directive that %s', async (_what, container, expected) => {
      await api.post(deployments, deployment('web'));
      const { code, body } = await api.patch(web, 'strategic', {
        spec: {
          template: { spec: { containers: [{ name: 'main', ...container }] } },
        },
      });
      expect(code).toBe(200);
      expect(namesIn(containersOf(body)[0].env)).toEqual(expected);
    });

    it('by a directive that keeps only some fields', async () => {
      await api.post(deployments, deployment('web'));
      const { code, body } = await api.patch(web, 'strategic', {
        spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
      });
      expect(code).toBe(200);
      expect(body.spec).toMatchObject({ strategy: { type: 'Recreate' } });
      expect(body.spec).not.toHaveProperty('strategy.rollingUpdate');
    });

    it('by directives for lists of plain values', async () => {
      const finalizers = ['example.dev/one', 'example.dev/two'];
      await api.post(maps, configMap('a', {}, { finalizers }));
      const { body } = await api.patch(map, 'strategic', {
        metadata: {
          '$deleteFromPrimitiveList/finalizers': ['example.dev/one'],
          finalizers: ['example.dev/three'],
        },
      });
      expect(body.metadata.finalizers).toEqual([
        'example.dev/three',
        'example.dev/two',
      ]);
      await api.patch(map, 'merge', { metadata: { finalizers: null } });
    });

    it.each(['merge', 'strategic'] as const)(
      'check a version they carry (%s)',
      async kind => {
        const { body } = await api.post(maps, configMap('a', { x: '1' }));
        const { resourceVersion } = body.metadata;
        const write = (x: string) =>
          api.patch(map, kind, { metadata: { resourceVersion }, data: { x } });
        expect((await write('2')).code).toBe(200);
        const late = await write('3');
        expect(late.code).toBe(409);
        expect(late.body).toMatchObject({ reason: 'Conflict' });
      },
    );

    it('do not change the identity of an object', async () => {
      await api.post(maps, configMap('a'));
      const uid = await api.patch(map, 'merge', { metadata: { uid: 'other' } });
      expect(uid.code).toBe(422);
      const name = await api.patch(map, 'merge', { metadata: { name: 'b' } });
      expect(name.code).toBe(400);
    });

    it('of something that is not there answer 404', async () => {
      const { code, body } = await api.patch(map, 'merge', { data: {} });
      expect(code).toBe(404);
      expect(body).toMatchObject({ reason: 'NotFound' });
    });

    it('of an unknown kind are refused', async () => {
      await api.post(maps, configMap('a'));
      const { code, body } = await api.send('PATCH', map, '{}', {
        'content-type': 'application/unknown',
      });
      expect(code).toBe(415);
      expect(body).toMatchObject({ reason: 'UnsupportedMediaType' });
    });
  });
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly Named[];
  readonly ports?: readonly unknown[];
}

interface Named {
  readonly name: string;
}

interface PodTemplate {
  readonly template: { readonly spec: { readonly containers: Container[] } };
}

function containersOf(body: { readonly spec?: unknown }): Container[] {
  const { template } = body.spec as PodTemplate;
  return template.spec.containers;
}

function environmentOf(body: { readonly spec?: unknown }): unknown {
  return containersOf(body)[0].env;
}

function namesIn(list: readonly Named[] = []): string[] {
  return list.map(({ name }) => name);
}
