// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { later } from '../time';
import {
  coreActionKinds,
  type ActionDevice,
  type ActionKind,
  type ActionParameters,
} from './actionKind';
import {
  isEnded,
  type ActionEvent,
  type ActionOrder,
  type DeviceAction,
} from './deviceAction';
import { canHappen, evolveAction, foldAction } from './foldAction';
import {
  afterAttempt,
  nextActionStep,
  pauseAfter,
  type ActionSituation,
} from './nextActionStep';
import { pinMark, readHold, type OperatorHold } from './operatorHold';
import { parseActionParameters } from './parseActionParameters';
import {
  approvalFor,
  chosenKind,
  judgeCandidate,
  planActions,
  whyNotCancel,
  whyNotDecide,
} from './planActions';

const now = '2026-11-21T08:00:00.000Z';
const mia = 'user:default/mia';
const device: ActionDevice = {
  cluster: 'edge',
  name: 'oslo-pi-01',
  site: 'oslo',
  connectivity: 'live',
  isolation: 'none',
  clusterLive: true,
};
const away: ActionDevice = { ...device, connectivity: 'offline' };
const kinds: readonly ActionKind[] = Object.values(coreActionKinds);
const order: ActionOrder = {
  id: '1',
  kind: 'restart',
  device: { cluster: 'edge', name: 'oslo-pi-01', site: 'oslo' },
  parameters: {},
  reason: 'It hangs.',
  batch: 'b',
  expiresAt: later(now, 3_600_000),
};

function action(...events: readonly Partial<ActionEvent>[]): DeviceAction {
  const all = [{ type: 'requested', order }, ...events].map(event => ({
    at: now,
    actor: mia,
    ...event,
  }));
  const made = foldAction(all as readonly ActionEvent[]);
  if (!made) throw new Error('Nothing was asked for');
  return made;
}

function situation(change: Partial<ActionSituation> = {}): ActionSituation {
  return {
    now,
    kind: coreActionKinds.restart,
    device,
    others: [],
    ...change,
  };
}

describe('a hold of an operator', () => {
  const text = fc.string({ maxLength: 80 });

  it('is known again as long as nobody writes over it, whatever its text is', () => {
    fc.assert(
      fc.property(text, text, (own, other) => {
        const mark = pinMark(mia, own);
        expect(readHold(own, mark)).toEqual({ text: own, pinnedBy: mia });
        expect(readHold(undefined, mark)).toBeUndefined();
        fc.pre(!mark.endsWith(`: ${other}`));
        expect(readHold(other, mark)).toEqual({ text: other });
      }),
    );
  });

  const plan = (operatorHold: OperatorHold, parameters: ActionParameters) =>
    planActions(
      chosenKind(coreActionKinds.unpin, parameters),
      [
        {
          id: 'edge/oslo-pi-01',
          device: { ...device, hold: 'operator', operatorHold },
          permitted: true,
          open: [],
        },
      ],
      { destructive: 'always', massFrom: 2 },
    ).verdicts[0];

  it('goes by unpin where it was pinned, and else only with its text', () => {
    const foreign = { text: 'stock-taking until May' };
    expect(plan({ ...foreign, pinnedBy: mia }, {}).verdict).toBe('now');
    expect(plan(foreign, { held: foreign.text }).verdict).toBe('now');
    const others: readonly ActionParameters[] = [{}, { held: 'stock-taking' }];
    for (const parameters of others) {
      expect(plan(foreign, parameters)).toMatchObject({
        verdict: 'refused',
        reason: {
          code: 'heldBySomebodyElse',
          message: expect.stringContaining('“stock-taking until May”'),
        },
      });
    }
  });
});

describe('what may be done to a device', () => {
  const asItIs = (change: Partial<ActionDevice>): ActionDevice => ({
    ...device,
    ...change,
  });
  it.each<[keyof typeof coreActionKinds, Partial<ActionDevice>, string]>([
    ['cordon', {}, 'now'],
    ['cordon', { connectivity: 'offline' }, 'now'],
    ['cordon', { isolation: 'cordoned' }, 'refused alreadySo'],
    ['uncordon', {}, 'refused alreadySo'],
    ['uncordon', { isolation: 'cordoned' }, 'now'],
    ['uncordon', { isolation: 'quarantined' }, 'refused quarantined'],
    ['drain', {}, 'now'],
    ['drain', { connectivity: 'offline' }, 'refused deviceAway'],
    ['drain', { connectivity: 'stale' }, 'refused deviceAway'],
    [
      'drain',
      { clusterLive: false, connectivity: 'stale' },
      'queued clusterAway',
    ],
    ['restart', { connectivity: 'offline' }, 'queued deviceAway'],
    ['quarantine', { connectivity: 'offline' }, 'now'],
    ['quarantine', { isolation: 'cordoned' }, 'now'],
    ['quarantine', { isolation: 'quarantined' }, 'refused alreadySo'],
    ['release', {}, 'refused alreadySo'],
    ['release', { isolation: 'quarantined' }, 'now'],
    ['pin', { connectivity: 'offline' }, 'now'],
    ['pin', { operatorHold: { text: 'audit' } }, 'refused alreadySo'],
    ['unpin', {}, 'refused alreadySo'],
    ['unpin', { hold: 'device' }, 'refused heldByDevice'],
    // Whose hold it is can not be said before its text was.
    ['unpin', { hold: 'operator', operatorHold: { text: 'audit' } }, 'now'],
    ['logs', { connectivity: 'stale' }, 'queued deviceAway'],
    ['logs', { connectivity: 'never' }, 'refused neverSeen'],
  ])('%s of a device that is %j: %s', (kind, change, expected) => {
    const verdict = judgeCandidate(coreActionKinds[kind], {
      device: asItIs(change),
      permitted: true,
      open: [],
    });
    const said =
      verdict.verdict === 'now'
        ? 'now'
        : `${verdict.verdict} ${verdict.reason.code}`;
    expect(said).toBe(expected);
  });

  it('refuses what is asked for already, unknown devices and those without the right', () => {
    const judge = (change: object) =>
      judgeCandidate(coreActionKinds.logs, {
        device,
        permitted: true,
        open: [],
        ...change,
      });
    expect(judge({ open: ['logs'] })).toMatchObject({
      reason: { code: 'alreadyAsked' },
    });
    expect(judge({ device: undefined })).toMatchObject({
      reason: { code: 'unknownDevice' },
    });
    expect(judge({ permitted: false })).toMatchObject({
      reason: { code: 'notPermitted' },
    });
  });

  it('asks a second person by policy, and never the one who asked', () => {
    const { drain, logs } = coreActionKinds;
    const mass = { destructive: 'mass', massFrom: 2 } as const;
    expect(approvalFor(drain, 1, mass)).toBeUndefined();
    expect(approvalFor(drain, 2, mass)).toContain('2 devices');
    expect(approvalFor(logs, 60, mass)).toBeUndefined();
    expect(approvalFor(drain, 1, { ...mass, destructive: 'always' })).toContain(
      'second person',
    );
    expect(
      approvalFor(drain, 9, { ...mass, destructive: 'never' }),
    ).toBeUndefined();
    const waiting = { phase: 'awaitingApproval', requestedBy: mia };
    expect(whyNotDecide(waiting, mia)?.code).toBe('ownAction');
    expect(whyNotDecide(waiting, 'user:default/omar')).toBeUndefined();
    expect(
      whyNotDecide({ ...waiting, phase: 'queued' }, 'user:default/omar')?.code,
    ).toBe('notWaiting');
  });

  it('can be cancelled until it can not be stopped half way', () => {
    const { drain, quarantine } = coreActionKinds;
    expect(whyNotCancel({ phase: 'queued' }, quarantine)).toBeUndefined();
    expect(whyNotCancel({ phase: 'running' }, drain)).toBeUndefined();
    expect(whyNotCancel({ phase: 'running' }, quarantine)?.code).toBe(
      'notStoppable',
    );
    expect(whyNotCancel({ phase: 'failed' }, drain)?.code).toBe('isOver');
  });

  it('plans every device once, whatever is named twice', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            name: fc.constantFrom('a', 'b', 'c', 'd'),
            connectivity: fc.constantFrom('live', 'offline', 'never'),
            permitted: fc.boolean(),
          }),
        ),
        fc.constantFrom(...kinds),
        (named, kind) => {
          const plan = planActions(
            kind,
            named.map(({ name, connectivity, permitted }) => ({
              id: `edge/${name}`,
              device: asItIs({
                name,
                connectivity: connectivity as ActionDevice['connectivity'],
              }),
              permitted,
              open: [],
            })),
            { destructive: 'mass', massFrom: 2 },
          );
          const ids = plan.verdicts.map(({ device: id }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          expect(new Set(ids)).toEqual(
            new Set(named.map(({ name }) => `edge/${name}`)),
          );
        },
      ),
    ));
});

describe('parameters', () => {
  it.each([
    ['parcels/vision', true],
    ['parcels/vision.v2', true],
    ['vision', false],
    ['parcels/../../nodes', false],
    ['parcels/vision\n', false],
    ['parcels/vision;reboot', false],
    ['parcels/$(reboot)', false],
    ['Parcels/vision', false],
    [`parcels/${'a'.repeat(400)}`, false],
    [7, false],
    [undefined, false],
  ])('workload %j: %j', (workload, good) => {
    const reading = parseActionParameters(coreActionKinds.restart, {
      ...(workload !== undefined && { workload }),
    });
    expect('parameters' in reading).toBe(good);
  });

  it('takes nothing that the kind does not name, and fills in what is usual', () => {
    const { logs } = coreActionKinds;
    expect(parseActionParameters(logs, {})).toEqual({
      parameters: { lines: 200 },
    });
    expect(parseActionParameters(logs, { lines: 2_001 })).toHaveProperty(
      'problems',
    );
    for (const name of ['image', 'command', '__proto__', 'constructor']) {
      expect(
        parseActionParameters(logs, JSON.parse(`{"${name}": "sh"}`)),
      ).toHaveProperty('problems');
    }
  });

  it('never lets a text through that the rule does not allow as a whole', () =>
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: 'binary' })),
        text => {
          const reading = parseActionParameters(coreActionKinds.restart, {
            workload: text,
          });
          const isPlain = /^[a-z0-9-]+\/[a-z0-9.-]+$/.test(text);
          expect('problems' in reading || isPlain).toBe(true);
        },
      ),
    ));
});

describe('an action on its way', () => {
  const other = { id: '2', phase: 'queued', older: true, needsDevice: true };
  const older = other as ActionSituation['others'][number];
  const started: Partial<ActionEvent> = { type: 'started', memory: {} };

  it.each<[string, DeviceAction, Partial<ActionSituation>, string]>([
    ['starts at once', action(), {}, 'start'],
    ['waits for the device', action(), { device: away }, 'wait deviceAway'],
    [
      'waits for the cluster',
      action(),
      { device: { ...device, clusterLive: false } },
      'wait clusterAway',
    ],
    [
      'waits while nobody knows the device',
      action(),
      { device: undefined },
      'wait deviceUnknown',
    ],
    [
      'lets an older one go first',
      action(),
      { others: [older] },
      'wait notItsTurn',
    ],
    [
      'lets a younger one wait',
      action(),
      { others: [{ ...older, older: false }] },
      'start',
    ],
    [
      'waits for one that runs',
      action(),
      { others: [{ ...older, older: false, phase: 'running' }] },
      'wait deviceBusy',
    ],
    [
      'overtakes what waits for an absent device, when the API server is enough',
      action(),
      { kind: coreActionKinds.quarantine, device: away, others: [older] },
      'start',
    ],
    [
      'keeps its turn when the device is there',
      action(),
      { kind: coreActionKinds.quarantine, others: [older] },
      'wait notItsTurn',
    ],
    ['expires', action(), { now: order.expiresAt }, 'record expired'],
    [
      'goes on past its expiry when it has begun',
      action(started),
      { now: later(now, 60_000) },
      'advance',
    ],
    [
      'is tried again when an attempt takes too long',
      action(started),
      { now: later(now, 15 * 60_000) },
      'record attemptFailed',
    ],
    [
      'does not try again when it would begin too late',
      action(started),
      { now: later(now, 2 * 3_600_000) },
      'record failed',
    ],
    [
      'pauses between attempts',
      action(started, {
        type: 'attemptFailed',
        message: 'No.',
        retryAt: later(now, 30_000),
      }),
      {},
      'wait retrying',
    ],
    [
      'fails when the portal forgot how',
      action(),
      { kind: undefined },
      'record failed',
    ],
    [
      'is over when cancelled',
      action({ type: 'cancelled', reason: 'No.' }),
      {},
      'finished',
    ],
  ])('%s', (_, given, change, expected) => {
    const step = nextActionStep(given, situation(change));
    const said = {
      wait: () => (step.kind === 'wait' ? step.why.code : ''),
      record: () => (step.kind === 'record' ? step.event.type : ''),
      start: () => '',
      advance: () => '',
      finished: () => '',
    }[step.kind]();
    expect(`${step.kind} ${said}`.trim()).toBe(expected);
  });

  it('waits for a second person until it expires', () => {
    const waiting = evolveAction(undefined, {
      type: 'requested',
      order,
      approval: 'Two must agree.',
      at: now,
      actor: mia,
    });
    expect(nextActionStep(waiting, situation())).toMatchObject({
      kind: 'wait',
      until: order.expiresAt,
    });
    const approved = evolveAction(waiting, {
      type: 'approved',
      at: now,
      actor: 'user:default/omar',
    });
    expect(nextActionStep(approved, situation()).kind).toBe('start');
    expect(
      evolveAction(waiting, {
        type: 'rejected',
        reason: 'No.',
        at: now,
        actor: '',
      }),
    ).toMatchObject({ phase: 'refused', refusal: { code: 'rejected' } });
  });

  it('ends, whatever the world does, and starts only when it may', () => {
    const devices = [
      device,
      away,
      { ...device, clusterLive: false },
      undefined,
    ];
    const moment = fc.record({
      pass: fc.integer({ min: 1, max: 3_600_000 }),
      device: fc.constantFrom(...devices),
      others: fc.constantFrom<ActionSituation['others']>([], [older]),
      works: fc.constantFrom('yes', 'no', 'later'),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.array(moment, { maxLength: 40 }),
        (kind, moments) => {
          let current = action();
          let time = now;
          const starts: object[] = [];
          const take = (event: object) => {
            const whole = {
              ...event,
              at: time,
              actor: 'portal',
            } as ActionEvent;
            expect(canHappen(current, whole.type)).toBe(true);
            current = evolveAction(current, whole);
          };
          const quiet = {
            pass: 3_600_000,
            works: 'later',
            others: [],
          } as const;
          for (const each of [
            ...moments,
            ...Array.from({ length: 12 }, () => ({ ...quiet, device: away })),
          ]) {
            const step = nextActionStep(current, { ...each, now: time, kind });
            if (step.kind === 'record') take(step.event);
            if (step.kind === 'start') {
              starts.push({
                expired: time >= current.expiresAt,
                seen: each.device?.clusterLive,
                there:
                  kind.away === 'works' || each.device?.connectivity === 'live',
              });
              take({ type: 'started', memory: {} });
            }
            if (step.kind === 'advance' && each.works === 'yes') {
              take({
                type: 'succeeded',
                receipt: { message: '', evidence: [] },
              });
            }
            if (step.kind === 'advance' && each.works === 'no') {
              take(afterAttempt(current, kind, 'It broke.', time));
            }
            time = later(time, each.pass);
          }
          expect(isEnded(current)).toBe(true);
          expect(starts.length).toBeLessThanOrEqual(kind.attempts);
          const allowed = { expired: false, seen: true, there: true };
          expect(starts).toEqual(starts.map(() => allowed));
        },
      ),
    );
  });

  it('pauses longer after each attempt, up to ten minutes', () => {
    expect([1, 2, 3, 9].map(pauseAfter)).toEqual([
      30_000, 60_000, 120_000, 600_000,
    ]);
  });

  it('takes no event after its end', () => {
    const ended = action({ type: 'cancelled', reason: 'No.' });
    expect(() =>
      evolveAction(ended, { type: 'started', memory: {}, at: now, actor: '' }),
    ).toThrow('cancelled can not be started');
  });
});
