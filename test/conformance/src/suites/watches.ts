// SPDX-License-Identifier: Apache-2.0
import type { ApiClient, Watch, WatchEvent } from '../ApiClient';
import { configMap } from '../objects';

const brief = ({ type, object }: WatchEvent) =>
  `${type} ${object.metadata.name}`;

export function watches(client: () => ApiClient): void {
  describe('watches', () => {
    let api: ApiClient;
    let maps: string;
    let open: Watch[];

    beforeEach(async () => {
      api = client();
      maps = `/api/v1/namespaces/${await api.newNamespace()}/configmaps`;
      open = [];
    });
    afterEach(() => open.forEach(one => one.close()));

    const OURS = `labelSelector=${encodeURIComponent('kind=test')}`;
    const ours = (name: string, labels: object = {}) =>
      configMap(name, {}, { labels: { kind: 'test', ...labels } });

    async function watch(query: string, headers?: object): Promise<Watch> {
      const watching = await api.watch(`${maps}?${query}`, { ...headers });
      open.push(watching);
      return watching;
    }

    async function newest(): Promise<string> {
      return (await api.get(maps)).body.metadata.resourceVersion;
    }

    it('follow a list from its version on', async () => {
      await api.post(maps, ours('before'));
      const watching = await watch(`${OURS}&resourceVersion=${await newest()}`);
      const created = await api.post(maps, ours('a'));
      const changed = await api.patch(`${maps}/a`, 'merge', {
        data: { x: '1' },
      });
      await api.delete(`${maps}/a`);

      const added = await watching.next();
      expect(added).toEqual({ type: 'ADDED', object: created.body });
      expect(added.object).toMatchObject({
        kind: 'ConfigMap',
        apiVersion: 'v1',
      });
      expect(await watching.next()).toEqual({
        type: 'MODIFIED',
        object: changed.body,
      });
      const deleted = await watching.next();
      expect(deleted).toMatchObject({
        type: 'DELETED',
        object: { data: { x: '1' } },
      });
      // A deletion has a version of its own, from which a watch can go on.
      expect(BigInt(deleted.object.metadata.resourceVersion)).toBeGreaterThan(
        BigInt(changed.body.metadata.resourceVersion),
      );
    });

    it('begin with what is there when no version is named', async () => {
      await api.post(maps, ours('a'));
      await api.post(maps, ours('b'));
      const watching = await watch(OURS);
      expect(brief(await watching.next())).toBe('ADDED a');
      expect(brief(await watching.next())).toBe('ADDED b');
      await api.post(maps, ours('c'));
      expect(brief(await watching.next())).toBe('ADDED c');
    });

    it('go on from any version seen', async () => {
      await api.post(maps, ours('a'));
      const { metadata } = (await api.post(maps, ours('b'))).body;
      await api.patch(`${maps}/a`, 'merge', { data: { x: '1' } });
      await api.delete(`${maps}/b`);
      const watching = await watch(
        `${OURS}&resourceVersion=${metadata.resourceVersion}`,
      );
      expect(brief(await watching.next())).toBe('MODIFIED a');
      expect(brief(await watching.next())).toBe('DELETED b');
    });

    it('tell what enters and leaves a selection', async () => {
      const watching = await watch(
        `labelSelector=colour%3Dred&resourceVersion=${await newest()}`,
      );
      const colour = (value: string) =>
        api.patch(`${maps}/a`, 'merge', {
          metadata: { labels: { colour: value } },
        });
      await api.post(maps, ours('a', { colour: 'blue' }));
      await colour('red');
      const left = await colour('green');
      const entered = await watching.next();
      expect(brief(entered)).toBe('ADDED a');
      const gone = await watching.next();
      expect(brief(gone)).toBe('DELETED a');
      expect(gone.object.metadata).toMatchObject({
        labels: { colour: 'red' },
        resourceVersion: left.body.metadata.resourceVersion,
      });
    });

    it('select by fields', async () => {
      const watching = await watch(
        `fieldSelector=metadata.name%3Db&resourceVersion=${await newest()}`,
      );
      await api.post(maps, ours('a'));
      await api.post(maps, ours('b'));
      expect(brief(await watching.next())).toBe('ADDED b');
    });

    it('send the state first when asked, and mark its end', async () => {
      await api.post(maps, ours('a'));
      const watching = await watch(
        `${OURS}&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`,
      );
      expect(brief(await watching.next())).toBe('ADDED a');
      const mark = await watching.next();
      expect(mark).toMatchObject({
        type: 'BOOKMARK',
        object: {
          kind: 'ConfigMap',
          apiVersion: 'v1',
          metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
        },
      });
      await api.post(maps, ours('b'));
      expect(brief(await watching.next())).toBe('ADDED b');
    });

    it('end in time, with a bookmark shortly before', async () => {
      const watching = await watch(
        `resourceVersion=${await newest()}&allowWatchBookmarks=true&timeoutSeconds=4&${OURS}`,
      );
      const { metadata } = (await api.post(maps, configMap('other'))).body;
      const events = await watching.rest();
      const last = events[events.length - 1];
      expect(last).toMatchObject({
        type: 'BOOKMARK',
        object: { kind: 'ConfigMap', apiVersion: 'v1' },
      });
      // It is newer than what the selection hid, which is what it is for.
      expect(
        BigInt(last.object.metadata.resourceVersion),
      ).toBeGreaterThanOrEqual(BigInt(metadata.resourceVersion));
    });

    it.each([
      'sendInitialEvents=true',
      'resourceVersionMatch=NotOlderThan&resourceVersion=1',
    ])('are refused with %s', async query => {
      const { code, body } = await api.get(`${maps}?watch=true&${query}`);
      expect(code).toBe(422);
      expect(body).toMatchObject({ reason: 'Invalid' });
    });

    it('speak in tables when asked, with columns once', async () => {
      const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
      const watching = await watch(
        `${OURS}&resourceVersion=${await newest()}`,
        table,
      );
      await api.post(maps, ours('a'));
      await api.post(maps, ours('b'));
      const first = await watching.next();
      expect(first.object).toMatchObject({
        kind: 'Table',
        columnDefinitions: expect.arrayContaining([
          expect.objectContaining({ name: 'Data' }),
        ]),
        rows: [{ cells: ['a', 0, expect.any(String)] }],
      });
      const second = await watching.next();
      expect(second.object.columnDefinitions ?? []).toEqual([]);
      expect(second.object).toMatchObject({
        rows: [{ cells: ['b', 0, expect.any(String)] }],
      });
    });
  });
}
