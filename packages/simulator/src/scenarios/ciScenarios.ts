// SPDX-License-Identifier: Apache-2.0
import type { Scenario } from './Scenario';
import { parametersOf, serviceParameter } from './schemas';

const kinds = ['lint', 'tests', 'integration', 'build', 'scan'] as const;

/** Scenarios in which CI does not release. */
export const ciScenarios: readonly Scenario[] = [
  {
    name: 'ci-fails',
    title: 'CI fails',
    description:
      'A job of CI fails for what is pushed, or for some of it: nothing is released, and the evidence of the run says why. Runs that begin after it stops are as before.',
    subject: 'release',
    isPossible: ({ ci, services }) => ci !== undefined && services.length > 0,
    parameters: world =>
      parametersOf(
        {
          job: {
            type: 'string',
            title: 'What fails',
            enum: kinds,
            default: 'tests',
          },
          service: {
            ...serviceParameter(world),
            description: 'All services when left out.',
          },
          percentage: {
            type: 'number',
            title: 'Commits that fail',
            minimum: 1,
            maximum: 100,
            default: 100,
            unit: '%',
          },
        },
        ['service'],
      ),
    async start({ ci }, { service, job, percentage }) {
      const fails = kinds.find(kind => kind === job);
      if (!ci || !fails) throw new Error(`There is no CI with a job ${job}`);
      const effect = ci.begin({
        fails,
        flaky: Number(percentage) / 100,
        ...(service !== undefined && { repository: `norden/${service}` }),
      });
      return { stop: async () => effect.end() };
    },
  },
];
