// SPDX-License-Identifier: Apache-2.0
import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { prometheusRoutes } from '../metrics/prometheusRoutes';
import type { SeriesSource } from '../metrics/SeriesSource';
import type { Clock } from '../time/Scheduler';

/** What there is to ask. */
export interface MeasuredWorld {
  readonly clock: Clock;
  /** What a cluster exports; undefined when there is no such cluster. */
  readonly sourcesOf: (cluster: string) => readonly SeriesSource[] | undefined;
}

/** A Prometheus for each cluster at `/<cluster>/api/v1`. Reading is free on the loopback interface. */
export function metricsRoutes({ clock, sourcesOf }: MeasuredWorld): Router {
  const servers = new Map<string, Router>();
  const serverOf = (cluster: string) => {
    const sources = () => sourcesOf(cluster) ?? [];
    const server = servers.get(cluster) ?? prometheusRoutes({ sources, clock });
    servers.set(cluster, server);
    return server;
  };
  const router = PromiseRouter();
  router.use('/:cluster', (request, response, next) => {
    const { cluster } = request.params;
    if (sourcesOf(cluster)) serverOf(cluster)(request, response, next);
    else
      response
        .status(404)
        .json({ message: `There is no Prometheus of a cluster ${cluster}` });
  });
  return router;
}
