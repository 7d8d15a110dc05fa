// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';

interface Address {
  readonly url: string;
  readonly token: string;
  readonly caFile: string;
}

/**
 * Takes running pods whose names begin so for broken: they are not ready, and their simulated nodes,
 * which obey the annotation, do not make them ready again.
 */
export async function breakPods(
  cluster: Address,
  {
    namespace,
    prefix,
  }: { readonly namespace: string; readonly prefix: string },
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const pods = JSON.parse(await ask(cluster, 'GET', path)) as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  };
  const names = pods.items
    .map(({ metadata }) => metadata.name)
    .filter(name => name.startsWith(prefix));
  const annotations = { 'simulator.causeway.dev/fault': 'crash' };
  for (const name of names) {
    await ask(cluster, 'PATCH', `${path}/${name}`, {
      metadata: { annotations },
    });
    await ask(cluster, 'PATCH', `${path}/${name}/status`, {
      status: { conditions: [{ type: 'Ready', status: 'False' }] },
    });
  }
}

async function ask(
  { url, token, caFile }: Address,
  method: string,
  path: string,
  body?: unknown,
): Promise<string> {
  const ca = await readFile(caFile);
  return new Promise((resolve, reject) => {
    const asked = request(
      `${url}${path}`,
      {
        method,
        ca,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/strategic-merge-patch+json',
        },
      },
      answer => {
        text(answer).then(
          said =>
            answer.statusCode === 200
              ? resolve(said)
              : reject(new Error(`${answer.statusCode}: ${said}`)),
          reject,
        );
      },
    );
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
