// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import {
  exposition,
  newestScrape,
  runControllers,
  Traffic,
  type TrafficOptions,
} from '@causeway/simulator';
import {
  startPrometheus,
  type Cluster,
  type Prometheus,
} from '@causeway/test-cluster';
import { KubeConfig } from '@kubernetes/client-node';

/** Requests to the services of a real cluster, whose pods answer nothing, and the Prometheus that scrapes them. */
export interface MeasuredTraffic {
  /** Address of a real Prometheus. */
  readonly url: string;
  /** From now on the traffic depends on what is in the cluster. */
  follow(cluster: Cluster): Promise<void>;
  stop(): Promise<void>;
}

/** Starts traffic that nobody gets yet, and a Prometheus that scrapes it. */
export async function startTraffic(
  profiles: TrafficOptions['profiles'],
): Promise<MeasuredTraffic> {
  const clock = () => new Date();
  const traffic = new Traffic({
    seed: 'real',
    clock,
    cluster: 'cloud-production',
    profiles,
  });
  const page = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/plain; version=0.0.4');
    response.end(exposition(traffic, newestScrape(clock())));
  });
  await new Promise<void>(resolve => {
    page.listen(0, '127.0.0.1', resolve);
  });
  const { port } = page.address() as AddressInfo;
  const closePage = () =>
    new Promise<void>(resolve => {
      page.closeAllConnections();
      page.close(() => resolve());
    });
  let prometheus: Prometheus;
  try {
    prometheus = await startPrometheus({ target: `127.0.0.1:${port}` });
  } catch (error) {
    await closePage();
    throw error;
  }
  let watching: { stop(): Promise<void> } | undefined;
  return {
    url: prometheus.url,
    async follow({ kubeconfigFile }) {
      const kubeConfig = new KubeConfig();
      kubeConfig.loadFromFile(kubeconfigFile);
      watching = await runControllers({
        kubeConfig,
        controllers: ['traffic'],
        traffic,
        directory: tmpdir(),
        log: () => undefined,
      });
    },
    async stop() {
      await watching?.stop();
      await prometheus.stop();
      await closePage();
    },
  };
}
