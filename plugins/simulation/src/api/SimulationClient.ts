// SPDX-License-Identifier: Apache-2.0
import { ResponseError } from '@backstage/errors';
import type { FetchApi } from '@backstage/frontend-plugin-api';
import type {
  ScenarioDescription,
  ScenarioRequest,
  ScenarioRun,
  SimulationView,
} from '@causeway/plugin-simulation-common';
import type { SimulationApi } from './simulationApi';
import { SimulationProblem } from './SimulationProblem';

/** The simulation backend over HTTP. */
export class SimulationClient implements SimulationApi {
  constructor(private readonly fetchApi: FetchApi) {}

  world(): Promise<SimulationView> {
    return this.#call('GET', 'world');
  }

  scenarios(): Promise<readonly ScenarioDescription[]> {
    return this.#call('GET', 'scenarios');
  }

  runs(): Promise<readonly ScenarioRun[]> {
    return this.#call('GET', 'runs');
  }

  start(request: ScenarioRequest): Promise<ScenarioRun> {
    return this.#call('POST', 'runs', request);
  }

  stop(id: string): Promise<ScenarioRun> {
    return this.#call('DELETE', `runs/${encodeURIComponent(id)}`);
  }

  stopAll(): Promise<readonly ScenarioRun[]> {
    return this.#call('DELETE', 'runs');
  }

  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await this.#send(method, path, body);
    if (response.ok) return response.json();
    const { statusCode, cause } = await ResponseError.fromResponse(response);
    throw new SimulationProblem(cause.message, statusCode);
  }

  async #send(method: string, path: string, body?: object): Promise<Response> {
    try {
      return await this.fetchApi.fetch(`plugin://simulation/${path}`, {
        method,
        ...(body && {
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(body),
        }),
      });
    } catch (error) {
      throw new SimulationProblem(
        'The portal gives no answer. Check your connection.',
        0,
        error,
      );
    }
  }
}
