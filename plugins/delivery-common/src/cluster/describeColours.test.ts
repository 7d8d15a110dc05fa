// SPDX-License-Identifier: Apache-2.0
import { describeColours, describeJob, smokeTestName } from './describeColours';
import type { ObservedDeployment, ObservedService } from './observed';

const app = { app: 'label-api' };

function deployment(colour: string): ObservedDeployment {
  return {
    namespace: 'sorting',
    name: `label-api-${colour}`,
    generation: 1,
    observedGeneration: 1,
    deleting: false,
    paused: false,
    images: [],
    podLabels: { ...app, colour },
    desired: 1,
    total: 1,
    updated: 1,
    ready: 1,
    available: 1,
    conditions: [],
  };
}

const blue = deployment('blue');
const green = deployment('green');
const service = (selector: ObservedService['selector']): ObservedService => ({
  namespace: 'sorting',
  name: 'label-api',
  deleting: false,
  selector,
});

it.each<[string, Parameters<typeof describeColours>[1], string | undefined]>([
  [
    'the colour that its whole selector matches',
    { service: service({ ...app, colour: 'green' }), blue, green },
    'green',
  ],
  [
    'nothing when it selects both',
    { service: service(app), blue, green },
    'Service label-api selects the pods of both label-api-blue and label-api-green.',
  ],
  [
    'nothing when one label is another',
    { service: service({ app: 'other', colour: 'green' }), blue, green },
    'Service label-api selects the pods of neither label-api-blue nor label-api-green.',
  ],
  [
    'nothing when somebody else tells whom it selects',
    { service: service({}), blue, green },
    'Service label-api selects the pods of neither label-api-blue nor label-api-green.',
  ],
  [
    'nothing while the Deployment is not there',
    { service: service({ ...app, colour: 'blue' }), blue: undefined, green },
    'Service label-api selects the pods of neither label-api-blue nor label-api-green.',
  ],
  [
    'nothing without a Service',
    { service: undefined, blue, green },
    'The cluster has no Service label-api.',
  ],
])('takes for live %s', (_name, seen, expected) => {
  const { live, problem } = describeColours('label-api', seen);
  expect(live ?? problem).toBe(expected);
});

it('tells how a smoke test ended, by the name of its promotion and colour', () => {
  const job = (type: string, status: 'True' | 'False' = 'True') =>
    describeJob({
      namespace: 'sorting',
      name: 'smoke',
      deleting: false,
      conditions: [{ type, status, message: 'It has its reasons.' }],
    });
  expect(job('Complete')).toEqual({ state: 'passed' });
  expect(job('Failed')).toEqual({
    state: 'failed',
    message: 'It has its reasons.',
  });
  expect(job('Failed', 'False')).toEqual({ state: 'running' });
  expect(
    smokeTestName('smoke', 'F19E0110-14d1-4607-9618-3006c01fecb8', 'green'),
  ).toBe('smoke-f19e011014d1-green');
});
