// SPDX-License-Identifier: Apache-2.0
import { endedAt, faultJobName, faultJobState } from './faultJob';

const job = (type?: string, more: object = {}) => ({
  status: {
    ...(type && { conditions: [{ type, status: 'True', ...more }] }),
    ...(type === 'Complete' && { completionTime: '2026-11-22T08:10:00Z' }),
  },
});
const pod = (state?: object) => ({
  status: state ? { containerStatuses: [{ state }] } : {},
});

it.each<[string, object, readonly object[], string, string]>([
  ['a Job without a pod', job(), [], 'waiting', 'no pod yet'],
  ['a pod of a device that is away', job(), [pod()], 'waiting', 'not taken it'],
  ['a pod that runs', job(), [pod({ running: {} })], 'waiting', 'it runs'],
  [
    'an image that is not there',
    job(),
    [pod({ waiting: { reason: 'ErrImagePull', message: 'not found' } })],
    'waiting',
    'ErrImagePull: not found',
  ],
  [
    'a program that gives up',
    job('Failed', { message: 'Job has reached its limit' }),
    [pod({ terminated: { exitCode: 1, message: 'There is no tc.\n' } })],
    'failed',
    'There is no tc.',
  ],
  [
    'a container that is killed',
    job('Failed', { message: 'Job has reached its limit' }),
    [pod({ terminated: { exitCode: 137 } })],
    'failed',
    'it ended with code 137',
  ],
  [
    'a device that is too slow',
    job('Failed', { reason: 'DeadlineExceeded', message: 'too long' }),
    [],
    'failed',
    'the device did not take it up in time',
  ],
  ['an end', job('Complete'), [], 'complete', ''],
])('reads %s', (_, given, pods, kind, said) => {
  const state = faultJobState(given, pods);
  expect(state.kind).toBe(kind);
  expect(state.said).toContain(said);
});

it.each([
  [
    'Nothing of the fault holds. It ended 90 s ago.',
    '2026-11-22T08:08:30.000Z',
  ],
  ['', '2026-11-22T08:10:00.000Z'],
  ['It ended 99999999999999 s ago.', '2026-11-22T08:10:00.000Z'],
])('takes the end of a fault from %j', (said, at) => {
  const state = { kind: 'complete', at: '2026-11-22T08:10:00.000Z', said };
  expect(endedAt({ ...state, kind: 'complete' })).toBe(at);
});

it('names Jobs so that pods can be named after them, and nothing else can', () => {
  const id = 'f3c6f5a0-7d1e-4b7c-9d63-0c9f3e9a2b11';
  const name = faultJobName(id, { name: 'a-device'.repeat(20) }, 'begin');
  expect(name).toMatch(/^[a-z0-9-]{1,63}$/);
  expect(faultJobName(id, { name: 'another' }, 'begin')).not.toBe(name);
  expect(() => faultJobName('../x', { name: 'pi' }, 'end')).toThrow(TypeError);
});
