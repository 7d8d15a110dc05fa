// SPDX-License-Identifier: Apache-2.0
import { parsePipeline } from './parsePipeline';

const context = {
  service: 'component:default/label-api',
  clusters: ['cloud-production'],
  defaults: {
    fleet: { repository: 'http://forge/norden/fleet', branch: 'main' },
  },
};

const read = (strategy: string) =>
  parsePipeline(
    `apiVersion: causeway.dev/v1
kind: Pipeline
images: [a/b]
stages:
  - name: cloud-production
    kind: cloud
    targets: [cloud-production]
    strategy: ${strategy}
`,
    context,
  );

it('fills in what a document leaves out, and marks the targets', () => {
  expect(read('{ blueGreen: {} }').pipeline?.stages).toMatchObject([
    {
      blueGreen: { watch: 600_000, keep: 1_800_000, promotion: 'auto' },
      targets: [{ coloured: true }],
    },
  ]);
  const [stage] =
    read('{ blueGreen: { smokeTest: smoke, keep: 2h, promotion: manual } }')
      .pipeline?.stages ?? [];
  expect(stage).toMatchObject({
    blueGreen: { keep: 7_200_000, promotion: 'manual' },
    targets: [{ coloured: true, smokeTest: 'smoke' }],
  });
  expect(stage.strategy).toBeUndefined();
});

it('measures only where the document has limits', () => {
  const metricsOf = (strategy: string) =>
    read(strategy).pipeline?.stages[0].blueGreen?.metrics;
  expect(metricsOf('{ blueGreen: {} }')).toBeUndefined();
  expect(
    metricsOf('{ blueGreen: { limits: { p95Milliseconds: 300 } } }'),
  ).toEqual({
    policy: {
      errorRatePass: 0.001,
      errorRateAboveBaseline: 0.01,
      slaP95Ms: 300,
      latencyAboveBaseline: 0.2,
    },
    undecided: 'hold',
  });
});

it.each([
  ['both strategies', '{ blueGreen: {}, canary: {} }', '8:15 oneOf'],
  ['no strategy', '{}', '8:15 oneOf'],
  ['an unknown key', '{ blueGreen: { wach: 10m } }', '8:30 unknownKey'],
  ['no duration', '{ blueGreen: { keep: soon } }', '8:36 badDuration'],
  [
    'a limit of canaries',
    '{ blueGreen: { limits: { cpuPercent: 80 } } }',
    '8:40 unknownKey',
  ],
  ['another word', '{ blueGreen: { promotion: never } }', '8:41 unknownValue'],
])('says where %s stands', (_name, strategy, place) => {
  const [problem] = read(strategy).problems ?? [];
  expect(`${problem?.line}:${problem?.column} ${problem?.code}`).toBe(place);
});
