// SPDX-License-Identifier: Apache-2.0
import { createHash, timingSafeEqual } from 'node:crypto';
import express, { RequestHandler, Router } from 'express';
import PromiseRouter from 'express-promise-router';
import type { Faults } from '../apiserver';
import { ciRoutes } from '../ci/ciRoutes';
import type { Run } from '../ci/Run';
import { ForgeFaults, parseForgeFault } from '../forge/faults';
import {
  scenarioRoutes,
  ScenarioRoutesOptions,
} from '../scenarios/scenarioRoutes';
import { clusterFaultRoutes } from './clusterFaultRoutes';

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
  readonly scenarios: ScenarioRoutesOptions['runner'];
  readonly describeWorld: ScenarioRoutesOptions['describeWorld'];
  /** Bearer token that allows changes. */
  readonly token: string;
}

function sameToken(given: string, wanted: string): boolean {
  const [left, right] = [given, wanted].map(text =>
    createHash('sha256').update(text).digest(),
  );
  return timingSafeEqual(left, right);
}

/** `/simulation/*`: health, clusters, CI runs, faults on demand, and scenarios. Reading is free on the loopback interface, changing needs the token. */
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
        faults: faults.active,
      })),
    );
  });
  router.use('/ci', ciRoutes(world.runs));
  router.use('/clusters', clusterFaultRoutes(world.clusters, guard));
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
  router.use(
    scenarioRoutes({
      runner: world.scenarios,
      describeWorld: world.describeWorld,
      guard,
    }),
  );
  return router;
}
