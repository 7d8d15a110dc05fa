// SPDX-License-Identifier: Apache-2.0
import type {
  ParameterSchema,
  ParameterValues,
} from '@causeway/plugin-simulation-common';
import type { Fault } from '../apiserver';
import { Scenario, ScenarioWorld, StartedScenario } from './Scenario';
import { clusterParameter, parametersOf } from './schemas';

interface ClusterScenario {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly settings?: Readonly<Record<string, ParameterSchema>>;
  readonly fault: (parameters: ParameterValues) => Fault;
}

const descriptions: readonly ClusterScenario[] = [
  {
    name: 'cluster-outage',
    title: 'Cluster outage',
    description:
      'The API server of a cluster is gone: its port is closed and open connections are cut. What runs in the cluster goes on. Stopping opens the port again.',
    fault: () => ({ kind: 'refuse' }),
  },
  {
    name: 'cluster-hangs',
    title: 'Cluster does not answer',
    description:
      'The API server accepts connections and answers nothing; open watches fall silent. Stopping answers what still waits.',
    fault: () => ({ kind: 'hang' }),
  },
  {
    name: 'cluster-slow',
    title: 'Cluster is slow',
    description:
      'Every answer of the API server starts later. Stopping restores its speed.',
    settings: {
      milliseconds: {
        type: 'integer',
        title: 'Delay of every answer',
        minimum: 1,
        maximum: 60_000,
        default: 3_000,
        unit: 'ms',
      },
    },
    fault: ({ milliseconds }) => ({
      kind: 'slow',
      milliseconds: Number(milliseconds),
    }),
  },
  {
    name: 'cluster-errors',
    title: 'Cluster answers with errors',
    description:
      'Every request to the API server is answered with an error, as when its database is away. Stopping lets it answer again.',
    settings: {
      code: {
        type: 'integer',
        title: 'HTTP status',
        minimum: 500,
        maximum: 599,
        default: 503,
      },
    },
    fault: ({ code }) => ({ kind: 'error', code: Number(code) }),
  },
  {
    name: 'cluster-flaky',
    title: 'Cluster is flaky',
    description:
      'A share of the requests to the API server fails. Stopping ends that.',
    settings: {
      percentage: {
        type: 'number',
        title: 'Requests that fail',
        minimum: 1,
        maximum: 100,
        default: 20,
        unit: '%',
      },
    },
    fault: ({ percentage }) => ({
      kind: 'error',
      code: 500,
      share: Number(percentage) / 100,
    }),
  },
  {
    name: 'cluster-cuts-watches',
    title: 'Watches are cut',
    description:
      'Every watch of the API server is cut in the middle of a line after a few events. Stopping lets watches live.',
    settings: {
      events: {
        type: 'integer',
        title: 'Events before the cut',
        minimum: 0,
        maximum: 10_000,
        default: 20,
      },
    },
    fault: ({ events }) => ({ kind: 'cut', afterEvents: Number(events) }),
  },
  {
    name: 'cluster-malformed',
    title: 'Cluster answers nonsense',
    description:
      'Every answer of the API server is JSON that breaks off, as behind a broken proxy. Stopping mends it.',
    fault: () => ({ kind: 'malformed' }),
  },
  {
    name: 'cluster-forbidden',
    title: 'Access withdrawn',
    description:
      'The cluster answers every request with 403, as when somebody removed the role of the account. Stopping gives the rights back.',
    fault: () => ({ kind: 'forbidden' }),
  },
  {
    name: 'cluster-history-lost',
    title: 'Watch history lost',
    description:
      'The API server has forgotten what changed before: open watches end with 410 and older resource versions are refused. Stopping ends the refusals.',
    fault: () => ({ kind: 'gone' }),
  },
];

/** Scenarios in which the API server of a cluster misbehaves. Its controllers are clients like any other and suffer too. */
export const clusterScenarios: readonly Scenario[] = descriptions.map(
  ({ name, title, description, settings = {}, fault }) => ({
    name,
    title,
    description,
    subject: 'cluster',
    isPossible: world => world.clusters.length > 0,
    parameters: world =>
      parametersOf({ cluster: clusterParameter(world), ...settings }),
    start: (world, parameters) =>
      breakCluster(world, String(parameters.cluster), fault(parameters)),
  }),
);

async function breakCluster(
  { clusters }: ScenarioWorld,
  name: string,
  fault: Fault,
): Promise<StartedScenario> {
  const cluster = clusters.find(found => found.name === name);
  if (!cluster) throw new Error(`There is no cluster ${name}`);
  const { id } = await cluster.faults.add(fault);
  return {
    async stop() {
      await cluster.faults.remove(id);
    },
  };
}
