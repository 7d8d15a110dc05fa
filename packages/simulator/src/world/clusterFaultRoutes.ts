// SPDX-License-Identifier: Apache-2.0
import express, { RequestHandler, Response, Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { Faults, InvalidFaultError, parseFault } from '../apiserver';

/** A cluster whose faults the control API shows and changes. */
export interface FaultyCluster {
  readonly name: string;
  readonly faults: Faults;
}

/**
 * Faults of the clusters, below `/simulation/clusters/NAME`:
 *
 * - `POST fault` replaces all faults by one, or by none with `{"kind": "none"}`;
 * - `GET faults` lists those that hold;
 * - `POST faults` adds one and answers 201 with its id;
 * - `DELETE faults/ID` ends one, `DELETE faults` all.
 *
 * @param guard - stands before what changes something.
 */
export function clusterFaultRoutes(
  clusters: () => readonly FaultyCluster[],
  guard: RequestHandler,
): Router {
  const router = PromiseRouter();
  const withCluster =
    (act: (faults: Faults, body: unknown) => Promise<object>, code = 200) =>
    async (
      { params, body }: { params: { name?: string }; body?: unknown },
      response: Response,
    ) => {
      const cluster = clusters().find(({ name }) => name === params.name);
      if (!cluster) {
        const message = `There is no cluster ${params.name}`;
        response.status(404).json({ message });
        return;
      }
      try {
        const answer = await act(cluster.faults, body);
        response.status(code).json({ name: cluster.name, ...answer });
      } catch (error) {
        if (!(error instanceof InvalidFaultError)) throw error;
        response.status(400).json({ message: error.message });
      }
    };

  router.post(
    '/:name/fault',
    guard,
    express.json(),
    withCluster(async (faults, body) => {
      await (isNone(body) ? faults.clear() : faults.set(parseFault(body)));
      return { fault: faults.current ?? { kind: 'none' } };
    }),
  );
  router.get(
    '/:name/faults',
    withCluster(async ({ active }) => ({ faults: active })),
  );
  router.post(
    '/:name/faults',
    guard,
    express.json(),
    withCluster(async (faults, body) => faults.add(parseFault(body)), 201),
  );
  router.delete(
    '/:name/faults',
    guard,
    withCluster(async faults => {
      await faults.clear();
      return { faults: faults.active };
    }),
  );
  router.delete('/:name/faults/:id', guard, async (request, response) => {
    const { name, id } = request.params;
    const { faults } = clusters().find(one => one.name === name) ?? {};
    if (faults && (await faults.remove(id))) {
      response.json({ name, faults: faults.active });
    } else {
      const message = `There is no fault ${id} of a cluster ${name}`;
      response.status(404).json({ message });
    }
  });
  return router;
}

function isNone(body: unknown): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    'kind' in body &&
    body.kind === 'none'
  );
}
