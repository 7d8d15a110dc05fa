// SPDX-License-Identifier: Apache-2.0
import type { HealthCheckExpressions } from './fluxObjects';
import { expressionProblem, healthByExpressions } from './healthExpressions';

const expressions: HealthCheckExpressions = {
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  inProgress: "status.phase in ['Pending', 'Working']",
  failed: 'status.failures >= 3',
  current: "status.phase == 'Done' && status.failures < 3",
};

function thing(status: object | undefined, generation = 2) {
  return {
    metadata: {
      name: 'one',
      uid: '1',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation,
    },
    ...(status ? { status } : {}),
  };
}

it.each([
  ['at work', { phase: 'Working', failures: 0 }, 'InProgress'],
  [
    'at work in spite of failures',
    { phase: 'Pending', failures: 9 },
    'InProgress',
  ],
  ['failed', { phase: 'Done', failures: 3 }, 'Failed'],
  ['done', { phase: 'Done', failures: 2 }, 'Current'],
  ['none of them', { phase: 'Odd', failures: 0 }, 'InProgress'],
  [
    'an earlier generation',
    { phase: 'Done', failures: 0, observedGeneration: 1 },
    'InProgress',
  ],
  ['without what is read', {}, 'InProgress'],
  ['without a status', undefined, 'InProgress'],
])('tells the health of a custom kind: %s', (_case, status, health) => {
  expect(healthByExpressions(thing(status), expressions)).toBe(health);
});

it('says which expression cannot be read', () => {
  expect(expressionProblem([expressions])).toBeUndefined();
  expect(
    expressionProblem([{ ...expressions, failed: 'status.phase ==' }]),
  ).toContain('the expression failed of example.com/v1/Thing');
});
