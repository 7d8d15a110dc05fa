// SPDX-License-Identifier: Apache-2.0
import type {
  ScenarioDescription,
  ScenarioRequest,
  ScenarioRun,
  SimulationControl,
  SimulationView,
} from '@causeway/plugin-simulation-common';
import type { SimulationApi } from '../src';

const scenarios: readonly ScenarioDescription[] = [
  {
    name: 'offline',
    title: 'Devices offline',
    description:
      'Devices lose their network. They keep running what they have, miss new work, and catch up when it stops.',
    subject: 'network',
    parameters: {
      type: 'object',
      properties: {
        site: {
          type: 'string',
          title: 'Site',
          description: 'All sites when left out.',
          enum: ['oslo', 'venlo'],
        },
        device: {
          type: 'string',
          title: 'Device',
          description: 'The name of one device; all when left out.',
          maxLength: 253,
        },
        percentage: {
          type: 'number',
          title: 'How many of them',
          minimum: 1,
          maximum: 100,
          default: 100,
          unit: '%',
        },
      },
      required: [],
      additionalProperties: false,
    },
  },
  {
    name: 'cluster-outage',
    title: 'Cluster outage',
    description:
      'The API server of a cluster is gone. Stopping opens its port again.',
    subject: 'cluster',
    parameters: {
      type: 'object',
      properties: {
        cluster: {
          type: 'string',
          title: 'Cluster',
          enum: ['cloud-staging', 'edge-production'],
        },
      },
      required: ['cluster'],
      additionalProperties: false,
    },
  },
];

/** A world that a test or the development app may look at and trouble; it does what it says at once. */
export class StoryWorld implements SimulationApi {
  /** What was started, in order. */
  readonly requests: ScenarioRequest[] = [];
  /** What every read answers with instead; undefined while all is well. */
  trouble: Error | undefined;
  #runs: readonly ScenarioRun[] = [];

  constructor(
    private readonly now: () => number,
    private readonly control: SimulationControl = { allowed: true },
  ) {}

  async world(): Promise<SimulationView> {
    if (this.trouble) throw this.trouble;
    const live = this.#runs.filter(({ state }) => state === 'running');
    const out = live.find(({ scenario }) => scenario === 'cluster-outage');
    return {
      now: this.#clock(),
      seed: 7,
      counts: {
        clusters: 4,
        sites: 17,
        devices: 100_003,
        services: 4,
        runs: live.length,
      },
      clusters: ['cloud-staging', 'edge-production'].map(name => ({
        name,
        fault: out?.parameters.cluster === name ? 'refuse' : 'none',
      })),
      control: this.control,
    };
  }

  async scenarios(): Promise<readonly ScenarioDescription[]> {
    if (this.trouble) throw this.trouble;
    return scenarios;
  }

  async runs(): Promise<readonly ScenarioRun[]> {
    if (this.trouble) throw this.trouble;
    return this.#runs;
  }

  async start(request: ScenarioRequest): Promise<ScenarioRun> {
    if (request.parameters?.device === 'ghost-01') {
      throw new Error(
        'There is no device named ghost-01. Choose another device, kind or site.',
      );
    }
    this.requests.push(request);
    const { scenario, parameters = {}, seconds } = request;
    const run: ScenarioRun = {
      id: String(this.#runs.length + 1),
      scenario,
      title: scenarios.find(({ name }) => name === scenario)?.title ?? scenario,
      parameters,
      state: 'running',
      startedBy: 'user:default/ines',
      startedAt: this.#clock(),
      ...(seconds && {
        endsAt: new Date(this.now() + seconds * 1_000).toISOString(),
      }),
    };
    this.#runs = [run, ...this.#runs];
    return run;
  }

  async stop(id: string): Promise<ScenarioRun> {
    const [stopped] = this.#stop(run => run.id === id);
    return stopped;
  }

  async stopAll(): Promise<readonly ScenarioRun[]> {
    return this.#stop(() => true);
  }

  #stop(isMeant: (run: ScenarioRun) => boolean): readonly ScenarioRun[] {
    const isStopped = (run: ScenarioRun) =>
      run.state === 'running' && isMeant(run);
    const stopped = this.#runs.filter(isStopped).map(run => ({
      ...run,
      state: 'ended' as const,
      endedAt: this.#clock(),
    }));
    this.#runs = [...this.#runs.filter(run => !isStopped(run)), ...stopped];
    return stopped;
  }

  #clock(): string {
    return new Date(this.now()).toISOString();
  }
}
