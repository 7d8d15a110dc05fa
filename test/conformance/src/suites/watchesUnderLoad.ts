// SPDX-License-Identifier: Apache-2.0
import type { ApiClient, Watch, WatchEvent } from '../ApiClient';
import { configMap } from '../objects';

const WRITERS = 20;
const CHANGES = 100;
const METADATA = {
  accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
};

const versionOf = ({ object }: WatchEvent) =>
  BigInt(object.metadata.resourceVersion);

/** 2,000 writes of many clients at once, followed by five watches: 10,000 events. */
export function watchesUnderLoad(client: () => ApiClient): void {
  describe('watches under load', () => {
    let api: ApiClient;
    let maps: string;
    let start: string;

    beforeEach(async () => {
      api = client();
      maps = `/api/v1/namespaces/${await api.newNamespace()}/configmaps`;
      start = (await api.get(maps)).body.metadata.resourceVersion;
    });

    const labelled = 'labelSelector=writer';

    /** Creates an object and changes it, one change after the other. */
    async function change(writer: number): Promise<void> {
      const name = `map-${writer}`;
      const numbered = (number: number) => ({
        metadata: { annotations: { change: String(number) } },
      });
      const labels = { writer: writer % 2 === 0 ? 'even' : 'odd' };
      await api.post(
        maps,
        configMap(name, {}, { labels, ...numbered(1).metadata }),
      );
      for (let number = 2; number < CHANGES; number += 1) {
        const answer = await api.patch(
          `${maps}/${name}`,
          'merge',
          numbered(number),
        );
        expect(answer.code).toBe(200);
      }
    }

    const remove = (writer: number) => api.delete(`${maps}/map-${writer}`);

    const open = (query: string, headers?: object): Promise<Watch> =>
      api.watch(`${maps}?${query}`, { ...headers });

    /** Reads until every object of the selection is gone. */
    async function readAll(
      watching: Watch,
      objects: number,
    ): Promise<WatchEvent[]> {
      const events: WatchEvent[] = [];
      let gone = 0;
      while (gone < objects) {
        const event = await watching.next();
        events.push(event);
        if (event.type === 'DELETED') gone += 1;
      }
      watching.close();
      return events;
    }

    /** Reads the same, but comes back with the last version it saw after every few events. */
    async function readInPieces(objects: number): Promise<WatchEvent[]> {
      const events: WatchEvent[] = [];
      let from = start;
      let gone = 0;
      while (gone < objects) {
        const watching = await open(
          `${labelled}&allowWatchBookmarks=true&resourceVersion=${from}`,
        );
        for (let count = 0; count < 150 && gone < objects; count += 1) {
          const event = await watching.next();
          events.push(event);
          from = event.object.metadata.resourceVersion;
          if (event.type === 'DELETED') gone += 1;
        }
        watching.close();
      }
      return events;
    }

    function expectComplete(all: readonly WatchEvent[], objects: number): void {
      const versions = all.map(versionOf);
      const unordered = versions.findIndex(
        (version, index) => index > 0 && version < versions[index - 1],
      );
      expect(unordered).toBe(-1);
      const changes = all.filter(({ type }) => type !== 'BOOKMARK');
      const seen = new Map<string, string[]>();
      for (const { type, object } of changes) {
        const { name, annotations } = object.metadata;
        const story = seen.get(name) ?? [];
        seen.set(name, [...story, `${type} ${JSON.stringify(annotations)}`]);
      }
      const expected = Array.from({ length: CHANGES }, (_, index) => {
        const number = Math.min(index + 1, CHANGES - 1);
        const kind = index === CHANGES - 1 ? 'DELETED' : 'MODIFIED';
        const annotations = JSON.stringify({ change: String(number) });
        return `${index === 0 ? 'ADDED' : kind} ${annotations}`;
      });
      expect(seen.size).toBe(objects);
      for (const story of seen.values()) expect(story).toEqual(expected);
      expect(new Set(changes.map(versionOf)).size).toBe(changes.length);
    }

    it('lose nothing, repeat nothing and keep the order, resumed ones too', async () => {
      const from = `resourceVersion=${start}`;
      const whole = await open(`${labelled}&${from}`);
      const bookmarked = await open(
        `${labelled}&${from}&allowWatchBookmarks=true`,
      );
      const metadata = await open(`${labelled}&${from}`, METADATA);
      const even = await open(`labelSelector=writer%3Deven&${from}`);
      const odd = await open(`labelSelector=writer%3Dodd&${from}`);
      const read = Promise.all([
        readAll(whole, WRITERS),
        readAll(bookmarked, WRITERS),
        readAll(metadata, WRITERS),
        readInPieces(WRITERS),
        readAll(even, WRITERS / 2),
        readAll(odd, WRITERS / 2),
      ]);
      const writers = Array.from({ length: WRITERS }, (_, index) => index);
      const written = Promise.all(
        writers.map(async writer => {
          await change(writer);
          await remove(writer);
        }),
      );
      const [[first, ...others]] = await Promise.all([read, written]);
      expectComplete(first, WRITERS);
      for (const events of others.slice(0, 3)) expectComplete(events, WRITERS);
      for (const events of others.slice(3)) expectComplete(events, WRITERS / 2);
      expect(others[1].map(versionOf)).toEqual(first.map(versionOf));
    }, 240_000);

    it('begin with a state and what follows it, with nothing between', async () => {
      const writers = Array.from({ length: 4 }, (_, index) => index);
      const [watching] = await Promise.all([
        open(
          `${labelled}&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`,
        ),
        ...writers.map(change),
      ]);
      const [events] = await Promise.all([
        readAll(watching, writers.length),
        ...writers.map(remove),
      ]);

      const end = events.findIndex(({ type }) => type === 'BOOKMARK');
      expect(end).toBeGreaterThanOrEqual(0);
      const [mark, ...later] = events.slice(end).map(versionOf);
      expect(later.filter(version => version < mark)).toEqual([]);
      for (const writer of writers) {
        const own = events.filter(
          ({ type, object }) =>
            type !== 'BOOKMARK' && object.metadata.name === `map-${writer}`,
        );
        const [first, ...rest] = own.map(changeOf);
        const last = CHANGES - 1;
        const missing = Array.from(
          { length: last - first },
          (_, index) => first + index + 1,
        );
        expect(rest).toEqual([...missing, last]);
      }
    });
  });
}

function changeOf({ object }: WatchEvent): number {
  const { annotations } = object.metadata;
  return typeof annotations === 'object' &&
    annotations !== null &&
    'change' in annotations
    ? Number(annotations.change)
    : 0;
}
