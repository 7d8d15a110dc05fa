// SPDX-License-Identifier: Apache-2.0
import type { JsonObject } from '@backstage/types';
import { silentLogger } from '../testing/silentLogger';
import { SignalPublisher } from './SignalPublisher';

describe('SignalPublisher', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  function publisher() {
    const sent: JsonObject[] = [];
    const signals = new SignalPublisher({
      signals: {
        publish: async ({ message }) => {
          sent.push(message);
        },
      },
      logger: silentLogger,
      run: 'a',
    });
    return { signals, sent };
  }

  it('sends the first change at once and the following ones together', () => {
    const { signals, sent } = publisher();
    signals.changed('one');
    expect(sent).toEqual([{ revision: 'a-1', service: 'one' }]);
    signals.changed('one');
    signals.changed('two');
    jest.advanceTimersByTime(200);
    expect(sent.slice(1)).toEqual([{ revision: 'a-2' }]);
    jest.advanceTimersByTime(1000);
    expect(sent).toHaveLength(2);
  });

  it('names no service when any may have changed', () => {
    const { signals, sent } = publisher();
    signals.changed();
    signals.changed('one');
    jest.advanceTimersByTime(200);
    expect(sent).toEqual([
      { revision: 'a-1' },
      { revision: 'a-2', service: 'one' },
    ]);
  });

  it('stays below six hints in a second, however much changes', () => {
    const { signals, sent } = publisher();
    for (let millisecond = 0; millisecond < 1000; millisecond++) {
      signals.changed(`service-${millisecond}`);
      jest.advanceTimersByTime(1);
    }
    expect(sent.length).toBeGreaterThan(1);
    expect(sent.length).toBeLessThanOrEqual(6);
  });

  it('is silent after it was stopped', () => {
    const { signals, sent } = publisher();
    signals.changed('one');
    signals.changed('two');
    signals.stop();
    jest.advanceTimersByTime(1000);
    expect(sent).toHaveLength(1);
  });
});
