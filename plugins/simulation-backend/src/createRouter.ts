// SPDX-License-Identifier: Apache-2.0
import type {
  AuditorService,
  BackstageCredentials,
  BackstageUserPrincipal,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError, NotImplementedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type BasicPermission,
} from '@backstage/plugin-permission-common';
import {
  simulationControlPermission,
  simulationReadPermission,
  type SimulationControl,
} from '@causeway/plugin-simulation-common';
import express, { type Request, type Router } from 'express';
import PromiseRouter from 'express-promise-router';
import type { Simulator } from './Simulator';

/** What the routes work with. */
export interface RouterOptions {
  readonly auditor: AuditorService;
  readonly httpAuth: HttpAuthService;
  readonly permissions: PermissionsService;
  /** Undefined when no simulation is configured. */
  readonly simulator: Simulator | undefined;
}

const notConfigured =
  'This portal has no simulated world: everything it shows is real. To try scenarios, start it with EDGE_SIMULATION_MODE=true, or set simulation.url and simulation.token in its configuration.';
const mayNotControl =
  'You may look, but not start or stop scenarios: you need the right simulation.control.';

/**
 * `GET /world`, `/scenarios`, `/runs` for those with `simulation.read`;
 * `POST /runs`, `DELETE /runs/ID`, `DELETE /runs` for those with
 * `simulation.control`, each on record in the audit log. Bodies are those of the
 * simulator; who starts a run is taken from the sign-in, never from the body.
 * Everything is answered with 501 when no simulation is configured, and with
 * 503 when the simulator gives no usable answer.
 */
export function createRouter(options: RouterOptions): Router {
  const router = PromiseRouter();
  router.use(express.json({ limit: '64kb' }));

  router.get('/world', async (request, response) => {
    const { simulator, control } = await admitReader(options, request);
    response.json({ ...(await simulator.world()), control });
  });
  router.get('/scenarios', async (request, response) => {
    const { simulator } = await admitReader(options, request);
    response.json(await simulator.scenarios());
  });
  router.get('/runs', async (request, response) => {
    const { simulator } = await admitReader(options, request);
    response.json(await simulator.runs());
  });
  router.post('/runs', async (request, response) => {
    const run = await command(
      options,
      request,
      'scenario-start',
      (simulator, user) =>
        simulator.start({ ...request.body, startedBy: user }),
    );
    response.status(201).json(run);
  });
  router.delete('/runs/:id', async (request, response) => {
    const run = await command(options, request, 'scenario-stop', simulator =>
      simulator.stop(request.params.id),
    );
    response.json(run);
  });
  router.delete('/runs', async (request, response) => {
    const runs = await command(
      options,
      request,
      'scenario-stop-all',
      simulator => simulator.stopAll(),
    );
    response.json(runs);
  });
  return router;
}

async function admitReader(options: RouterOptions, request: Request) {
  const { httpAuth, permissions } = options;
  const credentials = await httpAuth.credentials(request, { allow: ['user'] });
  const [read, control] = await decide(permissions, credentials, [
    simulationReadPermission,
    simulationControlPermission,
  ]);
  if (!read) {
    throw new NotAllowedError('You need the right simulation.read.');
  }
  return {
    simulator: mustBeConfigured(options),
    control: controlOf(control),
  };
}

function controlOf(isAllowed: boolean): SimulationControl {
  return isAllowed
    ? { allowed: true }
    : { allowed: false, reason: mayNotControl };
}

/** Does something to the world in the name of a user, and puts on record that and how it went. */
async function command<T>(
  options: RouterOptions,
  request: Request,
  eventId: string,
  run: (simulator: Simulator, user: string) => Promise<T>,
): Promise<T> {
  const { auditor, httpAuth, permissions } = options;
  const credentials = await httpAuth.credentials(request, { allow: ['user'] });
  const event = await auditor.createEvent({
    eventId,
    request,
    severityLevel: 'medium',
    meta: {
      scenario: String(request.body?.scenario ?? ''),
      run: request.params.id ?? '',
    },
  });
  try {
    const [control] = await decide(permissions, credentials, [
      simulationControlPermission,
    ]);
    if (!control) throw new NotAllowedError(mayNotControl);
    const { userEntityRef } = credentials.principal;
    const answer = await run(mustBeConfigured(options), userEntityRef);
    await event.success();
    return answer;
  } catch (error) {
    await event.fail({
      error: error instanceof Error ? error : new Error(String(error)),
    });
    throw error;
  }
}

async function decide(
  permissions: PermissionsService,
  credentials: BackstageCredentials<BackstageUserPrincipal>,
  wanted: readonly BasicPermission[],
): Promise<readonly boolean[]> {
  const decisions = await permissions.authorize(
    wanted.map(permission => ({ permission })),
    { credentials },
  );
  return decisions.map(({ result }) => result === AuthorizeResult.ALLOW);
}

function mustBeConfigured({ simulator }: RouterOptions): Simulator {
  if (!simulator) throw new NotImplementedError(notConfigured);
  return simulator;
}
