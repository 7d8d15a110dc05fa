// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { probeOutcome, type ProbeOutcome } from './probeOutcome';

const probe = { name: 'belt-moves', timeout: 30 };
const job = (type?: string, why: object = {}) => ({
  status: { conditions: type ? [{ type, status: 'True', ...why }] : [] },
});
const complete = job('Complete');
const failed = job('Failed', { reason: 'BackoffLimitExceeded' });
const late = job('Failed', {
  reason: 'DeadlineExceeded',
  message: 'Job was active longer than specified deadline',
});
const pod = (state: object, status: object = {}) => ({
  status: { containerStatuses: [{ state }], ...status },
});
/** A program that ran for some seconds. */
const ended = (seconds: number, end: object, status: object = {}) =>
  pod(
    {
      terminated: {
        startedAt: '1970-01-01T00:00:10Z',
        finishedAt: new Date(10_000 + 1_000 * seconds).toISOString(),
        ...end,
      },
    },
    status,
  );
const well: ProbeOutcome = { kind: 'well' };
const running: ProbeOutcome = { kind: 'running' };
const bad = (problem: string): ProbeOutcome => ({
  kind: 'failed',
  problem: `its probe belt-moves ${problem}`,
});
const hindered = (why: string): ProbeOutcome => ({
  kind: 'hindered',
  obstacle: `its probe belt-moves could not be run: ${why}`,
});
const killed = { exitCode: 137, reason: 'Error' };
const outOfTime = {
  phase: 'Failed',
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

it.each<[string, object, readonly object[], ProbeOutcome]>([
  ['it has no pod yet', job(), [], running],
  ['its image is pulled', job(), [pod({ waiting: {} })], running],
  ['its end is not counted', job(), [ended(5, { exitCode: 0 })], running],
  ['it ended with 0', complete, [ended(5, { exitCode: 0 })], well],
  ['its pod is gone already', complete, [], well],
  [
    'it ended otherwise, and said something',
    failed,
    [ended(5, { exitCode: 3, reason: 'Error', message: 'a\nb: stands.\n' })],
    bad('ended with code 3: a b: stands'),
  ],
  [
    'it ended otherwise, and said nothing',
    failed,
    [ended(5, { exitCode: 3, reason: 'Error' })],
    bad('ended with code 3'),
  ],
  [
    'it ran out of its time',
    failed,
    [ended(31.5, killed, outOfTime)],
    bad('took longer than 30 s'),
  ],
  [
    'it ended well, but too late',
    complete,
    [ended(40, { exitCode: 0 })],
    bad('took longer than 30 s'),
  ],
  [
    'its image took all the time',
    failed,
    [ended(12, killed, outOfTime)],
    hindered(
      'DeadlineExceeded: Pod was active on the node longer than the specified deadline',
    ),
  ],
  [
    'its image did not come',
    failed,
    [pod({ waiting: { reason: 'ImagePullBackOff', message: 'no x:1' } })],
    hindered('ImagePullBackOff: no x:1'),
  ],
  [
    'its device did not tell its end yet',
    failed,
    [pod({ running: {} }, outOfTime)],
    running,
  ],
  [
    'its device took it not up in time',
    late,
    [],
    hindered('DeadlineExceeded: Job was active longer than specified deadline'),
  ],
  [
    'its program could not be started',
    failed,
    [ended(0, { exitCode: 128, reason: 'StartError', message: 'no /probe' })],
    hindered('StartError: no /probe'),
  ],
  [
    'its memory did not suffice',
    failed,
    [ended(5, { exitCode: 137, reason: 'OOMKilled' })],
    hindered('OOMKilled'),
  ],
  [
    'its device evicted it',
    failed,
    [ended(5, killed, { reason: 'Evicted', message: 'The node was low.' })],
    hindered('Evicted: The node was low'),
  ],
  [
    'its device refused it',
    failed,
    [{ status: { phase: 'Failed', reason: 'OutOfcpu' } }],
    hindered('OutOfcpu'),
  ],
])('when %s', (_, seen, pods, expected) => {
  expect(probeOutcome(probe, seen, pods)).toEqual(expected);
});

it('repeats the end of what a program said, short, on one line and without what looks like a secret', () => {
  const said = (message: string) => {
    const outcome = probeOutcome(probe, failed, [
      ended(1, { exitCode: 1, message }),
    ]);
    return outcome.kind === 'failed' ? outcome.problem : '';
  };
  expect(said(`${'x'.repeat(400)} the end`)).toMatch(
    /code 1: …x{192} the end$/,
  );
  expect(said('password=hunter2hunter2')).not.toContain('hunter2');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), message => {
      const words = said(message);
      expect([...words].length).toBeLessThanOrEqual(250);
      expect(words).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u);
    }),
  );
});
