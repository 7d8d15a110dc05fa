// SPDX-License-Identifier: Apache-2.0
import { parsePipeline } from './parsePipeline';

const context = {
  service: 'component:default/label-api',
  defaults: {
    fleet: { repository: 'https://forge.example/fleet', branch: 'main' },
  },
};

function parse(checks: string) {
  return parsePipeline(
    `apiVersion: causeway.dev/v1
kind: Pipeline
images: [registry.example/label-api]
stages:
  - { name: ci, kind: ci }
  - name: production
    kind: cloud
    targets: [production]
    strategy:
      canary:
        checks: ${checks}
`,
    context,
  );
}

const arm = '{pod=~"{{pod_regex}}"}';
const queue = `value: 'avg(queue${arm})'`;

describe('checks of a canary', () => {
  it('are read with shares between 0 and 1', () => {
    const { pipeline, problems } = parse(`
          - title: Quick answers
            part: 'answers_bucket{pod=~"{{pod_regex}}",le="0.25"}'
            of: 'answers_count{namespace="{{namespace}}",pod=~"{{ pod_regex }}"}'
            atLeast: 95
            percentBelowBaseline: 5
          - title: Queue
            unit: parcels
            value: 'max_over_time(queue{w="{{workload}}"}[{{window}}])'
            atMost: 100
          - { title: Waiting, ${queue}, percentAboveBaseline: 20 }`);
    expect(problems).toBeUndefined();
    expect(pipeline?.stages[1].strategy?.policy.checks).toEqual([
      {
        title: 'Quick answers',
        unit: '%',
        measure: {
          kind: 'share',
          part: 'answers_bucket{pod=~"{{pod_regex}}",le="0.25"}',
          whole:
            'answers_count{namespace="{{namespace}}",pod=~"{{ pod_regex }}"}',
        },
        rule: { side: 'lower', limit: 0.95, relative: 0.05 },
      },
      {
        title: 'Queue',
        unit: 'parcels',
        measure: {
          kind: 'value',
          query: 'max_over_time(queue{w="{{workload}}"}[{{window}}])',
        },
        rule: { side: 'upper', limit: 100 },
      },
      {
        title: 'Waiting',
        unit: '',
        measure: { kind: 'value', query: `avg(queue${arm})` },
        rule: { side: 'upper', relative: 0.2 },
      },
    ]);
  });

  it('are none where the document names none', () => {
    const { pipeline } = parse('[]');
    expect(pipeline?.stages[1].strategy?.policy.checks).toEqual([]);
  });

  it.each([
    [
      'an unknown placeholder',
      `value: 'avg(queue{version="{{version}}"})', percentAboveBaseline: 20`,
      'badQuery',
      '`value` uses {{version}}; there are {{namespace}}, {{workload}}, {{pod_regex}} and {{window}}.',
    ],
    [
      'one query for both arms',
      `value: 'avg(queue)', percentAboveBaseline: 20`,
      'badQuery',
      '`value` must use {{workload}} or {{pod_regex}}, or canary and baseline can not be told apart.',
    ],
    [
      'a rate where counters are asked for',
      `part: 'rate(bad${arm}[1m])', of: 'all${arm}', atMost: 1`,
      'badQuery',
      '`part` must be a plain selector like name{label="value"}, without functions or ranges.',
    ],
    [
      'half a share',
      `part: 'bad${arm}', atMost: 1`,
      'checkMeasure',
      'A check is measured by `value`, or by `part` and `of` together; write exactly one of both.',
    ],
    [
      'both kinds at once',
      `${queue}, part: 'bad${arm}', of: 'all${arm}', atMost: 1, unit: parcels`,
      'checkMeasure',
      'A check is measured by `value`, or by `part` and `of` together; write exactly one of both.',
    ],
    [
      'no limit',
      `${queue}`,
      'noLimit',
      'A check needs a limit: `atMost` or `percentAboveBaseline` where less is better, `atLeast` or `percentBelowBaseline` where more is.',
    ],
    [
      'limits on both sides',
      `${queue}, unit: parcels, atMost: 10, percentBelowBaseline: 5`,
      'mixedLimits',
      '`atMost` and `percentBelowBaseline` limit both sides; write two checks.',
    ],
    [
      'a limit without a unit',
      `${queue}, atMost: 10`,
      'noUnit',
      '`atMost` needs a `unit`, or nobody knows what 10 is.',
    ],
    [
      'a share of everything',
      `part: 'bad${arm}', of: 'all${arm}', atLeast: 100`,
      'outOfRange',
      '`atLeast` of a share is in percent, above 0 and below 100.',
    ],
    [
      'a misspelt key',
      `${queue}, percentAboveBaselin: 20, percentAboveBaseline: 20`,
      'unknownKey',
      '`percentAboveBaselin` is not known in `stages[1].strategy.canary.checks[0]`. Did you mean `percentAboveBaseline`?',
    ],
  ])('say what is wrong with %s', (_, check, code, message) => {
    expect(parse(`\n          - { title: Waiting, ${check} }`)).toEqual({
      problems: [{ line: 12, column: expect.any(Number), code, message }],
    });
  });

  it('say which title is there twice, and how many are too many', () => {
    const check = (title: string) =>
      `\n          - { title: ${title}, ${queue}, percentAboveBaseline: 20 }`;
    expect(parse(['A', 'B', 'A'].map(check).join('')).problems).toEqual([
      {
        line: 14,
        column: 22,
        code: 'duplicateCheck',
        message: 'Two checks are called `A`; each needs a title of its own.',
      },
    ]);
    const nine = Array.from({ length: 9 }, (_, index) => check(`C${index}`));
    expect(parse(nine.join('')).problems).toMatchObject([
      {
        code: 'outOfRange',
        message: expect.stringContaining('more than 8 items'),
      },
    ]);
  });
});
