// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';

/**
 * Reads a running portal as a signed-in demo user does, one read after the other, and beside each round
 * what the Kubernetes plugin of the same portal answers about the same service on the same clusters.
 *
 *   yarn bench:portal [--address http://127.0.0.1:7007] [--user ines] [--service parcel-vision]
 *                     [--rounds 30] [--pid <process id of the portal's backend>]
 *
 * Prints a table in Markdown: milliseconds at P50 and P95, and bytes of the answer before compression.
 */
const { values: options } = parseArgs({
  options: {
    address: { type: 'string', default: 'http://127.0.0.1:7007' },
    user: { type: 'string', default: 'ines' },
    service: { type: 'string', default: 'parcel-vision' },
    rounds: { type: 'string', default: '30' },
    pid: { type: 'string' },
  },
});
const rounds = Number(options.rounds);
const api = `${options.address}/api`;

interface Read {
  readonly name: string;
  readonly path: string;
  readonly body?: object;
  /** Asks for changes since the answer before, as the browser does. */
  readonly again?: true;
}

interface Measured {
  readonly milliseconds: number[];
  readonly statuses: Set<number>;
  bytes: number;
}

async function signIn(): Promise<string> {
  const response = await fetch(`${api}/auth/demo/refresh`, {
    headers: { 'x-demo-user': `user:default/${options.user}` },
  });
  if (!response.ok)
    throw new Error(
      `${options.user} can not sign in at ${options.address}: ${response.status}`,
    );
  const { backstageIdentity } = (await response.json()) as {
    backstageIdentity: { token: string };
  };
  return backstageIdentity.token;
}

async function send(read: Read, token: string, etag?: string) {
  const response = await fetch(`${api}${read.path}`, {
    method: read.body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(etag && { 'if-none-match': etag }),
    },
    body: read.body && JSON.stringify(read.body),
  });
  const text = await response.text();
  return { response, text };
}

async function readsOf(token: string): Promise<readonly Read[]> {
  const entityPath = `/catalog/entities/by-name/component/default/${options.service}`;
  const { text } = await send({ name: '', path: entityPath }, token);
  const pipeline = `/delivery/pipelines/default/component/${options.service}`;
  return [
    { name: 'the entity from the catalog', path: entityPath },
    { name: 'pipeline', path: pipeline },
    { name: 'pipeline, unchanged', path: pipeline, again: true },
    { name: 'history', path: `${pipeline}/history` },
    { name: 'clusters', path: '/delivery/clusters' },
    { name: 'fleet: summary', path: '/delivery/fleet/summary' },
    { name: 'fleet: sites of the map', path: '/delivery/fleet/sites' },
    {
      name: 'fleet: sites, unchanged',
      path: '/delivery/fleet/sites',
      again: true,
    },
    {
      name: 'fleet: a page of 50 devices by temperature',
      path: '/delivery/fleet/devices?sort=-temperature&limit=50',
    },
    {
      name: 'fleet: devices by text',
      path: '/delivery/fleet/devices?text=pi-0&limit=50',
    },
    {
      name: 'Kubernetes plugin: the same service',
      path: `/kubernetes/services/${options.service}`,
      body: { entity: JSON.parse(text) },
    },
  ];
}

async function measure(): Promise<ReadonlyMap<string, Measured>> {
  const token = await signIn();
  const reads = await readsOf(token);
  const measured = new Map<string, Measured>();
  const etags = new Map<string, string>();
  for (let round = 0; round < rounds; round += 1) {
    for (const read of reads) {
      const began = performance.now();
      const { response, text } = await send(
        read,
        token,
        read.again && etags.get(read.path),
      );
      const took = performance.now() - began;
      const etag = response.headers.get('etag');
      if (etag) etags.set(read.path, etag);
      const entry = measured.get(read.name) ?? {
        milliseconds: [],
        statuses: new Set(),
        bytes: 0,
      };
      entry.milliseconds.push(took);
      entry.statuses.add(response.status);
      entry.bytes = Math.max(entry.bytes, text.length);
      measured.set(read.name, entry);
    }
  }
  return measured;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return Math.round(sorted[Math.ceil(sorted.length * share) - 1]);
}

function memoryOf(pid: string): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  return `${Math.round(kilobytes / 1024)} MB`;
}

async function main(): Promise<void> {
  const lines = [...(await measure())].map(
    ([name, { milliseconds, statuses, bytes }]) =>
      `| ${name} | ${percentile(milliseconds, 0.5)} / ${percentile(
        milliseconds,
        0.95,
      )} | ${Math.ceil(bytes / 1024)} | ${[...statuses].join(', ')} |`,
  );
  const load = readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
  process.stdout.write(
    [
      `${rounds} rounds, load average ${load}${
        options.pid ? `, memory of the backend ${memoryOf(options.pid)}` : ''
      }`,
      '',
      '| what | P50 / P95, ms | kB | status |',
      '| --- | ---: | ---: | --- |',
      ...lines,
      '',
    ].join('\n'),
  );
}

main().catch(error => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
