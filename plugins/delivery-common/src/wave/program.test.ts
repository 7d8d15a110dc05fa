// SPDX-License-Identifier: Apache-2.0
import { WaveProgram } from '../../bench/wave/WaveProgram';
import { aDevice } from './__testUtils__/devices';

const device = aDevice({ id: 'a', site: 'shop' });
const start = {
  do: 'start',
  id: 'w',
  target: 'new',
  now: 0,
  devices: [device],
};
const decide = { do: 'decide', now: 30_000 };

describe('waves as a program', () => {
  function say(program: WaveProgram, line: object): unknown {
    return program.answer(JSON.stringify(line));
  }

  it('starts, decides and explains', () => {
    const program = new WaveProgram();
    say(program, start);
    expect(say(program, decide)).toMatchObject({
      decisions: [{ kind: 'order', device: 'a', order: 'w/a/1' }],
      finished: false,
    });
    const seen = { ...device, running: 'new' };
    say(program, { ...decide, now: 60_000, devices: [seen] });
    expect(say(program, { do: 'explain', now: 90_000 })).toEqual({
      devices: [
        {
          device: 'a',
          ring: 0,
          phase: 'soaking',
          sentence: 'It runs the release; its proof needs 29 min 30 s more.',
        },
      ],
    });
  });

  it('goes on in another process from the state alone', () => {
    const program = new WaveProgram();
    const { state } = say(program, start) as { state: object };
    const there = say(new WaveProgram(), { ...decide, state, withState: true });
    expect(there).toEqual(say(program, { ...decide, withState: true }));
  });

  it('previews, and takes null for none', () => {
    const { devices, id, target } = start;
    const policy = { prePull: null, maxDown: null };
    const bare = devices.map(each => ({ ...each, image: 'absent' }));
    const line = { do: 'preview', id, target, devices: bare, policy };
    expect(say(new WaveProgram(), line)).toEqual({
      rings: [{ name: 'All devices', batches: [['a']] }],
      excluded: [],
    });
    const program = new WaveProgram();
    say(program, { ...start, devices: bare, policy });
    expect(say(program, decide)).toMatchObject({
      decisions: [{ kind: 'order' }],
    });
  });

  it.each([
    ['x', /JSON/],
    ['{"do":"decide"}', /^now must be/],
    ['{"do":"decide","now":1}', /^No wave was started/],
    ['{"do":"dance","now":1}', /^"do" must be/],
    [JSON.stringify({ ...start, policy: { growth: 0 } }), /^growth must be/],
  ])('says what is wrong with %s', (line, error) => {
    expect(new WaveProgram().answer(line)).toEqual({
      error: expect.stringMatching(error),
    });
  });
});
