// SPDX-License-Identifier: Apache-2.0
import { createHash, timingSafeEqual } from 'node:crypto';
import express, { Request, RequestHandler, Router } from 'express';
import PromiseRouter from 'express-promise-router';
import type { Fault, Faults } from '../apiserver';
import type { Run } from '../ci/Run';
import { ForgeFaults, parseForgeFault } from '../forge/faults';

/** What the control API shows and changes. */
export interface ControlledWorld {
  /** What is not ready yet; undefined once everything was. */
  readonly pending: () => readonly string[] | undefined;
  readonly clusters: () => readonly {
    readonly name: string;
    readonly url: string;
    readonly faults: Faults;
  }[];
  readonly forgeFaults: () => ForgeFaults | undefined;
  readonly runs: () => readonly Run[];
  /** Bearer token that allows changes. */
  readonly token: string;
}

const slowness = 3_000;

/** Reads a cluster fault from the body of a request; undefined when it is none, `none` when it ends the present one. */
function parseClusterFault(body: unknown): Fault | 'none' | undefined {
  if (typeof body !== 'object' || body === null || !('kind' in body))
    return undefined;
  const { kind } = body;
  switch (kind) {
    case 'none':
      return 'none';
    case 'slow': {
      const milliseconds =
        'milliseconds' in body ? Number(body.milliseconds) : slowness;
      return milliseconds > 0 ? { kind, milliseconds } : undefined;
    }
    case 'error': {
      const code = 'code' in body ? Number(body.code) : 500;
      return code >= 400 && code < 600 ? { kind, code } : undefined;
    }
    case 'hang':
    case 'forbidden':
    case 'refuse':
    case 'cut':
    case 'gone':
      return { kind };
    default:
      return undefined;
  }
}

function sameToken(given: string, wanted: string): boolean {
  const [left, right] = [given, wanted].map(text =>
    createHash('sha256').update(text).digest(),
  );
  return timingSafeEqual(left, right);
}

/** `/simulation/*`: health, clusters, CI runs, and faults on demand. Reading is free on the loopback interface, changing needs the token. */
export function controlRoutes(world: ControlledWorld): Router {
  const router = PromiseRouter();
  const guard: RequestHandler = (request, response, next) => {
    const given = /^Bearer (.+)$/.exec(
      request.headers.authorization ?? '',
    )?.[1];
    if (given !== undefined && sameToken(given, world.token)) next();
    else
      response
        .status(401)
        .json({ message: 'Send the cluster token as Authorization: Bearer …' });
  };

  router.get('/health', (_request, response) => {
    const pending = world.pending();
    response
      .status(pending ? 503 : 200)
      .json(pending ? { status: 'starting', pending } : { status: 'ready' });
  });
  router.get('/clusters', (_request, response) => {
    response.json(
      world.clusters().map(({ name, url, faults }) => ({
        name,
        url,
        fault: faults.current ?? { kind: 'none' },
      })),
    );
  });
  router.get('/ci/runs', (request: Request, response) => {
    const { repository } = request.query;
    response.json(
      world
        .runs()
        .filter(
          run => repository === undefined || run.repository === repository,
        ),
    );
  });
  router.get('/ci/runs/:id', (request, response) => {
    const run = world.runs().find(({ id }) => id === request.params.id);
    if (run)
      response.type('json').send(`${JSON.stringify(run, undefined, 2)}\n`);
    else
      response
        .status(404)
        .json({ message: `There is no run ${request.params.id}` });
  });
  router.post(
    '/clusters/:name/fault',
    guard,
    express.json(),
    async (request, response) => {
      const cluster = world
        .clusters()
        .find(({ name }) => name === request.params.name);
      const fault = parseClusterFault(request.body);
      if (!cluster) {
        response
          .status(404)
          .json({ message: `There is no cluster ${request.params.name}` });
      } else if (!fault) {
        response.status(400).json({
          message:
            'kind must be slow, hang, error, forbidden, refuse, cut, gone or none',
        });
      } else {
        await (fault === 'none'
          ? cluster.faults.clear()
          : cluster.faults.set(fault));
        response.json({
          name: cluster.name,
          fault: cluster.faults.current ?? { kind: 'none' },
        });
      }
    },
  );
  router.post('/forge/fault', guard, express.json(), (request, response) => {
    const faults = world.forgeFaults();
    const fault = parseForgeFault(request.body);
    if (!fault || !faults) {
      response.status(400).json({
        message:
          'kind must be refusePush (with an optional positive count), down or none',
      });
      return;
    }
    faults.set(fault);
    response.json({ fault: faults.current });
  });
  return router;
}
