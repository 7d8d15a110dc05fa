// SPDX-License-Identifier: Apache-2.0
import { parsePipeline } from './parsePipeline';

const document = (drills: string, gate: string) => `apiVersion: causeway.dev/v1
kind: Pipeline
images: [registry.example/vision]
stages:
  - { name: cloud-staging, kind: cloud, targets: [cloud] }
  - name: edge-staging
    kind: edge
    targets: [edge-staging]
${drills}
  - name: edge-production
    kind: edge
    targets: [edge]
    gates:
      - drill: ${gate}
  - { name: edge-far, kind: edge, targets: [far], drills: {} }
`;

const read = (drills: string, gate: string) =>
  parsePipeline(document(drills, gate), {
    service: 'component:default/vision',
    defaults: {
      fleet: { repository: 'https://git.example/fleet', branch: 'main' },
    },
  });
const allowed = '    drills: {}';
const gate = '{ stage: edge-staging, passed: [offline-5m] }';

it('reads what may be drilled, and which drills must have passed', () => {
  const { pipeline } = read(
    '    drills: { sites: [bench], sitePercent: 100, longest: 45m }',
    '{ name: Bench, stage: edge-staging, passed: [offline-5m, heat], within: 7d }',
  );
  expect(pipeline?.stages[1].drills).toEqual({
    sites: ['bench'],
    siteShare: 1,
    longest: 2_700_000,
  });
  expect(pipeline?.stages[2].gates).toEqual([
    {
      kind: 'drill',
      name: 'Bench',
      stage: 'edge-staging',
      drills: ['offline-5m', 'heat'],
      maxAge: 604_800_000,
    },
  ]);
});

it('fills in what is left out', () => {
  const { pipeline } = read(allowed, gate);
  expect(pipeline?.stages[0].drills).toBeUndefined();
  expect(pipeline?.stages[1].drills).toEqual({
    siteShare: 0.5,
    longest: 7_200_000,
  });
  expect(pipeline?.stages[2].gates).toMatchObject([
    { name: 'Drills in Edge staging', maxAge: 2_592_000_000 },
  ]);
});

it.each<[string, string, string, string]>([
  [
    'a drill that there is not',
    allowed,
    '{ stage: edge-staging, passed: [ofline-5m] }',
    '14:48 unknownDrill',
  ],
  [
    'a stage that there is not',
    allowed,
    '{ stage: edge-stagin, passed: [heat] }',
    '14:25 unknownStage',
  ],
  [
    'a stage without drills',
    '    promotion: auto',
    gate,
    '14:25 drillNotAllowed',
  ],
  [
    'a stage that comes later',
    allowed,
    '{ stage: edge-far, passed: [heat] }',
    '14:25 drillNotBefore',
  ],
  ['no drills', allowed, '{ stage: edge-staging, passed: [] }', '14:47 empty'],
  [
    'a time that is none',
    allowed,
    '{ stage: edge-staging, passed: [heat], within: soon }',
    '14:63 badDuration',
  ],
  [
    'a share that is none',
    '    drills: { sitePercent: 0 }',
    gate,
    '9:28 outOfRange',
  ],
])('refuses %s, in its place', (_, drills, about, expected) => {
  const { problems = [] } = read(drills, about);
  expect(
    problems.map(({ line, column, code }) => `${line}:${column} ${code}`),
  ).toEqual([expected]);
});

it('refuses drills where there are no devices', () => {
  const { problems = [] } = parsePipeline(
    document(allowed, gate).replace(
      'targets: [cloud] }',
      'targets: [cloud], drills: {} }',
    ),
    {
      service: 'component:default/vision',
      defaults: {
        fleet: { repository: 'https://git.example/fleet', branch: 'main' },
      },
    },
  );
  expect(problems).toMatchObject([{ line: 5, code: 'drillsNotPossible' }]);
});
