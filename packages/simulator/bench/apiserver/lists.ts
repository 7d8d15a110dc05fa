// SPDX-License-Identifier: Apache-2.0
import { Connection } from './Connection';
import type { Addresses } from './protocol';

const PAGE = 500;
const PAGED_CLUSTERS = 20;

/** How long lists took, in milliseconds, and how large the whole ones were, in bytes. */
export interface ListTimes {
  readonly pages: readonly number[];
  readonly wholes: readonly number[];
  readonly wholeBytes: number;
}

/** Lists all nodes and pods of some clusters, in pages and at once, as one client would. */
export async function timeLists({
  urls,
  token,
  ca,
}: Addresses): Promise<ListTimes> {
  const pages: number[] = [];
  const wholes: number[] = [];
  let wholeBytes = 0;
  for (const url of urls.slice(0, PAGED_CLUSTERS)) {
    const connection = new Connection(url, token, ca, 1);
    // Connections of clients that list are open already.
    await connection.ask('GET', '/version');
    for (const kind of ['nodes', 'pods']) {
      let next: string | undefined = '';
      while (next !== undefined) {
        const path: string = `/api/v1/${kind}?limit=${PAGE}&continue=${next}`;
        const { text, milliseconds } = await timed(connection, path);
        pages.push(milliseconds);
        const { metadata }: { metadata: { continue?: string } } =
          JSON.parse(text);
        next = metadata.continue;
      }
      const whole = await timed(connection, `/api/v1/${kind}`);
      wholes.push(whole.milliseconds);
      wholeBytes += whole.text.length;
    }
    connection.close();
  }
  return { pages, wholes, wholeBytes: wholeBytes / wholes.length };
}

async function timed(connection: Connection, path: string) {
  const begun = performance.now();
  const text = await connection.ask('GET', path);
  return { text, milliseconds: performance.now() - begun };
}
