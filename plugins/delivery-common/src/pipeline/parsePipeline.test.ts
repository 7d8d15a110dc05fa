// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { parsePipeline, type PipelineContext } from './parsePipeline';

const context: PipelineContext = {
  service: 'component:default/parcel-vision',
  clusters: [
    'cloud-staging',
    'cloud-production',
    'edge-staging',
    'edge-production',
  ],
  defaults: {
    fleet: { repository: 'http://forge.example/norden/fleet', branch: 'main' },
  },
};

const sixStages = `apiVersion: causeway.dev/v1
kind: Pipeline
images: [registry.norden.example/parcel-vision]
namespace: sorting
stages:
  - { name: local, kind: local }
  - { name: ci, kind: ci }
  - { name: cloud-staging, kind: cloud, promotion: auto, targets: [cloud-staging] }
  - name: cloud-production
    kind: cloud
    targets: [cloud-production]
    gates:
      - approval: { group: team-leads, expires: 3d }
      - soak: { stage: cloud-staging, for: 30s }
  - name: edge-staging
    kind: edge
    targets: [edge-staging]
  - name: edge-production
    kind: edge
    targets:
      - { cluster: edge-production, variant: jetson }
      - { cluster: edge-production, variant: raspberry-pi, workload: vision/cam, kustomization: apps/cam, path: cam/pi }
    gates:
      - soak: { stage: edge-staging, for: PT30M }
`;

/** A short valid document; `stages` takes the place of its stages. */
function withStages(stages: string): string {
  return `apiVersion: causeway.dev/v1
kind: Pipeline
images: [a/b]
stages:
${stages}`;
}

function problemsOf(text: string) {
  const { problems } = parsePipeline(text, context);
  return (problems ?? []).map(
    ({ line, column, code }) => `${line}:${column} ${code}`,
  );
}

describe('parsePipeline', () => {
  it('fills in every default of a six-stage pipeline', () => {
    const { pipeline, problems } = parsePipeline(sixStages, context);
    expect(problems).toBeUndefined();
    expect(pipeline?.fleet).toEqual(context.defaults.fleet);
    expect(
      pipeline?.stages.map(({ name, title, after, promotion }) => [
        name,
        title,
        after.join(),
        promotion,
      ]),
    ).toEqual([
      ['local', 'Local', '', 'manual'],
      ['ci', 'CI', 'local', 'manual'],
      ['cloud-staging', 'Cloud staging', 'ci', 'auto'],
      ['cloud-production', 'Cloud production', 'cloud-staging', 'manual'],
      ['edge-staging', 'Edge staging', 'cloud-production', 'manual'],
      ['edge-production', 'Edge production', 'edge-staging', 'manual'],
    ]);
    expect(pipeline?.stages[3].gates).toEqual([
      {
        kind: 'approval',
        name: 'Approval by team-leads',
        group: 'group:default/team-leads',
        count: 1,
        expires: 3 * 24 * 3600 * 1000,
      },
      {
        kind: 'soak',
        name: 'Soak in Cloud staging',
        stage: 'cloud-staging',
        duration: 30_000,
      },
    ]);
    expect(pipeline?.stages[5].targets).toEqual([
      {
        cluster: 'edge-production',
        path: 'services/parcel-vision/overlays/edge-production/jetson',
        kustomization: {
          namespace: 'flux-system',
          name: 'parcel-vision-jetson',
        },
        workload: {
          kind: 'Deployment',
          namespace: 'sorting',
          name: 'parcel-vision-jetson',
        },
      },
      {
        cluster: 'edge-production',
        path: 'cam/pi',
        kustomization: { namespace: 'apps', name: 'cam' },
        workload: { kind: 'Deployment', namespace: 'vision', name: 'cam' },
      },
    ]);
  });

  it('puts each stage after those it needs, whatever the order of the document', () => {
    const { pipeline } = parsePipeline(
      withStages(`  - { name: join, kind: cloud, after: [east, west], targets: [edge-staging] }
  - { name: west, kind: cloud, after: [ci], targets: [cloud-staging] }
  - { name: east, kind: cloud, after: [ci], targets: [cloud-production] }
  - { name: ci, kind: ci, after: [] }
`),
      context,
    );
    expect(pipeline?.stages.map(stage => stage.name)).toEqual([
      'ci',
      'west',
      'east',
      'join',
    ]);
  });

  const stage = (fields: string) => withStages(`  - { ${fields} }\n`);
  it.each([
    ['nothing', '', ['1:1 empty']],
    ['a comment', '# soon\n', ['1:1 empty']],
    ['a text', 'hello', ['1:1 wrongType']],
    ['broken YAML', 'images: [a', ['1:11 syntax']],
    ['a tab', 'stages:\n\t- name: a\n', ['2:1 syntax']],
    ['two documents', `${sixStages}---\n${sixStages}`, ['25:1 syntax']],
    [
      'nothing but its head',
      'apiVersion: causeway.dev/v1\nkind: Pipeline\n',
      ['1:1 missing', '1:1 missing'],
    ],
    [
      'no image named',
      sixStages.replace('[registry.norden.example/parcel-vision]', '[]'),
      ['3:9 empty'],
    ],
    [
      'an image with a tag',
      sixStages.replace('parcel-vision]', 'parcel-vision:1.0]'),
      ['3:10 badImage'],
    ],
    [
      'a wrong type',
      stage('name: cloud, kind: cloud, targets: cloud-staging'),
      ['5:42 wrongType', '5:5 noTargets'],
    ],
    ['an unknown kind', stage('name: a, kind: clud'), ['5:22 unknownValue']],
    [
      'a misspelt key',
      stage('name: a, kind: ci, promotoin: auto'),
      ['5:26 unknownKey'],
    ],
    [
      'a bad duration',
      sixStages.replace('for: 30s', 'for: soon'),
      ['14:44 badDuration'],
    ],
    [
      'a stage after one that is not there',
      stage('name: a, kind: ci, after: [loacl]'),
      ['5:34 unknownStage'],
    ],
    [
      'a soak in a stage that is not there',
      sixStages.replace('stage: cloud-staging', 'stage: cloud-stagin'),
      ['14:24 unknownStage'],
    ],
    [
      'a soak in a stage that comes later',
      sixStages.replace('stage: cloud-staging', 'stage: edge-staging'),
      ['14:24 soakNotBefore'],
    ],
    [
      'a soak in CI',
      sixStages.replace('stage: cloud-staging', 'stage: ci'),
      ['14:24 soakNotPossible'],
    ],
    [
      'a circle',
      withStages(`  - { name: a, kind: ci, after: [b] }
  - { name: b, kind: ci, after: [c] }
  - { name: c, kind: ci, after: [a] }
`),
      ['5:33 cycle'],
    ],
    [
      'a name used twice',
      withStages(`  - { name: a, kind: ci }
  - { name: a, kind: ci, after: [] }
`),
      ['6:13 duplicateName'],
    ],
    [
      'an unknown cluster',
      stage('name: a, kind: cloud, targets: [cloud-stagin]'),
      ['5:39 unknownCluster'],
    ],
    [
      'a target and a gate in CI',
      stage(
        'name: a, kind: ci, targets: [edge-staging], gates: [{approval: {group: x}}]',
      ),
      ['5:35 targetNotPossible', '5:58 gateNotPossible'],
    ],
    ['no target', stage('name: a, kind: edge'), ['5:5 noTargets']],
    [
      'the same target twice',
      stage('name: a, kind: edge, targets: [edge-staging, edge-staging]'),
      ['5:52 duplicateTarget'],
    ],
    [
      'a gate of two kinds',
      stage(
        'name: a, kind: edge, targets: [edge-staging], gates: [{approval: {group: x}, soak: {stage: a, for: 1s}}]',
      ),
      ['5:61 oneOf', '5:98 soakNotBefore'],
    ],
    [
      'a path that leaves the repository',
      stage(
        'name: a, kind: edge, targets: [{cluster: edge-staging, path: ../../etc}]',
      ),
      ['5:68 badPath'],
    ],
    [
      'credentials in a repository URL',
      `${sixStages}fleet: { repository: "https://me:secret@forge.example/x/y" }\n`,
      ['25:22 badRepository'],
    ],
    [
      'a key written twice',
      `${sixStages}kind: Pipeline\n`,
      ['25:1 duplicateKey'],
    ],
    ['an alias without its anchor', 'images: *none\n', ['1:9 tooManyAliases']],
    ['deep nesting', '['.repeat(5000), ['1:1 tooDeep']],
    ['too much', `# ${'x'.repeat(300_000)}`, ['1:1 tooLarge']],
  ])('says where and why for %s', (_what, text, expected) => {
    expect(problemsOf(text).sort()).toEqual([...expected].sort());
  });

  it('refuses a bomb of aliases without expanding it', () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) =>
        `l${level + 1}: &l${level + 1} [${Array(9)
          .fill(`*l${level}`)
          .join(', ')}]`,
    );
    expect(
      problemsOf(['l0: &l0 [lol]', ...levels].join('\n')).map(
        problem => problem.split(' ')[1],
      ),
    ).toEqual(['tooManyAliases']);
  });

  it('reports all problems at once, in the order of the text', () => {
    const problems = problemsOf(`apiVersion: causeway.dev/v2
kind: Pipeline
images: [a:1]
stages:
  - { name: one, kind: cloud, targets: [nowhere] }
  - { name: two, kind: edge, after: [three], targets: [edge-staging], gates: [{ soak: { stage: on, for: 5 minutes } }] }
`);
    expect(problems).toEqual([
      '1:13 unknownValue',
      '3:10 badImage',
      '5:41 unknownCluster',
      '6:38 unknownStage',
      '6:96 unknownStage',
      '6:105 badDuration',
    ]);
  });

  it('suggests the nearest name', () => {
    const { problems } = parsePipeline(
      stage('name: a, kind: cloud, targets: [cloud-stagging]'),
      context,
    );
    expect(problems?.[0].message).toContain('Did you mean `cloud-staging`?');
  });

  it('does not judge cluster names while the portal does not know its clusters', () => {
    const text = stage('name: a, kind: cloud, targets: [anything]');
    expect(
      parsePipeline(text, { ...context, clusters: undefined }).pipeline,
    ).toBeDefined();
  });

  it('needs a fleet repository from the document or the portal', () => {
    const { problems } = parsePipeline(sixStages, { ...context, defaults: {} });
    expect(problems?.map(problem => problem.code)).toEqual(['noFleet']);
  });

  describe('for any text', () => {
    /** What is wrong with the answer itself. */
    const complaints = (text: string) => {
      const { pipeline, problems } = parsePipeline(text, context);
      const lines = text.split('\n').length + 1;
      return [
        ...((pipeline === undefined) === (problems === undefined)
          ? ['both or neither']
          : []),
        ...(problems?.length === 0 ? ['no problem'] : []),
        ...(problems ?? []).filter(
          ({ line, column }) => line < 1 || column < 1 || line > lines,
        ),
      ];
    };

    it('never throws, and gives a pipeline or problems with places', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'binary' }), text => {
          expect(complaints(text)).toEqual([]);
        }),
      );
    });

    it('never throws for damaged pipelines either', () => {
      const damage = fc.tuple(
        fc.nat(sixStages.length),
        fc.nat(12),
        fc.oneof(
          fc.string(),
          fc.constantFrom(
            '[',
            '{',
            '&a',
            '*a',
            ': ',
            '- ',
            '\t',
            '\n',
            '"',
            '|',
          ),
        ),
      );
      fc.assert(
        fc.property(fc.array(damage, { maxLength: 4 }), cuts => {
          const damaged = cuts.reduce(
            (text, [at, length, put]) =>
              text.slice(0, at) + put + text.slice(at + length),
            sixStages,
          );
          expect(complaints(damaged)).toEqual([]);
        }),
        { numRuns: 300 },
      );
    });
  });
});
