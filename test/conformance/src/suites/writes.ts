// SPDX-License-Identifier: Apache-2.0
import type { ApiClient } from '../ApiClient';
import { configMap, deployment, pod } from '../objects';

export function writes(client: () => ApiClient): void {
  describe('creating and updating', () => {
    let api: ApiClient;
    let namespace: string;
    let maps: string;
    let deployments: string;

    beforeEach(async () => {
      api = client();
      namespace = await api.newNamespace();
      maps = `/api/v1/namespaces/${namespace}/configmaps`;
      deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    });

    it('gives a new object its identity', async () => {
      const { code, body } = await api.post(maps, configMap('a', { x: '1' }));
      expect(code).toBe(201);
      expect(body).toMatchObject({
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: {
          name: 'a',
          namespace,
          uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
          resourceVersion: expect.stringMatching(/^\d+$/),
          creationTimestamp: expect.stringMatching(
            /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
          ),
        },
        data: { x: '1' },
      });
      expect(body.metadata).not.toHaveProperty('generation');
      const { managedFields: _fields, ...metadata } = body.metadata;
      const read = (await api.get(`${maps}/a`)).body;
      expect(read).toMatchObject({ ...body, metadata });
    });

    it('makes a name from generateName', async () => {
      const body = { metadata: { generateName: 'map-' } };
      const first = await api.post(maps, body);
      const second = await api.post(maps, body);
      expect(first.body.metadata.name).toMatch(/^map-[a-z0-9]{5}$/);
      expect(second.body.metadata.name).not.toBe(first.body.metadata.name);
    });

    it('refuses a second object of the same name', async () => {
      await api.post(maps, configMap('a'));
      const { code, body } = await api.post(maps, configMap('a'));
      expect(code).toBe(409);
      expect(body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'configmaps "a" already exists',
        reason: 'AlreadyExists',
        details: { name: 'a', kind: 'configmaps' },
        code: 409,
      });
    });

    it.each([
      ['a bad name', { metadata: { name: 'Not_A_Name' } }, 422, 'Invalid'],
      ['no name', { metadata: {} }, 422, 'Invalid'],
      [
        'another namespace',
        { metadata: { name: 'a', namespace: 'elsewhere' } },
        400,
        'BadRequest',
      ],
      [
        'another kind',
        { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'a' } },
        400,
        'BadRequest',
      ],
      [
        'another version',
        { kind: 'ConfigMap', apiVersion: 'v2', metadata: { name: 'a' } },
        400,
        'BadRequest',
      ],
      [
        'a key that is no file name',
        { metadata: { name: 'a' }, data: { 'a/b': '1' } },
        422,
        'Invalid',
      ],
      ['broken JSON', '{"metadata":', 400, 'BadRequest'],
    ])('refuses to create with %s', async (_why, given, code, reason) => {
      const answer = await api.post(maps, given);
      expect(answer.code).toBe(code);
      expect(answer.body).toMatchObject({ kind: 'Status', reason, code });
    });

    it('names each wrong field', async () => {
      const { body } = await api.post(maps, {
        metadata: { name: 'Not_A_Name' },
      });
      expect(body).toMatchObject({
        message: expect.stringMatching(
          /^ConfigMap "Not_A_Name" is invalid: metadata\.name: Invalid value: "Not_A_Name": /,
        ),
        details: {
          name: 'Not_A_Name',
          kind: 'ConfigMap',
          causes: [{ reason: 'FieldValueInvalid', field: 'metadata.name' }],
        },
      });
    });

    it('refuses objects for a namespace that is not there', async () => {
      const { code, body } = await api.post(
        '/api/v1/namespaces/nowhere/configmaps',
        configMap('a'),
      );
      expect(code).toBe(404);
      expect(body).toMatchObject({
        reason: 'NotFound',
        details: { name: 'nowhere', kind: 'namespaces' },
      });
    });

    it('does not take a resourceVersion for something new', async () => {
      const answer = await api.post(
        maps,
        configMap('a', {}, { resourceVersion: '5' }),
      );
      expect(answer.code).toBe(500);
      expect(answer.body.message).toBe(
        'resourceVersion should not be set on objects to be created',
      );
    });

    it('replaces what was read, and only that', async () => {
      const first = (await api.post(maps, configMap('a', { x: '1' }))).body;
      const fresh = await api.put(`${maps}/a`, { ...first, data: { x: '2' } });
      expect(fresh.code).toBe(200);
      expect(fresh.body.metadata.uid).toBe(first.metadata.uid);

      const late = await api.put(`${maps}/a`, { ...first, data: { x: '3' } });
      expect(late.code).toBe(409);
      expect(late.body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message:
          'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
        reason: 'Conflict',
        details: { name: 'a', kind: 'configmaps' },
        code: 409,
      });
      expect((await api.get(`${maps}/a`)).body.data).toEqual({ x: '2' });
    });

    it('overwrites without a version where the kind allows it', async () => {
      await api.post(maps, configMap('a', { x: '1' }));
      const { code, body } = await api.put(
        `${maps}/a`,
        configMap('a', { y: '2' }),
      );
      expect(code).toBe(200);
      expect(body.data).toEqual({ y: '2' });
    });

    it.each([
      ['another object under the name', { uid: 'other' }, 409, 'Conflict'],
      ['another name', { name: 'b' }, 400, 'BadRequest'],
    ])('refuses to replace by %s', async (_why, metadata, code, reason) => {
      await api.post(maps, configMap('a'));
      const answer = await api.put(`${maps}/a`, configMap('a', {}, metadata));
      expect(answer.code).toBe(code);
      expect(answer.body).toMatchObject({ reason });
    });

    it('does not create by replacing', async () => {
      const { code, body } = await api.put(`${maps}/a`, configMap('a'));
      expect(code).toBe(404);
      expect(body).toMatchObject({
        reason: 'NotFound',
        details: { name: 'a' },
      });
    });

    it('keeps what only the server sets', async () => {
      const { metadata } = (await api.post(maps, configMap('a'))).body;
      const creationTimestamp = '2001-01-01T00:00:00Z';
      const { code, body } = await api.put(
        `${maps}/a`,
        configMap('a', {}, { creationTimestamp, generation: 7 }),
      );
      expect(code).toBe(200);
      expect(body.metadata).toMatchObject({
        creationTimestamp: metadata.creationTimestamp,
      });
      expect(body.metadata).not.toHaveProperty('generation');
    });

    it('does not begin a deletion', async () => {
      await api.post(maps, configMap('a'));
      const deletionTimestamp = '2001-01-01T00:00:00Z';
      const { code, body } = await api.put(
        `${maps}/a`,
        configMap('a', {}, { deletionTimestamp }),
      );
      expect(code).toBe(422);
      expect(body).toMatchObject({
        details: {
          // The real server says it twice.
          causes: expect.arrayContaining([
            expect.objectContaining({ field: 'metadata.deletionTimestamp' }),
          ]),
        },
      });
    });

    it('counts changes of the specification, not of labels or status', async () => {
      const path = `${deployments}/web`;
      const created = await api.post(deployments, deployment('web'));
      expect(created.body.metadata.generation).toBe(1);
      const generation = async (body: object, at = path) =>
        (await api.patch(at, 'merge', body)).body.metadata.generation;
      const labels = { metadata: { labels: { a: 'b' } } };
      expect(await generation(labels)).toBe(1);
      expect(await generation({ spec: { paused: true } })).toBe(2);
      const status = { status: { observedGeneration: 1 } };
      expect(await generation(status, `${path}/status`)).toBe(2);
      expect(await generation({ spec: { paused: true } })).toBe(2);
    });

    it('fills in defaults', async () => {
      const { body } = await api.post(deployments, deployment('web'));
      expect(body.spec).toMatchObject({
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' },
        },
        template: {
          spec: {
            restartPolicy: 'Always',
            dnsPolicy: 'ClusterFirst',
            terminationGracePeriodSeconds: 30,
            schedulerName: 'default-scheduler',
            containers: [
              {
                imagePullPolicy: 'IfNotPresent',
                ports: [{ protocol: 'TCP', containerPort: 8080 }],
                resources: {},
                terminationMessagePolicy: 'File',
              },
            ],
          },
        },
      });
    });

    it('refuses a selector that changes or does not fit', async () => {
      await api.post(deployments, deployment('web'));
      const labels = { app: 'other' };
      const changed = await api.patch(`${deployments}/web`, 'merge', {
        spec: {
          selector: { matchLabels: labels },
          template: { metadata: { labels } },
        },
      });
      expect(changed.code).toBe(422);
      expect(changed.body).toMatchObject({
        message: expect.stringMatching(/field is immutable$/),
        details: {
          group: 'apps',
          kind: 'Deployment',
          causes: [{ reason: 'FieldValueInvalid', field: 'spec.selector' }],
        },
      });
      const unfit = await api.post(
        deployments,
        deployment('unfit', { selector: { matchLabels: labels } }),
      );
      expect(unfit.code).toBe(422);
      expect(unfit.body).toMatchObject({
        details: { causes: [{ field: 'spec.template.metadata.labels' }] },
      });
    });

    it('refuses to move a pod or to change its command', async () => {
      const pods = `/api/v1/namespaces/${namespace}/pods`;
      await api.post(pods, pod('a', {}, { nodeName: 'one' }));
      const { code, body } = await api.patch(`${pods}/a`, 'merge', {
        spec: { nodeName: 'two' },
      });
      expect(code).toBe(422);
      expect(body).toMatchObject({
        reason: 'Invalid',
        details: { causes: [{ reason: 'FieldValueForbidden', field: 'spec' }] },
      });
      const image = 'registry.example/app:2.0.0';
      const upgraded = await api.patch(`${pods}/a`, 'strategic', {
        spec: { containers: [{ name: 'main', image }] },
      });
      expect(upgraded.code).toBe(200);
      expect(upgraded.body.spec).toMatchObject({ containers: [{ image }] });
    });

    it('says what a write would do without doing it', async () => {
      const made = await api.post(`${maps}?dryRun=All`, configMap('a'));
      expect(made.code).toBe(201);
      expect(made.body.metadata.uid).toBeTruthy();
      expect((await api.get(`${maps}/a`)).code).toBe(404);
      const taken = await api.post(`${maps}?dryRun=Some`, configMap('a'));
      expect(taken.code).toBe(422);
    });

    it('never changes the type of a secret', async () => {
      const secrets = `/api/v1/namespaces/${namespace}/secrets`;
      await api.post(secrets, { metadata: { name: 'a' } });
      const { code, body } = await api.patch(`${secrets}/a`, 'merge', {
        type: 'example.dev/key',
      });
      expect(code).toBe(422);
      expect(body).toMatchObject({
        details: {
          causes: [
            {
              reason: 'FieldValueInvalid',
              field: 'type',
              message: 'Invalid value: "example.dev/key": field is immutable',
            },
          ],
        },
      });
    });

    it('turns stringData of a secret into data', async () => {
      const { body } = await api.post(
        `/api/v1/namespaces/${namespace}/secrets`,
        { metadata: { name: 'a' }, stringData: { key: 'value' } },
      );
      expect(body).toMatchObject({ type: 'Opaque', data: { key: 'dmFsdWU=' } });
      expect(body).not.toHaveProperty('stringData');
    });
  });
}
