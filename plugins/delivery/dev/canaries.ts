// SPDX-License-Identifier: Apache-2.0
import type {
  CanaryMinuteView,
  CanaryView,
  SteeringAction,
} from '@causeway/plugin-delivery-common';
import type { Moments } from './moments';
import { releases } from './releases';

const INES = 'user:default/ines';
const JUDGE = 'plugin:delivery';
const MINUTE = 60_000;

const limits = {
  errorPercent: 0.1,
  p95Milliseconds: 250,
  latencyPercentAboveBaseline: 20,
  cpuPercent: 80,
  memoryPercent: 85,
  checks: [
    {
      title: 'Answers within 250 ms',
      unit: '%',
      side: 'lower',
      limit: 95,
      percentFromBaseline: 2,
    },
  ],
} satisfies CanaryView['limits'];

const consequences: Readonly<Record<SteeringAction, string>> = {
  pause:
    '2.8.0 keeps 25 % of the traffic until it is let go on. Evidence against it still takes it back.',
  resume: '2.8.0 goes on as the pipeline says.',
  stepNow:
    "2.8.0 gets the next share of the traffic at the engine's next look, however short 25 % was watched.",
  promoteFully:
    '2.8.0 takes every step that is left at once and becomes the stable version, without being watched longer. Only evidence against it stops it.',
  abort:
    "All traffic goes back to 2.7.3 at the engine's next look, and Git follows. Nothing of 2.8.0 is left running.",
};

const gatesAt25 = [
  {
    check: 'data',
    open: true,
    words:
      "the baseline was in trouble in 0 % of the step's minutes, a third at most may be left out",
  },
  {
    check: 'errors',
    open: false,
    words:
      '3 errors in 9,180 requests, so the rate may still be 0.12 %, needed 0.1 %; about 4 min more at this traffic',
  },
  {
    check: 'latency',
    open: true,
    words: 'P95 is 186 ms, allowed 250 ms',
  },
  {
    check: 'latency',
    open: true,
    words: "P95 may still be 1.11 times the baseline's, needed 1.20",
  },
  {
    check: 'processor',
    open: true,
    words: 'all of the traffic would need 66 % of the CPU limit, allowed 80 %',
  },
  {
    check: 'custom',
    title: 'Answers within 250 ms',
    open: true,
    words:
      "8,998 of 9,180 (98 %); may still be 97 %, needed 90 %; the baseline's 45,011 of 45,900 (98 %), so the rest may still be 1.21 times as frequent, needed 1.98",
  },
] satisfies NonNullable<CanaryView['targets'][number]['verdict']>['gates'];

const endedSentence =
  'The new version was taken back. Rolled back at 25 % after 19 min: memory grows by 1.90 points a minute from 71 % and will pass 85 % within 10 min.';

/** 2.8.0 gets 25 % of the traffic of Edge staging and is watched for six minutes more. */
export function runningCanary(m: Moments): CanaryView {
  const sentence =
    'Watching at 25 %: 0.033 % of 9,180 requests failed (at most 0.12 %), P95 186 ms, 4 % above the baseline (at most 11 % above the baseline). 2 min left out: the baseline was in trouble, too, then or right beside.';
  return {
    promotion: 'running-280',
    headline: `25 % of the traffic, watched for 6 min more. ${sentence}`,
    soak: 15 * MINUTE,
    promotionBy: 'auto',
    onFault: 'rollBack',
    analysis: true,
    limits,
    targets: [
      {
        target: 'edge-staging/parcel-vision',
        cluster: 'edge-staging',
        workload: 'parcel-vision',
        engine: 'flagger',
        strategy: 'canary',
        phase: 'progressing',
        suspended: false,
        weight: 25,
        checks: { failed: 0, allowed: 5 },
        steps: [
          {
            weight: 5,
            state: 'done',
            since: m.minutesAgo(24),
            until: m.minutesAgo(9),
          },
          {
            weight: 25,
            state: 'current',
            since: m.minutesAgo(9),
            until: m.inMinutes(6),
          },
          { weight: 50, state: 'planned' },
          { weight: 100, state: 'planned' },
        ],
        verdict: {
          decision: 'goOn',
          sentence,
          gates: gatesAt25,
          troubled: [11, 12],
        },
        question: {
          hook: 'confirm-traffic-increase',
          at: m.secondsAgo(12),
          open: false,
          code: 'soaking',
          sentence: '25 % is watched for 6 min more.',
        },
        minutes: minutesOf(m, { count: 24, raisedAt: 16 }),
        notes: [],
      },
    ],
    words: [
      {
        at: m.minutesAgo(9),
        by: JUDGE,
        text: 'At 5 %: Going on: 0 % of 1,240 requests failed (at most 0.24 %), P95 181 ms.',
      },
      {
        at: m.minutesAgo(19),
        by: INES,
        text: 'Let it go on.',
        reason: 'Line 2 runs again',
      },
      {
        at: m.minutesAgo(22),
        by: INES,
        text: 'Paused.',
        reason: 'Belt change on line 2',
      },
    ],
    past: [
      {
        promotion: 'canary-274',
        release: releases['2.7.4'],
        outcome: 'rolledBack',
        at: m.daysAgo(1, 2),
        duration: 19 * MINUTE,
        highestWeight: 25,
        sentence: endedSentence,
      },
      {
        promotion: 'canary-273',
        release: releases['2.7.3'],
        outcome: 'promoted',
        at: m.daysAgo(3),
        duration: 62 * MINUTE,
        highestWeight: 100,
        sentence: 'Every step was good, and the new version is stable.',
      },
    ],
    actions: actionsWhile('running'),
  };
}

/** 2.7.4 was taken back from Edge staging by the judge, a day ago. */
export function endedCanary(m: Moments): CanaryView {
  const running = runningCanary(m);
  const [target] = running.targets;
  return {
    ...running,
    promotion: 'canary-274',
    headline: endedSentence,
    outcome: 'rolledBack',
    targets: [
      {
        target: target.target,
        cluster: target.cluster,
        workload: target.workload,
        engine: target.engine,
        strategy: target.strategy,
        weight: 25,
        steps: [
          {
            weight: 5,
            state: 'done',
            since: m.minutesAgo(1_579),
            until: m.minutesAgo(1_564),
          },
          {
            weight: 25,
            state: 'done',
            since: m.minutesAgo(1_564),
            until: m.minutesAgo(1_560),
          },
          { weight: 50, state: 'notReached' },
          { weight: 100, state: 'notReached' },
        ],
        minutes: minutesOf(m, { count: 19, raisedAt: 16, ago: 1_560 }),
        notes: [],
        verdict: {
          decision: 'rollBack',
          sentence:
            'Rolled back at 25 % after 19 min: memory grows by 1.90 points a minute from 71 % and will pass 85 % within 10 min.',
          gates: [],
          troubled: [],
        },
      },
    ],
    words: [],
    past: running.past.slice(1),
    actions: [],
  };
}

/** The picture after a person said something; what the engine does follows only later. */
export function steered(
  view: CanaryView,
  wish: { readonly action: SteeringAction; readonly reason?: string },
  m: Moments,
): CanaryView {
  const said = {
    pause: 'Paused.',
    resume: 'Let it go on.',
    stepNow: 'Asked for the next step without waiting.',
    promoteFully: 'Let it pass without further waiting.',
    abort: 'Took it back.',
  }[wish.action];
  const word = {
    at: m.secondsAgo(0),
    by: 'user:default/jonas',
    text: said,
    ...(wish.reason && { reason: wish.reason }),
  };
  const words = [word, ...view.words];
  switch (wish.action) {
    case 'pause':
      return {
        ...view,
        words,
        paused: word,
        headline: 'Paused at 25 %.',
        actions: actionsWhile('paused'),
      };
    case 'abort':
      return {
        ...view,
        words,
        headline: 'It is being taken back.',
        actions: actionsWhile('aborted'),
      };
    case 'resume':
      return {
        ...view,
        words,
        paused: undefined,
        actions: actionsWhile('running'),
      };
    default:
      return { ...view, words };
  }
}

function actionsWhile(
  situation: 'running' | 'paused' | 'aborted',
): CanaryView['actions'] {
  const offered: readonly SteeringAction[] = [
    situation === 'paused' ? 'resume' : 'pause',
    'stepNow',
    'promoteFully',
    'abort',
  ];
  const aborted = {
    code: 'alreadyAborted',
    text: 'jonas has taken it back already. Wait until the engine has done so.',
    owners: [],
  };
  const withheld = {
    code: 'notPermitted',
    text: 'Only the leads of the team promote fully.',
    owners: ['group:default/team-leads'],
  };
  return offered.map(action => {
    const reasons = [
      ...(action === 'promoteFully' ? [withheld] : []),
      ...(situation === 'aborted' ? [aborted] : []),
    ];
    return {
      action,
      allowed: reasons.length === 0,
      reasons,
      consequence: consequences[action],
    };
  });
}

/**
 * Minutes as they are measured: traffic by weight, a little noise, and two minutes in which the
 * stable version was in trouble. In one the canary was not heard.
 */
function minutesOf(
  m: Moments,
  {
    count,
    raisedAt,
    ago = 0,
  }: {
    readonly count: number;
    readonly raisedAt: number;
    readonly ago?: number;
  },
): CanaryMinuteView[] {
  return Array.from({ length: count }, (_, index) => {
    const minute = index + 1;
    const weight = minute < raisedAt ? 5 : 25;
    const noise = (seed: number) => Math.sin(minute * seed) + Math.sin(minute);
    const isTroubled = minute === 11 || minute === 12;
    const total = Math.round(3_600 + noise(2.3) * 120);
    const canary = Math.round((total * weight) / 100);
    const answers = (value: number) => ({
      title: limits.checks[0].title,
      value,
    });
    const latency = (p95: number) => ({
      p50: Math.round(p95 * 0.42),
      p95: Math.round(p95),
      p99: Math.round(p95 * 1.7),
    });
    return {
      minute,
      at: m.minutesAgo(ago + count - index),
      weight,
      baseline: {
        requests: total - canary,
        errors: (isTroubled ? 30 : 1) + (minute % 4 === 0 ? 1 : 0),
        ...latency(isTroubled ? 214 : 178 + noise(1.7) * 4),
        cpuPercent: 52 + noise(0.9) * 2,
        memoryPercent: 61 + noise(0.4),
        checks: [answers(isTroubled ? 92 : 98.2 + noise(1.1) * 0.2)],
      },
      canary:
        minute === 7
          ? { requests: 0, errors: 0 }
          : {
              requests: canary,
              errors: minute === 18 || minute === 21 ? 1 : 0,
              ...latency(185 + noise(2.9) * 6),
              cpuPercent: (weight > 5 ? 58 : 44) + noise(1.3) * 2,
              memoryPercent: 58 + minute * 0.4 + noise(0.7),
              checks: [answers(98 + noise(3.1) * 0.3)],
            },
    };
  });
}
