// SPDX-License-Identifier: Apache-2.0
import { aDevice } from './__testUtils__/devices';
import { reportWave } from './report';
import { Stage } from './__testUtils__/Stage';

const devices = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    aDevice({ id: `d${index}`, site: `site-${index % 4}` }),
  );

it('has arrived when all that can be reached is proven, whoever is away or held', () => {
  const stage = new Stage(
    devices(8).map((device, index) => ({
      ...device,
      connected: index !== 0,
      ...(index === 1 && { hold: 'operator' as const }),
    })),
  );
  expect(reportWave(stage.state, stage.now)).toMatchObject({
    state: 'rolling',
    counts: { away: 1, held: 1, proven: 0 },
  });
  stage.live(240);
  expect(reportWave(stage.state, stage.now)).toMatchObject({
    state: 'arrived',
    counts: { proven: 6, away: 1, held: 1, planned: 0 },
    sentence: expect.stringContaining('6 of 8 devices'),
  });
});

it('goes on when one device fails, and counts it', () => {
  const stage = new Stage(devices(8));
  stage.live(5);
  const [bad] = stage.in('soaking');
  stage.see({ health: 'failed' }, bad);
  stage.live(400);
  expect(reportWave(stage.state, stage.now)).toMatchObject({
    state: 'arrived',
    counts: { proven: 7, failed: 1 },
  });
});

it('does not wait for devices whose site has no room because another is unhealthy there', () => {
  const stage = new Stage([
    ...devices(8),
    aDevice({ id: 'ill', site: 'site-0', hardware: 'other', health: 'failed' }),
  ]);
  stage.live(240);
  expect(stage.in('waiting')).toContain('d0');
  expect(reportWave(stage.state, stage.now).counts).toMatchObject({
    blocked: 3,
    proven: 6,
  });
});

it('is stopped when nothing that can be reached is left to be taken back', () => {
  const stage = new Stage(devices(8));
  stage.live(5);
  stage.turn([], [{ kind: 'stop', reason: 'It looks wrong.', takeBack: true }]);
  expect(reportWave(stage.state, stage.now)).toMatchObject({
    state: 'stopping',
  });
  stage.live(5);
  expect(reportWave(stage.state, stage.now)).toMatchObject({
    state: 'stopped',
    sentence: expect.stringContaining('It looks wrong.'),
  });
});

it('waits for a person, and pauses for its own taking back do not count as that', () => {
  const stage = new Stage(devices(8));
  stage.turn([], [{ kind: 'pause', by: 'takingBack', reason: 'd1 goes back' }]);
  expect(reportWave(stage.state, stage.now).state).toBe('rolling');
  stage.turn([], [{ kind: 'pause', by: 'person', reason: 'Lunch' }]);
  expect(reportWave(stage.state, stage.now)).toMatchObject({
    state: 'waiting',
    sentence: expect.stringContaining('It waits: Lunch.'),
  });
});
