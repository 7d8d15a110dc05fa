// SPDX-License-Identifier: Apache-2.0
import type { ColourPlaceView, ColoursView, Reason } from '../api/views';
import { smokeTestName, type Colour } from '../cluster/describeColours';
import type { TargetState } from '../cluster/targetState';
import type { Stage } from '../pipeline/pipeline';
import { retirementOf } from '../promotion/blueGreen';
import { watchEnd } from '../promotion/followColours';
import type { Promotion } from '../promotion/promotion';
import { isRefused } from '../promotion/refusal';
import { steer } from '../promotion/steer';
import { leftBehind } from './promotionView';
import { runningIn } from './running';
import type { PipelineSituation, StageSituation } from './situation';

/** The two colours of a stage as the page shows them; undefined for stages of another kind. */
export function coloursView(
  stage: Stage,
  here: StageSituation,
  situation: Pick<PipelineSituation, 'byDigest'> & {
    readonly images: readonly string[];
  },
): ColoursView | undefined {
  if (!stage.blueGreen) return undefined;
  const active = here.active?.promotion;
  const last = here.last?.promotion;
  const keepUntil = active ? undefined : last && keptUntil(last);
  const watchUntil = active && watchedUntil(active);
  return {
    sentence: sentenceOf(here, keepUntil),
    ...(active && { promotion: active.id, version: active.release.version }),
    ...(watchUntil && { watchUntil }),
    ...(keepUntil && { keepUntil }),
    targets: here.targets.map(target => ({
      cluster: target.target.cluster,
      freshness: target.freshness,
      ...(target.colours?.problem && { problem: target.colours.problem }),
      blue: placeOf('blue', target, active, situation),
      green: placeOf('green', target, active, situation),
    })),
    actions: active ? actionsOf(active, here) : [],
  };
}

function placeOf(
  colour: Colour,
  state: TargetState,
  active: Promotion | undefined,
  situation: Parameters<typeof coloursView>[2],
): ColourPlaceView {
  const { colours, target } = state;
  const workload = colours?.[colour];
  const { desired = 0, available = 0 } = workload?.replicas ?? {};
  const running = runningIn(
    { ...state, workload },
    situation.images,
    situation.byDigest,
  );
  const version =
    running.kind === 'release'
      ? running.release.version
      : running.kind === 'unrecognised' && running.tag;
  const tried =
    active && target.smokeTest
      ? colours?.smokeTests?.[
          smokeTestName(target.smokeTest, active.id, colour)
        ]
      : undefined;
  return {
    serves: colours?.live === colour,
    ...(version && { version }),
    health: healthOf(workload),
    desired,
    available,
    ...(tried && { smokeTest: tried.state }),
  };
}

function healthOf(
  workload: TargetState['workload'],
): ColourPlaceView['health'] {
  if (!workload || workload.health === 'missing') return 'off';
  return workload.replicas.desired === 0 ? 'off' : workload.health;
}

function keptUntil(last: Promotion): string | undefined {
  return last.phase === 'succeeded' ? retirementOf(last)?.at : undefined;
}

function watchedUntil(active: Promotion): string | undefined {
  const { colours } = active;
  if (!colours || colours.returning || active.kind === 'rollback') {
    return undefined;
  }
  return watchEnd(active, Object.values(colours.serving));
}

function sentenceOf(
  here: StageSituation,
  keepUntil: string | undefined,
): string {
  const { active, last } = here;
  if (!active) {
    const left = last && leftBehind(last.promotion, last.unmet);
    if (left) return left.message;
    return keepUntil && last
      ? `${last.promotion.release.version} serves. The version before still runs, so going back takes one commit.`
      : 'One colour serves; the other one is free for the next version.';
  }
  const { colours, release, phase } = active.promotion;
  const { version } = release;
  const [missing] = active.unmet;
  if (colours?.returning) {
    return `Requests go back to the version before: ${colours.returning.problem.message}`;
  }
  if (missing && phase !== 'waiting') return missing.text;
  return phase === 'waiting'
    ? `${version} waits for its gates; nothing was written.`
    : `${version} is made ready in the colour that gets no requests.`;
}

/** What a person may say to the promotion under way; cancelling and rolling back are actions of the stage. */
function actionsOf(
  active: Promotion,
  here: StageSituation,
): ColoursView['actions'] {
  const { colours, declaration, kind, release } = active;
  if (!colours || !('progress' in active) || kind === 'rollback') return [];
  const refusedBecause = (
    action: 'promoteFully' | 'abort',
  ): readonly Reason[] => {
    const wish = { action, by: '', at: active.requestedAt, reason: '-' };
    const answer = steer(active, wish, []);
    if (!isRefused(answer)) return [];
    const { code, reason, owners } = answer;
    return [{ code, text: reason, owners }];
  };
  const offer = (
    action: 'promoteFully' | 'abort',
    withheld: readonly Reason[] = [],
    consequence: string,
  ): ColoursView['actions'][number] => {
    const reasons = [...withheld, ...refusedBecause(action)];
    return { action, allowed: reasons.length === 0, reasons, consequence };
  };
  if (colours.switching) {
    const passes = declaration.blueGreen?.metrics
      ? [
          offer(
            'promoteFully',
            here.switchNow,
            `${release.version} keeps all requests, whatever its metrics say or do not say. Pods are still watched.`,
          ),
        ]
      : [];
    return [
      ...passes,
      offer(
        'abort',
        here.switchBack,
        `One commit lets the Service select the version before again. ${release.version} gets no requests any more and loses its pods.`,
      ),
    ];
  }
  return declaration.blueGreen?.promotion === 'manual'
    ? [
        offer(
          'promoteFully',
          here.switchNow,
          `As soon as ${release.version} is ready in every cluster, one commit lets the Service select it. It then gets all requests and is watched.`,
        ),
      ]
    : [];
}
