// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { freshness, leastFresh, type Freshness } from './freshness';

const at = (second: number) =>
  new Date(Date.UTC(2026, 10, 20, 12, 0, second)).toISOString();
const expectations = { startedAt: at(0), silence: 14_000 };
const failure = (
  kind: 'unreachable' | 'forbidden' | 'failing',
  since: number,
  last = since,
) => ({ kind, since: at(since), at: at(last), problem: 'Connection refused' });

describe('freshness', () => {
  it.each([
    ['nothing yet', undefined, undefined, 1, { state: 'never', since: at(0) }],
    [
      'failing before it was ever heard',
      undefined,
      failure('failing', 1),
      2,
      { state: 'never', since: at(0), problem: 'Connection refused' },
    ],
    [
      'no connection from the start',
      undefined,
      failure('unreachable', 1, 9),
      10,
      { state: 'unreachable', since: at(1), problem: 'Connection refused' },
    ],
    ['heard just now', at(9), undefined, 10, { state: 'live', seenAt: at(9) }],
    [
      'silent exactly as long as allowed',
      at(9),
      undefined,
      23,
      { state: 'live', seenAt: at(9) },
    ],
    [
      'silent for longer',
      at(9),
      undefined,
      24,
      {
        state: 'stale',
        since: at(9),
        seenAt: at(9),
        problem: 'The cluster has said nothing since then.',
      },
    ],
    [
      'answers errors',
      at(9),
      failure('failing', 11, 12),
      13,
      {
        state: 'stale',
        since: at(11),
        seenAt: at(9),
        problem: 'Connection refused',
      },
    ],
    [
      'refuses us now',
      at(9),
      failure('forbidden', 11),
      13,
      {
        state: 'forbidden',
        since: at(11),
        seenAt: at(9),
        problem: 'Connection refused',
      },
    ],
    [
      'recovered',
      at(12),
      failure('unreachable', 10, 11),
      13,
      { state: 'live', seenAt: at(12) },
    ],
  ] as const)('%s', (_name, heard, failed, now, expected) => {
    expect(freshness(heard, failed, at(now), expectations)).toEqual(expected);
  });

  it('is never live after a failure that nothing was heard since', () => {
    fc.assert(
      fc.property(
        fc.option(fc.nat(59), { nil: undefined }),
        fc.constantFrom('unreachable', 'forbidden', 'failing' as const),
        fc.nat(59),
        fc.nat(59),
        (heard, kind, failed, now) => {
          const result = freshness(
            heard === undefined ? undefined : at(heard),
            failure(kind as 'failing', failed),
            at(now),
            expectations,
          );
          const unanswered = heard === undefined || heard <= failed;
          expect(unanswered && result.state === 'live').toBe(false);
        },
      ),
    );
  });
});

describe('leastFresh', () => {
  const live = (second: number): Freshness => ({
    state: 'live',
    seenAt: at(second),
  });
  it('takes the worst state', () => {
    const never: Freshness = { state: 'never', since: at(0) };
    expect(leastFresh([live(3), never, live(1)])).toBe(never);
  });
  it('takes the longest unseen of equal states', () => {
    expect(leastFresh([live(3), live(1), live(2)])).toEqual(live(1));
  });
  it('says nothing about nothing', () => {
    expect(leastFresh([])).toBeUndefined();
  });
});
