// SPDX-License-Identifier: Apache-2.0
import type {
  PromotionDetail,
  PromotionView,
} from '@causeway/plugin-delivery-common';
import { phaseSteps } from './phaseSteps';

const asked = '2026-11-21T10:00:00.000Z';

function detail(
  promotion: Partial<PromotionView>,
  events: readonly (readonly [type: string, minute: number])[],
): PromotionDetail {
  return {
    promotion: {
      id: 'p',
      service: 'component:default/s',
      stage: 'production',
      kind: 'promotion',
      phase: 'waiting',
      state: { key: 'wait', word: 'Waiting' },
      release: { version: '1' },
      requestedAt: asked,
      requestedBy: 'user:default/mia',
      gates: [],
      targets: [],
      ...promotion,
    },
    events: events.map(([type, minute], index) => ({
      version: index + 1,
      type,
      at: `2026-11-21T10:0${minute}:00.000Z`,
      actor: 'plugin:delivery',
      text: type,
    })),
    allowedActions: [],
  };
}

describe('phaseSteps', () => {
  it.each([
    ['waiting', detail({}, []), ['ok', 'wait', 'todo', 'todo', 'todo']],
    [
      'writing',
      detail({ phase: 'writing', state: { key: 'run', word: '' } }, [
        ['gatesPassed', 1],
      ]),
      ['ok', 'ok', 'run', 'todo', 'todo'],
    ],
    [
      'reconciling while one of two targets is applied',
      detail({ phase: 'reconciling', state: { key: 'run', word: '' } }, [
        ['gatesPassed', 1],
        ['committed', 2],
        ['targetApplied', 3],
      ]),
      ['ok', 'ok', 'ok', 'run', 'todo'],
    ],
    [
      'verifying',
      detail({ phase: 'verifying', state: { key: 'run', word: '' } }, [
        ['gatesPassed', 1],
        ['committed', 2],
        ['targetApplied', 3],
      ]),
      ['ok', 'ok', 'ok', 'ok', 'run'],
    ],
    [
      'succeeded',
      detail({ phase: 'succeeded' }, [
        ['gatesPassed', 1],
        ['committed', 2],
        ['succeeded', 4],
      ]),
      ['ok', 'ok', 'ok', 'ok', 'ok'],
    ],
    [
      'rejected',
      detail({ phase: 'rejected' }, [['rejected', 1]]),
      ['ok', 'bad', 'todo', 'todo', 'todo'],
    ],
    [
      'superseded',
      detail({ phase: 'superseded' }, [['superseded', 1]]),
      ['ok', 'skip', 'todo', 'todo', 'todo'],
    ],
    [
      'failed at Flux',
      detail({ phase: 'failed' }, [
        ['gatesPassed', 1],
        ['committed', 2],
        ['failed', 3],
      ]),
      ['ok', 'ok', 'ok', 'bad', 'todo'],
    ],
    [
      'a rollback, whose gates are not asked',
      detail(
        {
          kind: 'rollback',
          phase: 'reconciling',
          state: { key: 'run', word: '' },
        },
        [['committed', 1]],
      ),
      ['ok', 'skip', 'ok', 'run', 'todo'],
    ],
    [
      'a rollback that writes',
      detail(
        { kind: 'rollback', phase: 'writing', state: { key: 'run', word: '' } },
        [],
      ),
      ['ok', 'skip', 'run', 'todo', 'todo'],
    ],
  ])('%s', (_name, given, expected) => {
    expect(phaseSteps(given).map(step => step.state)).toEqual(expected);
  });

  it('says when each step was done', () => {
    const given = detail({ phase: 'verifying' }, [
      ['gatesPassed', 1],
      ['committed', 2],
      ['targetApplied', 3],
      ['targetApplied', 5],
    ]);
    expect(phaseSteps(given).map(step => step.at?.slice(14, 16))).toEqual([
      '00',
      '01',
      '02',
      '05',
      undefined,
    ]);
  });
});
