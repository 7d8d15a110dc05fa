// SPDX-License-Identifier: Apache-2.0
import { WakeList } from './WakeList';

const north = { on: 'cluster', cluster: 'edge-north' } as const;
const south = { on: 'cluster', cluster: 'edge-south' } as const;

describe('the list of wakes', () => {
  it('wakes those who wait for what happened, and nobody else', () => {
    const wakes = new WakeList();
    wakes.looking('a');
    wakes.waits('a', [north]);
    wakes.looking('b');
    wakes.waits('b', [south, { on: 'decision' }]);
    wakes.wake(north);
    expect(wakes.woken()).toEqual(['a']);
    wakes.wake({ on: 'stage', stage: 'staging' });
    expect(wakes.woken()).toEqual(['a']);
    wakes.wake(undefined);
    expect(wakes.woken()).toEqual(['a', 'b']);
  });

  it('does not lose what happens between looking and waiting', () => {
    const wakes = new WakeList();
    wakes.looking('a');
    wakes.wake(north);
    wakes.waits('a', [north]);
    expect(wakes.woken()).toEqual(['a']);
  });

  it('forgets what happened before somebody looked', () => {
    const wakes = new WakeList();
    wakes.looking('a');
    wakes.waits('a', [north]);
    wakes.wake(north);
    wakes.looking('a');
    wakes.waits('a', [south]);
    expect(wakes.woken()).toEqual([]);
  });

  it('knows nothing of promotions that ended', () => {
    const wakes = new WakeList();
    wakes.looking('a');
    wakes.waits('a', [north]);
    wakes.forget('a');
    wakes.wake(north);
    expect(wakes.woken()).toEqual([]);
  });
});
