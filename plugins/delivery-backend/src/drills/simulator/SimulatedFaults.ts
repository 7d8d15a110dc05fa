// SPDX-License-Identifier: Apache-2.0
import type { Config } from '@backstage/config';
import type { DrillFault } from '@causeway/plugin-delivery-common';
import type {
  ParameterValues,
  ScenarioRequest,
  ScenarioRun,
} from '@causeway/plugin-simulation-common';
import {
  FaultRefused,
  type DrillExecutor,
  type FaultEnd,
  type FaultOrder,
} from '../DrillExecutor';

/** Which scenario of the simulator a fault is. */
const scenarios: Readonly<
  Record<
    DrillFault,
    { readonly name: string; readonly parameters?: ParameterValues }
  >
> = {
  networkOff: { name: 'offline' },
  networkFlapping: {
    name: 'flapping-network',
    parameters: { period: 60, away: 50 },
  },
  load: { name: 'high-load', parameters: { cpu: 95, gpu: 95 } },
  storageFull: { name: 'storage-full' },
  memoryPressure: { name: 'memory-pressure' },
  containerRestart: { name: 'container-restart' },
  suddenReboot: { name: 'reboot' },
  heat: { name: 'heat', parameters: { degrees: 15 } },
  powerOff: { name: 'power-off' },
  undervoltage: { name: 'undervoltage' },
};

/** Seconds after its time in which a fault ends by itself, should the portal be gone. */
const DEAD_MAN = 120;
const PATIENCE = 30_000;

/** Faults as scenarios of the simulator, one run for each device or workload there, which name the drill that began them. */
export class SimulatedFaults implements DrillExecutor {
  readonly title = 'the simulated world';
  readonly faults = Object.keys(scenarios) as DrillFault[];

  /** From `simulation`, which also the page Simulation reads; undefined without it. */
  static fromConfig(config: Config): SimulatedFaults | undefined {
    const simulation = config.getOptionalConfig('simulation');
    // A URL whose variable is not set is none: that is how the launcher switches the simulation off.
    const url = simulation?.getOptionalString('url');
    return url
      ? new SimulatedFaults(
          url.replace(/\/$/, ''),
          simulation?.getString('token') ?? '',
        )
      : undefined;
  }

  constructor(private readonly url: string, private readonly token: string) {}

  /** Of every cluster that is left to it. */
  serves(): boolean {
    return true;
  }

  async begin(order: FaultOrder, signal: AbortSignal): Promise<void> {
    const { name, parameters } = scenarios[order.fault];
    const startedBy = nameOf(order.drill);
    const running = await this.#running(order.drill, signal);
    for (const own of parametersFor(order)) {
      const isRunning = running.some(
        run =>
          run.parameters.device === own.device &&
          run.parameters.workload === own.workload,
      );
      if (isRunning) continue;
      const request: ScenarioRequest = {
        scenario: name,
        parameters: { ...parameters, ...own },
        seconds: order.duration / 1_000 + DEAD_MAN,
        startedBy,
      };
      await this.#call('POST', 'runs', signal, request);
    }
  }

  async end({ drill }: FaultOrder, signal: AbortSignal): Promise<FaultEnd> {
    for (const { id } of await this.#running(drill, signal)) {
      await this.#call('DELETE', `runs/${encodeURIComponent(id)}`, signal);
    }
    return {};
  }

  async #running(
    drill: string,
    signal: AbortSignal,
  ): Promise<readonly ScenarioRun[]> {
    const answer = await this.#call('GET', 'runs', signal);
    if (!Array.isArray(answer)) throw new Error('The simulator tells no runs.');
    const runs: readonly ScenarioRun[] = answer;
    return runs.filter(
      ({ startedBy, state }) =>
        startedBy === nameOf(drill) &&
        (state === 'running' || state === 'stopping'),
    );
  }

  async #call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    signal: AbortSignal,
    body?: ScenarioRequest,
  ): Promise<unknown> {
    const response = await fetch(`${this.url}/simulation/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        'content-type': 'application/json',
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer;
    // What has ended meanwhile is gone, as was wanted.
    if (method === 'DELETE' && response.status === 404) return undefined;
    const problem = `The simulator refuses: ${messageOf(answer)}`;
    throw response.status === 400 || response.status === 404
      ? new FaultRefused(problem)
      : new Error(problem);
  }
}

/** What one run is about: a device, or a workload on it where the fault is about workloads. */
function parametersFor({
  fault,
  devices,
  targets,
}: FaultOrder): readonly ParameterValues[] {
  return devices.flatMap(({ cluster, name: device }) =>
    fault === 'containerRestart'
      ? targets
          .filter(target => target.cluster === cluster)
          .map(({ workload: { namespace, name: workload } }) => ({
            device,
            namespace,
            workload,
          }))
      : [{ device }],
  );
}

/** Who has begun a run, in the form of an entity ref, as for runs that people begin. */
function nameOf(drill: string): string {
  return `drill:default/${drill}`;
}

function messageOf(answer: unknown): string {
  return typeof answer === 'object' && answer !== null && 'message' in answer
    ? String(answer.message)
    : 'no reason given.';
}
