// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { startApiServer } from '@causeway/simulator';
import { generate } from 'selfsigned';
import type { ClusterUnderTest } from './ClusterUnderTest';

/** Starts an empty simulated API server, without any controllers. */
export async function startSimulator(
  clock: () => Date = () => new Date(),
): Promise<ClusterUnderTest> {
  const { private: key, cert } = await generate(
    [{ name: 'commonName', value: '127.0.0.1' }],
    {
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      ],
    },
  );
  const token = randomUUID();
  const server = await startApiServer({
    name: 'conformance',
    port: 0,
    tls: { key, cert },
    tokens: [{ token, user: 'admin', groups: ['system:masters'] }],
    clock,
    podLogs: (namespace, pod, container) =>
      `${namespace}/${pod}/${container} says hello\n`,
  });
  return {
    url: server.url,
    token,
    caData: Buffer.from(cert).toString('base64'),
    compact: async () => server.compact(),
    stop: () => server.stop(),
  };
}
