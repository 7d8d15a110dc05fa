// SPDX-License-Identifier: Apache-2.0
import type { Config } from '@backstage/config';
import {
  ConflictError,
  InputError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import type {
  ScenarioDescription,
  ScenarioRequest,
  ScenarioRun,
  SimulatedWorld,
} from '@causeway/plugin-simulation-common';

/** A read takes no work; what takes longer is a simulator that hangs. */
const readPatience = 5_000;
/** Starting and stopping resolve when the world has changed, which may take commits. */
const changePatience = 30_000;

/**
 * The simulator's control API. Its token is used here and nowhere else.
 *
 * Methods reject with what the simulator refuses (`InputError`, `NotFoundError`,
 * `ConflictError`), and with a `ServiceUnavailableError` when it gives no usable
 * answer: whether it has done what was asked is then not known.
 */
export class Simulator {
  /** Reads `simulation`; undefined when no simulation is configured. */
  static fromConfig(config: Config): Simulator | undefined {
    const simulation = config.getOptionalConfig('simulation');
    // A URL whose variable is not set is none: that is how the launcher switches the simulation off.
    const url = simulation?.getOptionalString('url');
    return url
      ? new Simulator(
          url.replace(/\/$/, ''),
          simulation?.getString('token') ?? '',
        )
      : undefined;
  }

  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  world(): Promise<SimulatedWorld> {
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
    const { status, answer } = await this.#ask(method, path, body);
    if (status < 400) return answer as T;
    const message = messageOf(answer);
    if (status === 400) throw new InputError(message);
    if (status === 404) throw new NotFoundError(message);
    if (status === 409) throw new ConflictError(message);
    if (status === 401) {
      throw new ServiceUnavailableError(
        'The simulator does not accept the portal’s token. simulation.token in the configuration must be the simulator’s CAUSEWAY_CLUSTER_TOKEN.',
      );
    }
    throw new ServiceUnavailableError(`The simulator answers: ${message}`);
  }

  async #ask(method: string, path: string, body?: object) {
    try {
      const response = await fetch(`${this.url}/simulation/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.token}`,
          'content-type': 'application/json',
        },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(
          method === 'GET' ? readPatience : changePatience,
        ),
      });
      const answer: unknown = await response.json();
      return { status: response.status, answer };
    } catch (error) {
      throw new ServiceUnavailableError(
        `The simulator gives no answer at ${this.url}. See its log; npm start runs it.`,
        error,
      );
    }
  }
}

function messageOf(answer: unknown): string {
  return typeof answer === 'object' && answer !== null && 'message' in answer
    ? String(answer.message)
    : 'no reason given';
}
