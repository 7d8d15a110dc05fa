// SPDX-License-Identifier: Apache-2.0
import type { Telemetry } from './device';
import {
  describeMeasuring,
  isMeasured,
  type Measuring,
} from './describeMeasuring';

const age = 300;

/** When temperature and memory were measured last. */
function measured(temperature?: number, memory?: number): Telemetry {
  const reading = (at: number) => ({
    value: 1,
    unit: '',
    at: new Date(at).toISOString(),
    source: 'test',
  });
  return {
    readings: {
      ...(temperature !== undefined && { temperature: reading(temperature) }),
      ...(memory !== undefined && { memory: reading(memory) }),
      power: reading(0),
    },
  };
}

/** After looks at these times, each with what was known then. */
function after(...looks: readonly (readonly [number, Telemetry?])[]) {
  return looks.reduce<Measuring | undefined>(
    (before, [now, telemetry]) =>
      describeMeasuring(telemetry, age, before, now),
    undefined,
  )!;
}

it.each<[string, Measuring, number, boolean, number | undefined]>([
  ['never', after([1_000]), 1_001, false, undefined],
  [
    'only what says nothing of health',
    after([1_000, measured()]),
    1_001,
    false,
    undefined,
  ],
  ['just recent', after([1_000, measured(990)]), 1_290, true, undefined],
  ['too old', after([1_000, measured(990)]), 1_291, false, undefined],
  [
    'one of two is missing',
    after([1_000, measured(900, 900)], [1_300, measured(900, 1_290)]),
    1_300,
    false,
    undefined,
  ],
  [
    'again and again',
    after([1_000, measured(990)], [1_290, measured(1_290)]),
    1_300,
    true,
    undefined,
  ],
  [
    'back after a gap, and on from there',
    after(
      [1_000, measured(990)],
      [1_300, measured(1_291)],
      [1_400, measured(1_391)],
    ),
    1_400,
    true,
    1_291,
  ],
  [
    'the first in time, after a start',
    after([1_000], [1_300, measured(1_300)]),
    1_300,
    true,
    undefined,
  ],
  [
    'the first too late',
    after([1_000], [1_310, measured(1_301)]),
    1_310,
    true,
    1_301,
  ],
])('%s', (_, measuring, now, isKnown, since) => {
  expect(isMeasured(measuring, now)).toBe(isKnown);
  expect(measuring.since).toBe(since);
});
