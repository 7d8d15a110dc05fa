// SPDX-License-Identifier: Apache-2.0
import type { ParameterSchema } from '@causeway/plugin-simulation-common';
import type { TrafficEffect } from '../metrics/traffic/effects';
import type { Scenario } from './Scenario';
import { clusterParameter, parametersOf, serviceParameter } from './schemas';

interface TrafficScenario
  extends Pick<Scenario, 'name' | 'title' | 'description'> {
  /** Whether it may meet one version only, not all of the service. */
  readonly ofVersion: boolean;
  readonly amount: ParameterSchema;
  readonly effect: (
    amount: number,
  ) => Omit<TrafficEffect, 'service' | 'cluster' | 'version'>;
}

function factor(
  title: string,
  range: { minimum: number; default: number },
  unit: string,
): ParameterSchema {
  return { type: 'number', title, ...range, maximum: 100, unit };
}

const descriptions: readonly TrafficScenario[] = [
  {
    name: 'bad-canary',
    title: 'Bad canary',
    description:
      'A share of the requests to a version of a service fails, besides those that fail anyway. They succeed again when it stops.',
    ofVersion: true,
    amount: factor('Requests that fail', { minimum: 0.1, default: 5 }, '%'),
    effect: percentage => ({ errorRate: percentage / 100 }),
  },
  {
    name: 'slow-canary',
    title: 'Slow canary',
    description:
      'The requests to a version of a service take longer. They are as fast as before when it stops.',
    ofVersion: true,
    amount: factor(
      'Requests take',
      { minimum: 1.1, default: 3 },
      'times as long',
    ),
    effect: latencyFactor => ({ latencyFactor }),
  },
  {
    name: 'hungry-canary',
    title: 'Hungry canary',
    description:
      'A version of a service needs more CPU and memory. It is as modest as before when it stops.',
    ofVersion: true,
    amount: factor('It needs', { minimum: 1.1, default: 2 }, 'times as much'),
    effect: times => ({ cpuFactor: times, memoryFactor: times }),
  },
  {
    name: 'rush',
    title: 'Rush',
    description:
      'Many more requests come to a service. It is quiet again when it stops.',
    ofVersion: false,
    amount: factor('Requests', { minimum: 0, default: 5 }, 'times as many'),
    effect: requestFactor => ({ requestFactor }),
  },
];

const versionParameter: ParameterSchema = {
  type: 'string',
  title: 'Version',
  description: 'Every version when left out.',
  maxLength: 100,
};

/** Scenarios in which services do badly. What was counted meanwhile stays counted, as in any Prometheus. */
export const trafficScenarios: readonly Scenario[] = descriptions.map(
  ({ name, title, description, ofVersion, amount, effect }) => ({
    name,
    title,
    description,
    subject: 'traffic',
    isPossible: ({ traffic, services }) =>
      traffic !== undefined && services.length > 0,
    parameters: world =>
      parametersOf(
        {
          service: serviceParameter(world),
          amount,
          cluster: {
            ...clusterParameter(world),
            description: 'All clusters when left out.',
          },
          ...(ofVersion && { version: versionParameter }),
        },
        ['cluster', 'version'],
      ),
    async start({ traffic }, { service, cluster, version, ...how }) {
      if (!traffic) throw new Error('This world has no traffic');
      const running = traffic.begin({
        service: String(service),
        ...(cluster !== undefined && { cluster: String(cluster) }),
        ...(version !== undefined && { version: String(version) }),
        ...effect(Number(how.amount)),
      });
      return { stop: async () => running.end() };
    },
  }),
);
