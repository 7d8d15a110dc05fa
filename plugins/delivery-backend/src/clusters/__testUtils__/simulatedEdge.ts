// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  runControllers,
  simulatedNodeLabel,
  startApiServer,
} from '@causeway/simulator';
import { KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node';
import { generate } from 'selfsigned';
import { ActingCluster } from '../ActingCluster';
import { HttpClusterTransport } from '../HttpClusterTransport';

const token = 'a-long-and-random-token-of-a-test';

/** A node of a simulated cluster. */
export interface SimulatedNode {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly kubeletVersion?: string;
}

/** A cluster with real HTTP, on a simulated API server with controllers. */
export type SimulatedEdge = Awaited<ReturnType<typeof startSimulatedEdge>>;

/** Starts a cluster with these nodes, kinds and controllers. */
export async function startSimulatedEdge(options: {
  readonly nodes: readonly SimulatedNode[];
  /** Custom resource definitions. */
  readonly definitions?: readonly object[];
  readonly controllers: Omit<
    Parameters<typeof runControllers>[0],
    'kubeConfig' | 'directory' | 'log'
  >;
  /** What pods answer behind the proxy of the API server. */
  readonly podAnswers?: Parameters<typeof startApiServer>[0]['podAnswers'];
}) {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-edge-'));
  const { cert, private: key } = await generate(
    [{ name: 'commonName', value: 'cluster' }],
    {
      keyType: 'ec',
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      ],
    },
  );
  const caFile = join(directory, 'ca.crt');
  await writeFile(caFile, cert);
  const api = await startApiServer({
    name: 'edge',
    port: 0,
    tls: { key, cert },
    tokens: [{ token, user: 'portal', groups: ['system:masters'] }],
    clock: () => new Date(),
    podLogs: (_namespace, pod) =>
      `${pod} is ready\nlogin password=hunter2 of shop\n`,
    podAnswers: options.podAnswers,
  });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: 'edge', server: api.url, caFile, skipTLSVerify: false },
    { name: 'portal', token },
  );
  const admin = KubernetesObjectApi.makeApiClient(kubeConfig);
  const transport = new HttpClusterTransport(async () => ({
    server: api.url,
    agent: new https.Agent({ keepAlive: true, ca: cert }),
    headers: { Authorization: `Bearer ${token}` },
  }));
  /** The cluster as one turn of an action has it. */
  const cluster = () =>
    new ActingCluster(
      'edge',
      transport,
      undefined,
      new AbortController().signal,
    );
  /** Creates custom resource definitions. */
  const define = async (definitions: readonly object[]) => {
    for (const definition of definitions) {
      // The typed client drops fields of schemas that it does not know.
      await cluster().create(
        '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
        {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          ...definition,
        },
      );
    }
  };
  await define(options.definitions ?? []);
  for (const { name, labels, kubeletVersion } of options.nodes) {
    const node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: { [simulatedNodeLabel]: 'true', name, ...labels },
      },
      ...(kubeletVersion && { status: { nodeInfo: { kubeletVersion } } }),
    };
    await admin.create(node);
  }
  const controllers = await runControllers({
    ...options.controllers,
    kubeConfig,
    directory,
    log: () => undefined,
  });
  return {
    admin,
    cluster,
    define,
    transport,
    faults: api.faults,
    /** As the portal's configuration names it. */
    configured: { name: 'edge', url: api.url, token, caFile },
    async stop() {
      await controllers.stop();
      transport.close();
      await api.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
