// SPDX-License-Identifier: Apache-2.0
import { parseDuration } from './duration';

describe('parseDuration', () => {
  it.each([
    ['30s', 30_000],
    ['30m', 1_800_000],
    ['24h', 86_400_000],
    ['3d', 259_200_000],
    ['1h30m', 5_400_000],
    ['0s', 0],
    ['PT30M', 1_800_000],
    ['P1DT2H3S', 93_603_000],
    ['P2W', 1_209_600_000],
  ])('reads %s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each([
    '',
    'soon',
    '30',
    '-5m',
    '1.5h',
    'P',
    'PT',
    'P1M',
    'P1Y',
    '5 m',
    '9999999s',
  ])('refuses %j', text => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
