// SPDX-License-Identifier: Apache-2.0

/** Where API servers tell each other up to which revision they have compacted. */
const COMPACTED_KEY = 'compact_rev_key';

/**
 * Compacts etcd up to its newest revision (etcd's JSON gateway, `/v3/kv`), and
 * tells the API server, which would serve old lists from its memory otherwise.
 *
 * @param port - Client port of an etcd on 127.0.0.1.
 */
export async function compactEtcd(port: number): Promise<void> {
  const key = btoa(COMPACTED_KEY);
  // Any answer tells the newest revision.
  const revision = revisionOf(await call(port, 'range', { key }));
  await call(port, 'put', { key, value: btoa(revision) });
  await call(port, 'compaction', { revision });
}

async function call(
  port: number,
  operation: string,
  body: Readonly<Record<string, string>>,
): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/v3/kv/${operation}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!response.ok) {
    throw new Error(`etcd refused ${operation}: ${await response.text()}`);
  }
  return response.json();
}

function revisionOf(answer: unknown): string {
  if (typeof answer === 'object' && answer !== null && 'header' in answer) {
    const { header } = answer;
    if (typeof header === 'object' && header !== null && 'revision' in header) {
      return String(header.revision);
    }
  }
  throw new Error('etcd answered without a revision.');
}
