// SPDX-License-Identifier: Apache-2.0
import {
  after,
  applied,
  approvedByJonas,
  aTarget,
  at,
  committed,
  gatesPassed,
  jonas,
  mia,
  requested,
} from './__fixtures__/story';
import { canonicalJson } from './canonicalJson';
import { commitMessage } from './effects';
import { fold } from './fold';

const target = aTarget('cloud-production');

it('is nothing without a request', () => {
  expect(fold([approvedByJonas])).toBeUndefined();
  expect(fold([])).toBeUndefined();
});

it('keeps what a phase needs and drops what it does not', () => {
  const waiting = after(requested(), approvedByJonas);
  expect(waiting).toMatchObject({ phase: 'waiting', attempted: false });
  const reconciling = after(
    requested(),
    approvedByJonas,
    gatesPassed,
    committed,
  );
  expect(reconciling).toMatchObject({ phase: 'reconciling', progress: {} });
  expect(reconciling).not.toHaveProperty('attempted');
  const failed = after(requested(), gatesPassed, committed, applied(target), {
    type: 'failed',
    at: at(99),
    actor: 'plugin:delivery',
    problem: { code: 'degraded', message: '-' },
  });
  expect(failed).toMatchObject({ phase: 'failed', finishedAt: at(99) });
  expect(failed).not.toHaveProperty('committedAt');
});

it('does not move on after an end', () => {
  const rejected = after(requested(), {
    type: 'rejected',
    at: at(9),
    actor: jonas,
    reason: 'No',
  });
  const later = after(
    requested(),
    { type: 'rejected', at: at(9), actor: jonas, reason: 'No' },
    approvedByJonas,
    gatesPassed,
    committed,
  );
  expect(later).toEqual(rejected);
});

it('keeps the newest approval of a person', () => {
  const again = { ...approvedByJonas, at: at(50) };
  expect(after(requested(), approvedByJonas, again).approvals).toEqual([
    { by: jonas, at: at(50) },
  ]);
});

it('writes a canonical text whatever the order of the members', () => {
  expect(
    canonicalJson({ b: [1, undefined, { d: 1, c: 'ü' }], a: undefined }),
  ).toBe('{"b":[1,null,{"c":"ü","d":1}]}');
});

it('says in the commit who, what and why, in one line each', () => {
  const message = commitMessage(
    {
      kind: 'rollback',
      service: 'component:default/parcel-vision',
      stage: 'edge-production',
      version: '2.8.0',
      requestedBy: mia,
      approvedBy: [],
      reason: 'Misreads\nlabels ',
    },
    person => `<${person}>`,
  );
  expect(message).toEqual({
    subject: 'Roll back parcel-vision in edge-production to 2.8.0',
    trailers: [
      ['Release', '2.8.0'],
      ['Stage', 'edge-production'],
      ['Kind', 'rollback'],
      ['Requested-by', '<user:default/mia>'],
      ['Reason', 'Misreads labels'],
    ],
  });
});
