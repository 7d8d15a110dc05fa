// SPDX-License-Identifier: Apache-2.0
import type { ApiClient, Answer } from '../ApiClient';
import { eventually } from '../eventually';
import { configMap, pod } from '../objects';

const names = ({ body }: Answer) => body.items?.map(item => item.metadata.name);

export function lists(client: () => ApiClient): void {
  describe('lists', () => {
    let api: ApiClient;
    let maps: string;
    let namespace: string;

    beforeEach(async () => {
      api = client();
      namespace = await api.newNamespace();
      maps = `/api/v1/namespaces/${namespace}/configmaps`;
    });

    const labels = (index: number) => ({
      labels: {
        kind: 'test',
        tier: index % 2 === 0 ? 'even' : 'odd',
        [`only-${index}`]: '',
      },
    });
    const notRoot = encodeURIComponent('metadata.name!=kube-root-ca.crt');

    async function fill(count: number): Promise<void> {
      for (let index = 0; index < count; index += 1) {
        await api.post(maps, configMap(`map-${index}`, {}, labels(index)));
      }
    }

    /** Controllers of a real cluster put a ConfigMap into each namespace. */
    const ours = 'labelSelector=kind%3Dtest';

    it('names the kind of the list, and not that of built-in items', async () => {
      await fill(2);
      const { code, body } = await api.get(`${maps}?${ours}`);
      expect(code).toBe(200);
      expect(body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
      expect(body.metadata.resourceVersion).toMatch(/^\d+$/);
      for (const item of body.items ?? []) {
        expect(item).not.toHaveProperty('kind');
        expect(item).not.toHaveProperty('apiVersion');
      }
    });

    it('answers with no items rather than without items', async () => {
      const { body } = await api.get(`${maps}?labelSelector=no%3Dsuch`);
      expect(body.items).toEqual([]);
    });

    it('sorts by namespace and name, over all namespaces too', async () => {
      await api.post(maps, configMap('b', {}, { labels: { run: namespace } }));
      await api.post(maps, configMap('a', {}, { labels: { run: namespace } }));
      const other = await api.newNamespace();
      await api.post(
        `/api/v1/namespaces/${other}/configmaps`,
        configMap('c', {}, { labels: { run: namespace } }),
      );
      const { body } = await api.get(
        `/api/v1/configmaps?labelSelector=run%3D${namespace}`,
      );
      const found = body.items?.map(
        ({ metadata }) => `${metadata.namespace}/${metadata.name}`,
      );
      expect(found).toEqual(
        [`${namespace}/a`, `${namespace}/b`, `${other}/c`].sort(),
      );
    });

    it.each([
      ['tier=even', ['map-0', 'map-2']],
      ['tier==odd', ['map-1']],
      ['tier!=odd,kind=test', ['map-0', 'map-2']],
      ['tier in (odd,none)', ['map-1']],
      ['tier notin (odd),kind', ['map-0', 'map-2']],
      ['only-1', ['map-1']],
      ['!only-1,kind=test', ['map-0', 'map-2']],
      ['only-1=', ['map-1']],
    ])('selects by labels: %s', async (selector, expected) => {
      await fill(3);
      const query = `labelSelector=${encodeURIComponent(selector)}`;
      expect(names(await api.get(`${maps}?${query}`))).toEqual(expected);
    });

    it.each([
      ['metadata.name=map-1', ['map-1']],
      ['metadata.name!=map-1', ['map-0', 'map-2']],
      ['metadata.name=map-1,metadata.namespace=elsewhere', []],
    ])('selects by fields: %s', async (selector, expected) => {
      await fill(3);
      const query = `${ours}&fieldSelector=${encodeURIComponent(selector)}`;
      expect(names(await api.get(`${maps}?${query}`))).toEqual(expected);
    });

    it('selects pods by node and phase', async () => {
      const pods = `/api/v1/namespaces/${namespace}/pods`;
      await api.post(pods, pod('bound', {}, { nodeName: 'somewhere' }));
      await api.post(pods, pod('free'));
      const select = async (fields: string) =>
        names(
          await api.get(`${pods}?fieldSelector=${encodeURIComponent(fields)}`),
        );
      expect(await select('spec.nodeName=')).toEqual(['free']);
      expect(await select('spec.nodeName=,status.phase=Pending')).toEqual([
        'free',
      ]);
      expect(await select('spec.nodeName=,status.phase!=Pending')).toEqual([]);
    });

    it.each([
      'fieldSelector=spec.nothing%3Da',
      'labelSelector=a%3D%3D%3Db',
      'continue=nonsense',
      'resourceVersion=nonsense',
    ])('refuses a query it cannot read: %s', async query => {
      const { code, body } = await api.get(`${maps}?${query}`);
      expect(code).toBe(400);
      expect(body).toMatchObject({ kind: 'Status', reason: 'BadRequest' });
    });

    it('pages through one consistent state', async () => {
      await fill(5);
      const first = await api.get(`${maps}?limit=2&fieldSelector=${notRoot}`);
      expect(names(first)).toEqual(['map-0', 'map-1']);
      expect(first.body.metadata.continue).toBeTruthy();

      await api.post(maps, configMap('map-1a', {}, labels(9)));
      await api.delete(`${maps}/map-4`);

      const rest = await readPages(first);
      expect(rest.map(names)).toEqual([['map-2', 'map-3'], ['map-4']]);
      for (const page of rest) {
        expect(page.body.metadata.resourceVersion).toBe(
          first.body.metadata.resourceVersion,
        );
      }
      expect(rest[1].body.metadata).not.toHaveProperty('continue');
    });

    async function readPages(first: Answer): Promise<Answer[]> {
      const pages: Answer[] = [];
      let token = first.body.metadata.continue;
      while (token) {
        const page = await api.get(
          `${maps}?limit=2&fieldSelector=${notRoot}&continue=${token}`,
        );
        pages.push(page);
        token = page.body.metadata.continue;
      }
      return pages;
    }

    it('counts what remains, unless a selector makes that unknown', async () => {
      const pods = `/api/v1/namespaces/${namespace}/pods`;
      for (const name of ['a', 'b', 'c']) await api.post(pods, pod(name));
      const page = await api.get(`${pods}?limit=1`);
      expect(page.body.metadata.remainingItemCount).toBe(2);
      const selected = await api.get(
        `${pods}?limit=1&fieldSelector=status.phase%3DPending`,
      );
      expect(selected.body.metadata.continue).toBeTruthy();
      expect(selected.body.metadata).not.toHaveProperty('remainingItemCount');
    });

    it('answers 410 for a continued list whose state is forgotten, with a way on', async () => {
      const pods = `/api/v1/namespaces/${namespace}/pods`;
      for (const name of ['a', 'b', 'c']) await api.post(pods, pod(name));
      const first = await api.get(`${pods}?limit=1`);
      const token = first.body.metadata.continue;
      await api.post(pods, pod('b1'));
      await api.cluster.compact();
      const late = await eventually(
        () => api.get(`${pods}?limit=1&continue=${token}`),
        ({ code }) => code !== 200,
      );
      expect(late.code).toBe(410);
      expect(late.body).toMatchObject({ kind: 'Status', reason: 'Expired' });
      const wayOn = late.body.metadata.continue;
      const rest = await api.get(`${pods}?continue=${wayOn}`);
      expect(names(rest)).toEqual(['b', 'b1', 'c']);
    });
  });
}
