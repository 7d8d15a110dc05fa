// SPDX-License-Identifier: Apache-2.0
import { parsePipeline } from './parsePipeline';

const document = (gate: string) => `apiVersion: causeway.dev/v1
kind: Pipeline
images: [registry.example/vision]
stages:
  - { name: cloud-staging, kind: cloud, targets: [cloud] }
  - { name: edge-staging, kind: edge, targets: [edge-staging] }
  - name: edge-production
    kind: edge
    targets: [edge]
    gates:
      - deviceHealth: ${gate}
  - { name: edge-canary, kind: edge, targets: [some], strategy: { canary: {} }, after: [edge-staging] }
  - { name: edge-far, kind: edge, targets: [far] }
`;

const read = (gate: string) =>
  parsePipeline(document(gate), {
    service: 'component:default/vision',
    defaults: {
      fleet: { repository: 'https://git.example/fleet', branch: 'main' },
    },
  });
const minute = 60_000;

it.each<[string, string, object]>([
  [
    'fills in what is left out',
    '{ stage: edge-staging, healthyPercent: 95, for: 10m }',
    {
      kind: 'deviceHealth',
      name: 'Device health in Edge staging',
      stage: 'edge-staging',
      healthyPercent: 95,
      duration: 10 * minute,
      ignoreAway: 24 * 60 * minute,
      atLeast: 1,
    },
  ],
  [
    'reads how long devices may be away, and a name',
    '{ name: Well, stage: edge-staging, healthyPercent: 99.9, for: PT1H, away: 1h30m, atLeast: 20 }',
    {
      kind: 'deviceHealth',
      name: 'Well',
      stage: 'edge-staging',
      healthyPercent: 99.9,
      duration: 60 * minute,
      ignoreAway: 90 * minute,
      atLeast: 20,
    },
  ],
  [
    'lets go of devices at once',
    '{ stage: edge-staging, healthyPercent: 1, for: 0s, away: ignore }',
    {
      kind: 'deviceHealth',
      name: 'Device health in Edge staging',
      stage: 'edge-staging',
      healthyPercent: 1,
      duration: 0,
      ignoreAway: 0,
      atLeast: 1,
    },
  ],
  [
    'never lets go of devices',
    '{ stage: edge-staging, healthyPercent: 100, for: 1d, away: count }',
    {
      kind: 'deviceHealth',
      name: 'Device health in Edge staging',
      stage: 'edge-staging',
      healthyPercent: 100,
      duration: 24 * 60 * minute,
      atLeast: 1,
    },
  ],
])('%s', (_, gate, expected) => {
  expect(read(gate).pipeline?.stages[2].gates).toEqual([expected]);
});

it.each<[string, string, string]>([
  [
    'a stage that there is not',
    '{ stage: edge-stagin, healthyPercent: 95, for: 10m }',
    '11:32 unknownStage',
  ],
  [
    'a stage without devices',
    '{ stage: cloud-staging, healthyPercent: 95, for: 10m }',
    '11:32 deviceHealthNotPossible',
  ],
  [
    'a stage with canaries',
    '{ stage: edge-canary, healthyPercent: 95, for: 10m }',
    '11:32 deviceHealthNotPossible',
  ],
  [
    'its own stage',
    '{ stage: edge-production, healthyPercent: 95, for: 10m }',
    '11:32 deviceHealthNotBefore',
  ],
  [
    'a stage that comes later',
    '{ stage: edge-far, healthyPercent: 95, for: 10m }',
    '11:32 deviceHealthNotBefore',
  ],
  ['no share', '{ stage: edge-staging, for: 10m }', '11:23 missing'],
  [
    'a share with its sign',
    '{ stage: edge-staging, healthyPercent: 95%, for: 10m }',
    '11:62 wrongType',
  ],
  [
    'a share of nothing',
    '{ stage: edge-staging, healthyPercent: 0, for: 10m }',
    '11:62 outOfRange',
  ],
  ['no time', '{ stage: edge-staging, healthyPercent: 95 }', '11:23 missing'],
  [
    'a time that is none',
    '{ stage: edge-staging, healthyPercent: 95, for: soon }',
    '11:71 badDuration',
  ],
  [
    'another rule for what is away',
    '{ stage: edge-staging, healthyPercent: 95, for: 1m, away: forget }',
    '11:81 badAwayRule',
  ],
  [
    'no device at least',
    '{ stage: edge-staging, healthyPercent: 95, for: 1m, atLeast: 0 }',
    '11:84 outOfRange',
  ],
  [
    'a key that is not known',
    '{ stage: edge-staging, healthy: 95, for: 1m, healthyPercent: 1 }',
    '11:46 unknownKey',
  ],
])('refuses %s, in its place', (_, gate, expected) => {
  const { problems = [] } = read(gate);
  expect(
    problems.map(({ line, column, code }) => `${line}:${column} ${code}`),
  ).toEqual([expected]);
});
