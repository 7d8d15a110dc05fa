// SPDX-License-Identifier: Apache-2.0
import express from 'express';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MetricsOptions, prometheusRoutes } from './prometheusRoutes';

/** A Prometheus that answers on a port. */
export interface MetricsServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves the Prometheus HTTP API on 127.0.0.1; port 0 takes a free one. */
export async function startMetricsServer(
  options: MetricsOptions & { readonly port: number },
): Promise<MetricsServer> {
  const server = createServer(express().use(prometheusRoutes(options)));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => {
        server.close(resolve);
      });
    },
  };
}
