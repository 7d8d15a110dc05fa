// SPDX-License-Identifier: Apache-2.0

/**
 * Compacts etcd up to its newest revision (etcd's JSON gateway, `/v3/kv`).
 *
 * @param port - Client port of an etcd on 127.0.0.1.
 */
export async function compactEtcd(port: number): Promise<void> {
  // Any read tells the revision; this key need not exist.
  const range = await call(port, 'range', { key: btoa('/') });
  await call(port, 'compaction', { revision: revisionOf(range) });
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
