// SPDX-License-Identifier: Apache-2.0
import type { StageView } from '@causeway/plugin-delivery-common';
import {
  cloudAndEdge,
  isPossible,
  versionChoices,
  type StageOptions,
} from './rollbackChoices';

type Past = StageOptions['releases'][number];

function ran(version: string, rest: Partial<Past> = {}): Past {
  return {
    release: { id: version, version },
    previous: false,
    allowed: true,
    ...rest,
  };
}

function option(
  stage: string,
  current: string,
  releases: readonly Past[],
  allowed = true,
): StageOptions {
  return {
    stage,
    title: stage,
    allowed,
    reasons: [],
    current: { id: current, version: current },
    releases,
  };
}

function stageOf(name: string, kind: StageView['kind']): StageView {
  return {
    name,
    title: name,
    kind,
    promotion: 'manual',
    after: [],
    state: { key: 'ok', word: 'Healthy' },
    targets: [],
    gates: [],
    allowedActions: [],
  };
}

describe('versionChoices', () => {
  it('offers what ran in every chosen stage, and says where another never ran or why it may not be', () => {
    const choices = versionChoices([
      option('cloud', '3', [
        ran('2'),
        ran('1'),
        ran('bad', { allowed: false, why: 'it failed' }),
      ]),
      option('edge', '3', [ran('2')]),
    ]);
    expect(
      choices.map(choice => [
        choice.version,
        isPossible(choice),
        choice.missingIn,
        choice.why,
      ]),
    ).toEqual([
      ['2', true, [], []],
      ['1', false, ['edge'], []],
      ['bad', false, ['edge'], ['it failed']],
    ]);
  });

  it('leaves out what runs in every chosen stage, but not what runs in one of them', () => {
    expect(
      versionChoices([
        option('cloud', '3', [ran('3', { allowed: false }), ran('2')]),
      ]).map(choice => choice.version),
    ).toEqual(['2']);
    expect(
      versionChoices([
        option('cloud', '3', [ran('3')]),
        option('edge', '2', [ran('3')]),
      ]).map(choice => choice.version),
    ).toEqual(['3']);
  });
});

describe('cloudAndEdge', () => {
  const stages = [
    stageOf('cloud-staging', 'cloud'),
    stageOf('cloud-production', 'cloud'),
    stageOf('edge-staging', 'edge'),
    stageOf('edge-production', 'edge'),
  ];

  it('is the last stage of each kind', () => {
    const options = stages.map(({ name }) => option(name, '2', [ran('1')]));
    expect(cloudAndEdge(options, stages)?.map(each => each.stage)).toEqual([
      'cloud-production',
      'edge-production',
    ]);
  });

  it('is not offered when one of them may not be taken back, or there is no edge', () => {
    const options = stages.map(({ name }) =>
      option(name, '2', [ran('1')], name !== 'edge-production'),
    );
    expect(cloudAndEdge(options, stages)).toBeUndefined();
    expect(cloudAndEdge(options, stages.slice(0, 2))).toBeUndefined();
  });
});
