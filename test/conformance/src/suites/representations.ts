// SPDX-License-Identifier: Apache-2.0
import type { ApiClient } from '../ApiClient';
import { configMap, deployment, pod } from '../objects';

const AS_TABLE = {
  accept:
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json',
};
const AS_METADATA = {
  accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
};
const AS_METADATA_LIST = {
  accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
};

export function representations(client: () => ApiClient): void {
  describe('representations', () => {
    let api: ApiClient;
    let namespace: string;

    beforeEach(async () => {
      api = client();
      namespace = await api.newNamespace();
    });

    it('tables show pods as kubectl does', async () => {
      const pods = `/api/v1/namespaces/${namespace}/pods`;
      await api.post(pods, pod('a'));
      const { code, body } = await api.get(pods, AS_TABLE);
      expect(code).toBe(200);
      expect(body).toMatchObject({
        kind: 'Table',
        apiVersion: 'meta.k8s.io/v1',
      });
      expect(body.metadata.resourceVersion).toMatch(/^\d+$/);
      expect(columnsOf(body)).toEqual([
        ['Name', 'string', 'name', 0],
        ['Ready', 'string', '', 0],
        ['Status', 'string', '', 0],
        ['Restarts', 'string', '', 0],
        ['Age', 'string', '', 0],
        ['IP', 'string', '', 1],
        ['Node', 'string', '', 1],
        ['Nominated Node', 'string', '', 1],
        ['Readiness Gates', 'string', '', 1],
      ]);
      expect(rowsOf(body)).toMatchObject([
        {
          cells: [
            'a',
            '0/1',
            'Pending',
            '0',
            expect.stringMatching(/^\d+s$/),
            '<none>',
            '<none>',
            '<none>',
            '<none>',
          ],
          object: {
            kind: 'PartialObjectMetadata',
            apiVersion: 'meta.k8s.io/v1',
            metadata: { name: 'a', namespace },
          },
        },
      ]);
    });

    it('tables show deployments as kubectl does', async () => {
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
      await api.post(path, deployment('web'));
      const { body } = await api.get(`${path}/web`, AS_TABLE);
      expect(columnsOf(body).map(([name]) => name)).toEqual([
        'Name',
        'Ready',
        'Up-to-date',
        'Available',
        'Age',
        'Containers',
        'Images',
        'Selector',
      ]);
      expect(rowsOf(body)[0].cells).toEqual([
        'web',
        '0/0',
        0,
        0,
        expect.any(String),
        'main',
        'registry.example/app:1.0.0',
        'app=web',
      ]);
    });

    it.each([
      ['None', {}],
      ['Metadata', { kind: 'PartialObjectMetadata' }],
      ['Object', { kind: 'ConfigMap', data: { x: '1' } }],
    ])('tables carry what is asked for: %s', async (include, expected) => {
      const maps = `/api/v1/namespaces/${namespace}/configmaps`;
      await api.post(maps, configMap('a', { x: '1' }));
      const { body } = await api.get(
        `${maps}/a?includeObject=${include}`,
        AS_TABLE,
      );
      const [{ object }] = rowsOf(body);
      expect(object ?? {}).toMatchObject(expected);
      expect(object === undefined || object === null).toBe(include === 'None');
    });

    it('metadata alone', async () => {
      const maps = `/api/v1/namespaces/${namespace}/configmaps`;
      await api.post(maps, configMap('a', { x: '1' }));
      const one = await api.get(`${maps}/a`, AS_METADATA);
      expect(one.body).toMatchObject({
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { name: 'a', namespace },
      });
      expect(one.body).not.toHaveProperty('data');
      const all = await api.get(
        `${maps}?fieldSelector=metadata.name%3Da`,
        AS_METADATA_LIST,
      );
      expect(all.body).toMatchObject({
        kind: 'PartialObjectMetadataList',
        apiVersion: 'meta.k8s.io/v1',
        items: [{ metadata: { name: 'a' } }],
      });
    });

    it('events have two names', async () => {
      const events = `namespaces/${namespace}/events`;
      const created = await api.post(`/api/v1/${events}`, {
        metadata: { name: 'a', namespace },
        involvedObject: { kind: 'Pod', name: 'p', namespace },
        reason: 'Started',
        message: 'It started',
        type: 'Normal',
        count: 2,
        source: { component: 'tester' },
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:01:00Z',
      });
      expect(created.code).toBe(201);
      const { body } = await api.get(`/apis/events.k8s.io/v1/${events}/a`);
      expect(body).toMatchObject({
        kind: 'Event',
        apiVersion: 'events.k8s.io/v1',
        regarding: { kind: 'Pod', name: 'p' },
        note: 'It started',
        deprecatedCount: 2,
        deprecatedSource: { component: 'tester' },
      });
      const selected = await api.get(
        `/api/v1/${events}?fieldSelector=involvedObject.name%3Dp,type%3DNormal`,
      );
      expect(selected.body.items).toHaveLength(1);
    });
  });
}

interface Table {
  readonly columnDefinitions: readonly {
    readonly name: string;
    readonly type: string;
    readonly format: string;
    readonly priority: number;
  }[];
  readonly rows: readonly {
    readonly cells: readonly unknown[];
    readonly object?: unknown;
  }[];
}

function columnsOf(body: object) {
  return (body as Table).columnDefinitions.map(
    ({ name, type, format, priority }) => [name, type, format, priority],
  );
}

function rowsOf(body: object): Table['rows'] {
  return (body as Table).rows;
}
