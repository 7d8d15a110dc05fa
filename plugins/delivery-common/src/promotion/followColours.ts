// SPDX-License-Identifier: Apache-2.0
import { later, type Instant } from '../time';
import type { BlueGreenProgress } from './blueGreen';
import {
  beginReturn,
  byPortal,
  record,
  wait,
  type Following,
  type Seen,
} from './colourSteps';
import type { Facts } from './facts';
import { PATIENCE_WITH_SERVICE } from './judgeColours';
import {
  isMeasured,
  lookAgain,
  measuredFault,
  newlyJudged,
  sayWatched,
  undecided,
} from './measureColours';
import {
  PORTAL_ACTOR,
  targetKey,
  wantedImages,
  type PromotionProblem,
  type TargetProof,
} from './promotion';
import type { Step } from './step';

/** Problems of the new colour after which nothing is waited for. */
const instantly: ReadonlySet<string> = new Set([
  'degraded',
  'scaledToZero',
  'workloadMissing',
]);

/**
 * The next step of a promotion between two colours, as far as it is about the switch; undefined where
 * the new colour is not ready or not well, which is the same as for every other promotion.
 *
 * Order: the way back goes before everything; then ready, a person's yes where the document wants it,
 * the switch, the Service in every cluster, and the watch.
 */
export function followColours(
  promotion: Following,
  targets: readonly Seen[],
  facts: Facts,
): Step | undefined {
  const { colours } = promotion;
  if (!colours) return undefined;
  if (colours.returning) return goBack(promotion, colours, targets, facts);
  return (
    toldToGoBack(promotion, colours, facts) ??
    newlyServing(colours, targets, facts) ??
    beginSwitch(promotion, colours, targets, facts) ??
    writeSwitch(promotion, colours) ??
    newlyJudged(promotion, targets, facts) ??
    fault(promotion, colours, targets, facts) ??
    measuredFault(promotion, targets, facts) ??
    watched(promotion, colours, targets, facts)
  );
}

function toldToGoBack(
  { steering, kind }: Following,
  { switching }: BlueGreenProgress,
  facts: Facts,
): Step | undefined {
  const word = steering?.abort;
  if (!word || !switching || kind === 'rollback') return undefined;
  return record({
    type: 'switchBackBegun',
    at: facts.now,
    actor: word.by,
    problem: {
      code: 'switchedBack',
      message: `It was switched back by hand${
        word.reason ? `: ${word.reason}` : '.'
      }`,
      hint: 'The version before serves again.',
    },
  });
}

function newlyServing(
  { choices, serving, switched }: BlueGreenProgress,
  targets: readonly Seen[],
  facts: Facts,
): Step | undefined {
  if (!switched) return undefined;
  const found = targets.find(
    ({ key, fact, judgement }) =>
      judgement.state !== 'unknown' &&
      !serving[key] &&
      fact?.state.colours?.live === choices[key]?.to,
  );
  return (
    found &&
    record({ ...byPortal(facts), type: 'colourServing', target: found.key })
  );
}

/** All at the same moment: one that is not ready keeps the others from being switched. */
function beginSwitch(
  promotion: Following,
  { switching }: BlueGreenProgress,
  targets: readonly Seen[],
  facts: Facts,
): Step | undefined {
  if (switching || promotion.phase !== 'verifying') return undefined;
  if (!targets.every(({ judgement }) => judgement.state === 'proven')) {
    return undefined;
  }
  const asksPerson =
    promotion.kind === 'promotion' &&
    promotion.declaration.blueGreen?.promotion === 'manual';
  if (asksPerson && !promotion.steering?.promoteFully) {
    return wait(targets, [{ on: 'decision' }], {
      code: 'switchWaits',
      text: `${promotion.release.version} is ready beside the version that serves, and waits for a person to switch.`,
      owners: [],
    });
  }
  return record({ ...byPortal(facts), type: 'switchBegun' });
}

function writeSwitch(
  promotion: Following,
  { switching, switched }: BlueGreenProgress,
): Step | undefined {
  return switching && !switched
    ? perform(promotion, { back: false })
    : undefined;
}

/** With the old colour still running there is nothing to be patient for. A rollback has nowhere to go back to. */
function fault(
  promotion: Following,
  { switched }: BlueGreenProgress,
  targets: readonly Seen[],
  facts: Facts,
): Step | undefined {
  if (!switched || promotion.kind === 'rollback') return undefined;
  for (const { judgement } of targets) {
    if (judgement.state !== 'problem') continue;
    const { code, message } = judgement.problem;
    if (!instantly.has(code)) continue;
    return beginReturn(facts, { code: 'switchedBack', message });
  }
  return undefined;
}

/** A problem that outlived its patience: before the switch it ends the promotion, after it the way back begins. */
export function giveUp(
  promotion: Following,
  cause: PromotionProblem & { readonly target: string },
  facts: Facts,
): Step {
  const { target, ...found } = cause;
  const canReturn =
    promotion.colours?.switching && promotion.kind === 'promotion';
  if (canReturn) {
    return beginReturn(facts, { ...found, code: 'switchedBack' });
  }
  return record({
    ...byPortal(facts),
    type: 'failed',
    target,
    problem: found,
  });
}

function watched(
  promotion: Following,
  { switched, serving }: BlueGreenProgress,
  targets: readonly Seen[],
  facts: Facts,
): Step | undefined {
  const proof = targets.flatMap(({ judgement }): readonly TargetProof[] =>
    judgement.state === 'proven' ? [judgement.proof] : [],
  );
  const isComplete =
    switched &&
    promotion.phase === 'verifying' &&
    proof.length === targets.length &&
    targets.every(({ key }) => serving[key]);
  if (!isComplete) return askForSwitch(promotion, targets);
  const until = watchEnd(promotion, Object.values(serving));
  if (until && until > facts.now) {
    return wait(
      targets,
      [
        { on: 'decision' },
        { on: 'time', at: isMeasured(promotion) ? lookAgain(facts) : until },
      ],
      {
        code: 'watching',
        text: sayWatched(promotion, targets, facts),
        owners: [],
        expected: until,
      },
    );
  }
  return (
    undecided(promotion, targets, facts, until) ??
    record({ ...byPortal(facts), type: 'succeeded', proof })
  );
}

/** When the watch ends; undefined while not every Service has switched. What goes back is not watched. */
export function watchEnd(
  promotion: Pick<Following, 'kind' | 'declaration'>,
  serving: readonly Instant[],
): Instant | undefined {
  const { kind, declaration } = promotion;
  if (serving.length < declaration.targets.length) return undefined;
  const [last] = [...serving].sort().reverse();
  const { watch = 0 } = declaration.blueGreen ?? {};
  return last && later(last, kind === 'rollback' ? 0 : watch);
}

/** The commit that switches is another one than Flux was asked for first. */
function askForSwitch(
  promotion: Following,
  targets: readonly Seen[],
): Step | undefined {
  const { colours } = promotion;
  if (!colours?.switched || colours.atOnce) return undefined;
  return ask(promotion, targets, {
    round: 'switch',
    isThere: key => colours.serving[key] !== undefined,
  });
}

function ask(
  promotion: Following,
  targets: readonly Seen[],
  {
    round,
    isThere,
  }: {
    readonly round: 'switch' | 'back';
    readonly isThere: (key: string) => boolean;
  },
): Step | undefined {
  const token = `${promotion.id}.${round}`;
  const unasked = targets.find(
    ({ key, judgement }) =>
      judgement.state !== 'unknown' &&
      !isThere(key) &&
      !promotion.progress[key]?.asked?.includes(token),
  );
  return (
    unasked && {
      kind: 'perform',
      effect: {
        kind: 'requestReconcile',
        promotion: promotion.id,
        target: unasked.target,
        actor: PORTAL_ACTOR,
        token,
      },
    }
  );
}

/** It has failed when every Service selects the old colour again, or one in sight took too long. */
function goBack(
  promotion: Following,
  { choices, returning, returned }: BlueGreenProgress,
  targets: readonly Seen[],
  facts: Facts,
): Step {
  if (!returning || !returned) return perform(promotion, { back: true });
  const { problem: cause } = returning;
  const isBack = (key: string) => {
    const state = facts.targets[key]?.state;
    return (
      state?.freshness.state === 'live' &&
      state.colours?.live === choices[key]?.live
    );
  };
  if (targets.every(({ key }) => isBack(key))) {
    return record({ ...byPortal(facts), type: 'failed', problem: cause });
  }
  const until = later(returned.at, PATIENCE_WITH_SERVICE);
  const unseen = targets.filter(({ key }) => !isBack(key));
  // A cluster that can not be seen may have followed long ago.
  const isSeen = unseen.every(({ judgement }) => judgement.state !== 'unknown');
  if (until <= facts.now && isSeen) {
    return record({
      ...byPortal(facts),
      type: 'failed',
      problem: {
        ...cause,
        message: `${cause.message} Git names the old colour again, but ${unseen
          .map(({ target }) => target.cluster)
          .join(' and ')} has not followed yet.`,
        hint: 'See that Flux runs in the cluster and that the portal can see it.',
      },
    });
  }
  return (
    ask(promotion, targets, { round: 'back', isThere: isBack }) ??
    wait(targets, until > facts.now ? [{ on: 'time', at: until }] : [], {
      code: 'switchingBack',
      text: `Requests go back to the version before: ${cause.message}`,
      owners: [],
      problem: true,
      since: returning.at,
    })
  );
}

function perform(
  promotion: Following,
  { back }: { readonly back: boolean },
): Step {
  const { id, declaration, service, stage, release, colours } = promotion;
  return {
    kind: 'perform',
    effect: {
      kind: 'switchColours',
      promotion: id,
      fleet: declaration.fleet,
      targets: declaration.targets.map(target => {
        const choice = colours?.choices[targetKey(target)];
        return {
          target,
          colour: (back ? choice?.live : choice?.to) ?? 'blue',
        };
      }),
      direction: back ? 'back' : 'new',
      ...(!back && { images: wantedImages(promotion) }),
      service,
      stage,
      version: release.version,
      actor:
        (back
          ? colours?.returning?.by
          : promotion.steering?.promoteFully?.by) ?? promotion.requestedBy,
    },
  };
}
