// SPDX-License-Identifier: Apache-2.0
import type { SimulatedWorld } from '@causeway/plugin-simulation-common';
import express, { RequestHandler, Response, Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { ScenarioRefusal } from './Scenario';
import type { ScenarioRunner, UncheckedRequest } from './ScenarioRunner';

/** What the routes show and control. */
export interface ScenarioRoutesOptions {
  /** Undefined while the world is being made. */
  readonly runner: () => ScenarioRunner | undefined;
  readonly describeWorld: () => SimulatedWorld;
  /** Lets only those pass who may change the world. */
  readonly guard: RequestHandler;
}

/**
 * `/simulation/{world,scenarios,runs}`:
 * - `GET /world`: the clock, the seed, counts, clusters with their faults;
 * - `GET /scenarios`: what can be started, with the schema of its parameters;
 * - `GET /runs`: runs under way, newest first, then those that ended;
 * - `POST /runs` with a `ScenarioRequest`: 201 and the run; 400 with `problems`
 *   by parameter, 404 for an unknown scenario, 409 when too many run;
 * - `DELETE /runs/ID` stops one, `DELETE /runs` all; answered when all is restored.
 *
 * Everything is answered with 503 while the world is being made.
 */
export function scenarioRoutes({
  runner: present,
  describeWorld,
  guard,
}: ScenarioRoutesOptions): Router {
  const router = PromiseRouter();
  const withRunner =
    (
      answer: (
        runner: ScenarioRunner,
        request: express.Request,
        response: Response,
      ) => unknown,
    ): RequestHandler =>
    async (request, response) => {
      const runner = present();
      if (runner) await answer(runner, request, response);
      else response.status(503).json({ message: 'The world is being made.' });
    };

  router.get('/world', (_request, response) => {
    response.json(describeWorld());
  });
  router.get(
    '/scenarios',
    withRunner((runner, _request, response) =>
      response.json(runner.catalogue()),
    ),
  );
  router.get(
    '/runs',
    withRunner((runner, _request, response) => response.json(runner.runs())),
  );
  router.post(
    '/runs',
    guard,
    express.json({ limit: '64kb' }),
    withRunner(async (runner, request, response) => {
      try {
        const run = await runner.start(parseRequest(request.body));
        response.status(201).json(run);
      } catch (error) {
        if (!(error instanceof ScenarioRefusal)) throw error;
        const { message, problems } = error;
        response.status(error.status).json({ message, problems });
      }
    }),
  );
  router.delete(
    '/runs/:id',
    guard,
    withRunner(async (runner, request, response) => {
      const { id } = request.params;
      const run = await runner.stop(id);
      if (run) response.json(run);
      else response.status(404).json({ message: `There is no run ${id}.` });
    }),
  );
  router.delete(
    '/runs',
    guard,
    withRunner(async (runner, _request, response) =>
      response.json(await runner.stopAll()),
    ),
  );
  return router;
}

/** @throws ScenarioRefusal with what the body must be. */
function parseRequest(body: unknown): UncheckedRequest {
  const { scenario, parameters, seconds, startedBy }: Record<string, unknown> =
    typeof body === 'object' && body !== null ? { ...body } : {};
  if (typeof scenario !== 'string')
    throw new ScenarioRefusal('scenario must be the name of a scenario.', 400);
  if (seconds !== undefined && typeof seconds !== 'number')
    throw new ScenarioRefusal('seconds must be a number.', 400);
  if (startedBy !== undefined && typeof startedBy !== 'string')
    throw new ScenarioRefusal('startedBy must be a text.', 400);
  // The runner holds the parameters against the schema of the scenario.
  return { scenario, parameters, seconds, startedBy };
}
