// SPDX-License-Identifier: Apache-2.0
import type { DrillResult } from '../drill/drill';
import { aRelease, at } from '../promotion/__fixtures__/story';
import { evaluateGates, gateNeeds } from './evaluateGates';
import { noGateFacts, type GateFacts } from './facts';
import { known, unknown } from './known';

const release = aRelease(1);
const definition = {
  kind: 'drill',
  name: 'Drills in Edge staging',
  stage: 'edge-staging',
  drills: ['offline-5m', 'storage-full'],
  maxAge: 86_400_000,
} as const;
const question = { release, approvals: [] };

function result(kind: string, change: Partial<DrillResult> = {}): DrillResult {
  return {
    id: `${kind}-1`,
    kind,
    release: release.id,
    verdict: 'passed',
    overAt: at(10),
    signature: {
      decision: 'signedOff',
      by: 'user:default/jonas',
      at: at(20),
    },
    ...change,
  };
}

function ask(drills: GateFacts['drills'][string] | undefined, seconds = 60) {
  const [verdict] = evaluateGates([definition], {
    question,
    facts: {
      ...noGateFacts,
      drills: drills ? { 'edge-staging': drills } : {},
    },
    now: at(seconds),
  });
  return verdict;
}

const offline = result('offline-5m');
const full = (change: Partial<DrillResult> = {}) =>
  known([offline, result('storage-full', change)]);

it.each<[string, ReturnType<typeof ask>, string]>([
  ['nobody looked', ask(undefined), 'waiting drillsUnknown'],
  [
    'they can not be read',
    ask(unknown(at(0), 'No answer.')),
    'waiting drillsUnknown',
  ],
  ['none was run', ask(known([])), 'waiting drillMissing'],
  ['one of two was', ask(known([offline])), 'waiting drillMissing'],
  ['both passed, signed off', ask(full()), 'passed drilled'],
  [
    'one is of another release',
    ask(full({ release: 'another' })),
    'waiting drillMissing',
  ],
  ['one failed', ask(full({ verdict: 'failed' })), 'waiting drillFailed'],
  [
    'one could not be seen',
    ask(full({ verdict: 'unclear' })),
    'waiting drillMissing',
  ],
  [
    'one is not signed off',
    ask(full({ signature: undefined })),
    'waiting drillUnsigned',
  ],
  [
    'one was sent back',
    ask(
      full({
        signature: { decision: 'sentBack', by: 'user:default/x', at: at(20) },
      }),
    ),
    'waiting drillSentBack',
  ],
  ['they are just young enough', ask(full(), 86_410), 'passed drilled'],
  ['they are too old', ask(full(), 86_411), 'waiting drillTooOld'],
  [
    'one failed after it had passed',
    ask(
      known([
        offline,
        result('storage-full'),
        result('storage-full', { verdict: 'failed', overAt: at(30) }),
      ]),
    ),
    'waiting drillFailed',
  ],
  [
    'one was aborted after it had passed',
    ask(
      known([
        offline,
        result('storage-full'),
        result('storage-full', { verdict: 'aborted', overAt: at(30) }),
      ]),
    ),
    'passed drilled',
  ],
])('%s', (_, { verdict, code }, expected) => {
  expect(`${verdict} ${code}`).toBe(expected);
});

it('says what is missing, and asks for the drills of its stage alone', () => {
  expect(
    ask(known([result('offline-5m', { signature: undefined })])).reason,
  ).toBe(
    'With 2.8.1: offline-5m passed and waits to be signed off; storage-full has to pass in edge-staging.',
  );
  expect(gateNeeds([definition], question)).toEqual([
    { fact: 'drills', stage: 'edge-staging' },
  ]);
});
