// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type { ApiClient } from '../ApiClient';
import { eventually } from '../eventually';

export function customResources(client: () => ApiClient): void {
  describe('custom resources', () => {
    const DEFINITIONS =
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const group = `test-${randomUUID().slice(0, 8)}.example.dev`;
    let api: ApiClient;
    let lamps: string;

    beforeAll(async () => {
      api = client();
      const { code, text } = await api.post(DEFINITIONS, definition(group));
      if (code !== 201) throw new Error(text);
      await eventually(
        () => api.get(`${DEFINITIONS}/lamps.${group}`),
        ({ body }) => JSON.stringify(body.status).includes('"Established"'),
      );
      await eventually(
        () => api.get(`/apis/${group}/v1/lamps`),
        answer => answer.code === 200,
      );
    });

    beforeEach(async () => {
      lamps = `/apis/${group}/v1/namespaces/${await api.newNamespace()}/lamps`;
    });

    const lamp = (name: string, spec: object = { watts: 5 }) => ({
      kind: 'Lamp',
      apiVersion: `${group}/v1`,
      metadata: { name },
      spec,
    });

    it('are established under the names of their definition', async () => {
      const { body } = await api.get(`${DEFINITIONS}/lamps.${group}`);
      expect(body.status).toMatchObject({
        acceptedNames: {
          kind: 'Lamp',
          listKind: 'LampList',
          plural: 'lamps',
          singular: 'lamp',
        },
        storedVersions: ['v1'],
        conditions: expect.arrayContaining([
          expect.objectContaining({ type: 'NamesAccepted', status: 'True' }),
          expect.objectContaining({ type: 'Established', status: 'True' }),
        ]),
      });
    });

    it('are discovered like built-in kinds', async () => {
      const { body } = await eventually(
        () => api.get(`/apis/${group}/v1`),
        answer => answer.code === 200,
      );
      expect(body).toMatchObject({
        kind: 'APIResourceList',
        groupVersion: `${group}/v1`,
      });
      const resources = body.resources as { readonly name: string }[];
      expect(resources.map(({ name }) => name).sort()).toEqual([
        'lamps',
        'lamps/scale',
        'lamps/status',
      ]);
      expect(resources.find(({ name }) => name === 'lamps')).toMatchObject({
        singularName: 'lamp',
        kind: 'Lamp',
        namespaced: true,
        shortNames: ['lp'],
      });
      const groups = await eventually(
        () => api.get('/apis'),
        answer => answer.text.includes(group),
      );
      expect(groups.body.groups).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            name: group,
            preferredVersion: { groupVersion: `${group}/v1`, version: 'v1' },
          }),
        ]),
      );
    });

    it('are stored without unknown fields, with defaults', async () => {
      const { code, body } = await api.post(
        lamps,
        lamp('a', { watts: 5, unknown: true, free: { any: 'thing' } }),
      );
      expect(code).toBe(201);
      expect(body).toMatchObject({ kind: 'Lamp', apiVersion: `${group}/v1` });
      expect(body.metadata.generation).toBe(1);
      expect(body.spec).toEqual({
        watts: 5,
        colour: 'warm',
        replicas: 1,
        free: { any: 'thing' },
      });
    });

    it('carry their kind in lists, too', async () => {
      await api.post(lamps, lamp('a'));
      const { body } = await api.get(lamps);
      expect(body).toMatchObject({
        kind: 'LampList',
        apiVersion: `${group}/v1`,
        items: [{ kind: 'Lamp', apiVersion: `${group}/v1` }],
      });
    });

    it.each([
      ['a wrong type', { watts: 'many' }, 'spec.watts'],
      ['a missing field', { colour: 'cold' }, 'spec.watts'],
      ['a value too small', { watts: 0 }, 'spec.watts'],
      ['a value not offered', { watts: 5, colour: 'loud' }, 'spec.colour'],
    ])('are refused with %s', async (_why, spec, field) => {
      const { code, body } = await api.post(lamps, lamp('a', spec));
      expect(code).toBe(422);
      expect(body).toMatchObject({
        reason: 'Invalid',
        details: {
          name: 'a',
          group,
          kind: 'Lamp',
          causes: expect.arrayContaining([expect.objectContaining({ field })]),
        },
      });
    });

    it('separate status from the rest', async () => {
      const created = await api.post(lamps, {
        ...lamp('a'),
        status: { lit: true },
      });
      expect(created.body).not.toHaveProperty('status');
      const main = await api.patch(`${lamps}/a`, 'merge', {
        status: { lit: true },
      });
      expect(main.body).not.toHaveProperty('status');
      const status = await api.patch(`${lamps}/a/status`, 'merge', {
        spec: { watts: 60 },
        metadata: { labels: { a: 'b' } },
        status: { lit: true },
      });
      expect(status.body).toMatchObject({
        spec: { watts: 5 },
        status: { lit: true },
      });
      expect(status.body.metadata).not.toHaveProperty('labels');
      expect(status.body.metadata.generation).toBe(1);
      const changed = await api.patch(`${lamps}/a`, 'merge', {
        spec: { watts: 6 },
      });
      expect(changed.body.metadata.generation).toBe(2);
    });

    it('are replaced only by who knows their version', async () => {
      await api.post(lamps, lamp('a'));
      const blind = await api.put(`${lamps}/a`, lamp('a', { watts: 7 }));
      expect(blind.code).toBe(422);
      expect(blind.body).toMatchObject({
        details: { causes: [{ field: 'metadata.resourceVersion' }] },
      });
      const { body } = await api.get(`${lamps}/a`);
      const seeing = await api.put(`${lamps}/a`, {
        ...body,
        spec: { watts: 7 },
      });
      expect(seeing.code).toBe(200);
    });

    it('take merge and JSON patches, and no strategic ones', async () => {
      await api.post(lamps, lamp('a'));
      const path = `${lamps}/a`;
      const merged = await api.patch(path, 'merge', { spec: { watts: 8 } });
      expect(merged.body.spec).toMatchObject({ watts: 8 });
      const operations = [{ op: 'replace', path: '/spec/watts', value: 9 }];
      const patched = await api.patch(path, 'json', operations);
      expect(patched.body.spec).toMatchObject({ watts: 9 });
      const strategic = await api.patch(path, 'strategic', {});
      expect(strategic.code).toBe(415);
      expect(strategic.body).toMatchObject({ reason: 'UnsupportedMediaType' });
    });

    it('scale by the paths of their definition', async () => {
      await api.post(lamps, lamp('a'));
      await api.patch(`${lamps}/a/status`, 'merge', { status: { count: 1 } });
      const { body } = await api.patch(`${lamps}/a/scale`, 'merge', {
        spec: { replicas: 4 },
      });
      expect(body).toMatchObject({
        kind: 'Scale',
        spec: { replicas: 4 },
        status: { replicas: 1 },
      });
      expect((await api.get(`${lamps}/a`)).body.spec).toMatchObject({
        replicas: 4,
      });
    });

    it('show the columns of their definition', async () => {
      await api.post(lamps, lamp('a'));
      await api.patch(`${lamps}/a/status`, 'merge', {
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      });
      const { body } = await api.get(lamps, {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
      });
      expect(body).toMatchObject({
        kind: 'Table',
        apiVersion: 'meta.k8s.io/v1',
        columnDefinitions: [
          { name: 'Name', type: 'string', format: 'name', priority: 0 },
          { name: 'Watts', type: 'integer', priority: 0 },
          { name: 'Ready', type: 'string', priority: 0 },
          { name: 'Colour', type: 'string', priority: 1 },
        ],
        rows: [{ cells: ['a', 5, 'True', 'warm'] }],
      });
    });

    it('are watched', async () => {
      const { resourceVersion } = (await api.get(lamps)).body.metadata;
      const watching = await api.watch(
        `${lamps}?resourceVersion=${resourceVersion}`,
      );
      const { body } = await api.post(lamps, lamp('a'));
      expect(await watching.next()).toEqual({ type: 'ADDED', object: body });
      watching.close();
    });

    it('answer 410 in the stream for a watch from a version before their history', async () => {
      const watching = await api.watch(`${lamps}?resourceVersion=1`);
      const events = await watching.rest();
      expect(events).toEqual([
        {
          type: 'ERROR',
          object: {
            kind: 'Status',
            apiVersion: 'v1',
            metadata: {},
            status: 'Failure',
            message: expect.stringMatching(
              /^too old resource version: 1 \(\d+\)$/,
            ),
            reason: 'Expired',
            code: 410,
          },
        },
      ]);
    });

    it('go with their definition', async () => {
      const own = `gone-${randomUUID().slice(0, 8)}.example.dev`;
      await api.post(DEFINITIONS, definition(own));
      const path = `/apis/${own}/v1/namespaces/default/lamps`;
      await eventually(
        () => api.post(path, { ...lamp('a'), apiVersion: `${own}/v1` }),
        ({ code }) => code === 201,
      );
      const deleted = await api.delete(`${DEFINITIONS}/lamps.${own}`);
      expect(deleted.code).toBe(200);
      await eventually(
        () => api.get(`${DEFINITIONS}/lamps.${own}`),
        ({ code }) => code === 404,
      );
      await eventually(
        () => api.get(path),
        ({ code }) => code === 404,
      );
    });

    it('are refused with a name that does not fit their definition', async () => {
      const { code, body } = await api.post(DEFINITIONS, {
        ...definition(group),
        metadata: { name: `torches.${group}` },
      });
      expect(code).toBe(422);
      expect(body).toMatchObject({
        details: {
          causes: expect.arrayContaining([
            expect.objectContaining({ field: 'metadata.name' }),
          ]),
        },
      });
    });
  });
}

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['watts'],
      properties: {
        watts: { type: 'integer', minimum: 1 },
        colour: { type: 'string', enum: ['warm', 'cold'], default: 'warm' },
        replicas: { type: 'integer', default: 1 },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
    status: {
      type: 'object',
      properties: {
        lit: { type: 'boolean' },
        count: { type: 'integer' },
        conditions: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              type: { type: 'string' },
              status: { type: 'string' },
            },
          },
        },
      },
    },
  },
};

function definition(group: string) {
  return {
    kind: 'CustomResourceDefinition',
    apiVersion: 'apiextensions.k8s.io/v1',
    metadata: { name: `lamps.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Lamp', plural: 'lamps', shortNames: ['lp'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.count',
            },
          },
          additionalPrinterColumns: [
            { name: 'Watts', type: 'integer', jsonPath: '.spec.watts' },
            {
              name: 'Ready',
              type: 'string',
              jsonPath: '.status.conditions[?(@.type=="Ready")].status',
            },
            {
              name: 'Colour',
              type: 'string',
              jsonPath: '.spec.colour',
              priority: 1,
            },
          ],
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  };
}
