// SPDX-License-Identifier: Apache-2.0
import { aDevice } from './__testUtils__/devices';
import { Stage } from './__testUtils__/Stage';
import { reportWave } from './report';

const ids = ['a', 'b', 'c', 'd'];
const begin = () =>
  new Stage(ids.map((id, index) => aDevice({ id, site: `site-${index}` })));

const exclude = (device: string) =>
  ({ kind: 'exclude', device, reason: 'Somebody else took it.' } as const);

it('leaves out a device that somebody else took, says so once, and goes on with the others', () => {
  const stage = begin();
  const [first] = stage.in('waiting');
  const decisions = stage.turn([], [exclude(first)]);
  expect(decisions).toContainEqual({
    kind: 'excluded',
    device: first,
    because: 'Somebody else took it.',
  });
  expect(stage.turn([], [exclude(first)])).toEqual([]);
  stage.live(240);
  expect(stage.of('order')).not.toContain(first);
  expect(stage.of('proven')).toHaveLength(ids.length - 1);
  expect(reportWave(stage.state, stage.now)).toMatchObject({
    state: 'arrived',
    counts: { leftOut: 1 },
  });
});

it('takes back nothing from a failed device that somebody else took', () => {
  const stage = begin();
  const [first] = stage.in('inFlight');
  stage.see({ running: 'new', health: 'ok' }, first);
  stage.turn([], [exclude(first)]);
  stage.see({ health: 'failed' }, first);
  stage.live(10);
  expect(stage.phase(first)).toBe('excluded');
  expect(stage.of('takeBack')).toEqual([]);
});

it('does not mind a device that it does not know', () => {
  expect(begin().turn([], [exclude('nobody')])).toEqual([]);
});
