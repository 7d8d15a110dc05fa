// SPDX-License-Identifier: Apache-2.0
import { parsePipeline } from './parsePipeline';

const document = (wave: string) => `apiVersion: causeway.dev/v1
kind: Pipeline
images: [registry.example/vision]
stages:
  - name: edge-production
    kind: edge
    targets:
      - { cluster: edge, variant: jetson }
    strategy:
      wave: ${wave}
`;

const read = (wave: string, probes?: readonly string[]) =>
  parsePipeline(document(wave), {
    service: 'component:default/vision',
    probes,
    defaults: {
      fleet: { repository: 'https://git.example/fleet', branch: 'main' },
    },
  });

it('reads a wave, whose targets are DaemonSets', () => {
  const [stage] =
    read(
      '{ order: rings, rings: [{ name: Bench, sites: [rotterdam] }, { name: Tenth, percent: 10 }], sitePercent: 10, soak: 10m, tolerance: { percent: 1 }, maxTemperature: 80 }',
    ).pipeline?.stages ?? [];
  expect(stage.targets[0].workload).toEqual({
    kind: 'DaemonSet',
    namespace: 'default',
    name: 'vision-jetson',
  });
  expect(stage.wave?.policy).toEqual({
    mode: {
      kind: 'rings',
      provenShare: 0.9,
      rings: [
        { name: 'Bench', sites: ['rotterdam'] },
        { name: 'Tenth', share: 0.1 },
      ],
    },
    siteShare: 0.1,
    soak: 600_000,
    tolerance: 0.01,
    preconditions: {
      '*': { maxTemperatureC: 80, voltage: true, freeDiskImages: 2 },
    },
  });
});

it('leaves to the defaults what is not said', () => {
  expect(read('{}').pipeline?.stages[0].wave).toEqual({ policy: {} });
});

it.each([
  ['true', { atOnce: 20, share: 0.1 }],
  ['{}', { atOnce: 20, share: 0.1 }],
  ['{ atOnce: 5 }', { atOnce: 5, share: 0 }],
  ['{ atOnce: 5, percent: 20 }', { atOnce: 5, share: 0.2 }],
  ['false', undefined],
])('pulls images ahead as told: %s', (prePull, expected) => {
  const { pipeline } = read(`{ prePull: ${prePull} }`);
  expect(pipeline?.stages[0].wave?.policy.prePull).toEqual(expected);
});

it('reads what proves each hardware', () => {
  const { pipeline } = read(
    '{ health: { "*": { http: { path: /healthz, port: 8080 } }, jetson: { network: { lossPercent: 5 }, resources: { temperature: 80 }, http: { path: /, port: 80, within: 5s }, job: { probe: belt-moves } }, pi: { job: { probe: belt-moves, every: 10m } } }, healthFailures: 5 }',
  );
  expect(pipeline?.stages[0].wave?.policy).toEqual({
    health: {
      '*': { http: { path: '/healthz', port: 8080, within: 3_000 } },
      jetson: {
        network: { lossPercent: 5 },
        resources: { temperatureC: 80 },
        http: { path: '/', port: 80, within: 5_000 },
        job: { probe: 'belt-moves', every: 300_000 },
      },
      pi: { job: { probe: 'belt-moves', every: 600_000 } },
    },
    healthFailures: 5,
  });
});

it.each(['healthz', '/a/../b', '/..', '/a?b=c', '/a//b', '/%2e%2e', '//b'])(
  'refuses to ask for %s',
  path => {
    const { problems = [] } = read(
      `{ health: { "*": { http: { path: "${path}", port: 80 } } } }`,
    );
    expect(problems).toHaveLength(1);
    expect(problems[0].message).toContain('a path such as /healthz');
  },
);

it.each<[readonly string[] | undefined, readonly string[]]>([
  [undefined, []],
  [['belt-moves'], []],
  [
    ['belt-stops', 'belt-move'],
    [
      "The portal has no probe `belt-moves`. Did you mean `belt-move`? Otherwise define it in `delivery.waves.probes.belt-moves` of the portal's configuration, with its image and command.",
    ],
  ],
  [
    [],
    [
      "The portal has no probe `belt-moves`. Whoever runs the portal has to define it in `delivery.waves.probes.belt-moves` of the portal's configuration, with its image and command.",
    ],
  ],
])('knows the probe that it names, of %j', (probes, expected) => {
  const { problems = [] } = read(
    '{ health: { pi: { job: { probe: belt-moves } } } }',
    probes,
  );
  expect(problems.map(({ message }) => message)).toEqual(expected);
});

it.each([
  ['{ order: rings }', 'noRings'],
  ['{ rings: [{ name: Bench }] }', 'ringsNotFollowed'],
  ['{ sitePercent: 0 }', 'outOfRange'],
  ['{ soaks: 10m }', 'unknownKey'],
  ['{ prePull: { atOnce: 0 } }', 'outOfRange'],
  ['{ health: { "*": { http: { path: / } } } }', 'missing'],
  ['{ health: { "*": { job: { every: 5m } } } }', 'missing'],
  ['{ health: { "*": { job: { probe: a, image: "b:1" } } } }', 'unknownKey'],
  ['{ health: { "*": { job: { probe: a, every: 30s } } } }', 'outOfRange'],
  ['{ growth: 2 }\n      canary: {}', 'oneOf'],
])('refuses %s as %s, in its line', (wave, code) => {
  const { problems = [] } = read(wave);
  expect(problems.map(problem => problem.code)).toContain(code);
  expect(problems[0].line).toBeGreaterThan(8);
});
