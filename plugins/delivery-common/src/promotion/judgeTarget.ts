// SPDX-License-Identifier: Apache-2.0
import type { FluxState } from '../cluster/targetState';
import type { Target } from '../pipeline/pipeline';
import type { ReleaseImage } from '../release/release';
import { later, type Instant, type Milliseconds } from '../time';
import type { TargetFact } from './facts';
import { declares } from './declares';
import { judgeRun, PATIENCE_AFTER_APPLYING, settingUp } from './judgeRun';
import type { TargetProblemCode } from './problems';
import {
  targetKey,
  type PromotionProblem,
  type Steered,
  type TargetProgress,
  type TargetProof,
} from './promotion';
import type { PromotionEventOf } from './events';
import { moving, problem } from './judgements';

/** Flux took the commit to this target. */
export type Applied = Pick<
  PromotionEventOf<'targetApplied'>,
  'revision' | 'basis'
>;

/** What one target's cluster shows of the promotion now. `applied` where it did. */
export type TargetJudgement =
  /** Not live: it may hold the promotion, nothing more. */
  | {
      readonly state: 'unknown';
      readonly code: 'clusterUnknown';
      readonly text: string;
      readonly since: Instant;
    }
  | {
      readonly state: 'problem';
      readonly problem: PromotionProblem & { readonly code: TargetProblemCode };
      readonly applied?: Applied;
    }
  | {
      readonly state: 'moving';
      readonly code:
        | 'applying'
        | 'rollingOut'
        | 'canary'
        | 'smokeTest'
        | 'wave'
        | 'switching';
      readonly text: string;
      readonly applied?: Applied;
      /** When waiting without a sign of progress becomes a problem. */
      readonly until?: Instant;
    }
  | {
      readonly state: 'proven';
      readonly proof: TargetProof;
      readonly applied: Applied;
    };

/** What the target should come to. */
export interface TargetWish {
  readonly commit: string;
  readonly images: readonly ReleaseImage[];
  readonly progress: TargetProgress;
  /** Who took the canary back, where somebody did. */
  readonly abort?: Steered;
  readonly now: Instant;
}

/** Flux polls an edge cluster's source every five minutes; asked, it acts within seconds. */
const PATIENCE_WHEN_ASKED: Milliseconds = 2 * 60_000;
const PATIENCE_WHEN_NOT_ASKED: Milliseconds = 12 * 60_000;

/**
 * Judges one target. Order: can the cluster be believed, was the commit applied, does the workload
 * prove it. A commit counts as applied when Flux applied a revision that contains it; where that
 * ancestry is unknown (the mirror does not have the revision), when the workload's template declares
 * the wanted digests, since a digest names one content only.
 */
export function judgeTarget(
  fact: TargetFact,
  wish: TargetWish,
): TargetJudgement {
  const { state } = fact;
  const { freshness } = state;
  if (freshness.state !== 'live') {
    return {
      state: 'unknown',
      code: 'clusterUnknown',
      text: `${state.target.cluster} is ${sayFreshness(freshness.state)}${
        freshness.problem ? `: ${freshness.problem}` : ''
      }`,
      since: freshness.since,
    };
  }
  const applied = appliedIn(fact, wish);
  if (!applied) return judgeFlux(fact, wish);
  const { canary } = state;
  const underWay = canary && judgeRun(canary, state.target, wish);
  if (underWay) return { ...underWay, applied };
  const judged = judgeWorkload(fact, wish, {
    applied,
    seenAt: freshness.seenAt,
  });
  // The stable version may run before the engine has made the Service that leads to it.
  return judged.state === 'proven' && canary?.phase === 'initializing'
    ? { ...settingUp(canary, state.target), applied }
    : judged;
}

function sayFreshness(state: 'stale' | 'unreachable' | 'forbidden' | 'never') {
  return {
    stale: 'silent',
    unreachable: 'unreachable',
    forbidden: 'refusing the portal',
    never: 'not yet heard from',
  }[state];
}

function appliedIn(fact: TargetFact, wish: TargetWish): Applied | undefined {
  const { flux, workload, canary } = fact.state;
  if (wish.progress.applied) {
    return { revision: wish.progress.applied.revision, basis: 'ancestry' };
  }
  const revision = flux?.lastAppliedRevision;
  if (!revision || fact.appliedContains === false) return undefined;
  if (fact.appliedContains) return { revision, basis: 'ancestry' };
  return declares(canary?.declared ?? workload?.images ?? [], wish.images)
    ? { revision, basis: 'digest' }
    : undefined;
}

function judgeFlux(fact: TargetFact, wish: TargetWish): TargetJudgement {
  const { flux, target } = fact.state;
  const where = `${target.kustomization.name} in ${target.cluster}`;
  if (!flux) return judgeMissing(target, wish);
  const stopped = stoppedFlux(flux, where) ?? failedFlux(fact, flux, where);
  if (stopped) return stopped;
  const asked = wish.progress.requested;
  if (!asked) {
    return moving('applying', `Flux is asked to apply the commit to ${where}.`);
  }
  const patience =
    asked.outcome === 'accepted'
      ? PATIENCE_WHEN_ASKED
      : PATIENCE_WHEN_NOT_ASKED;
  const until = later(asked.at, patience);
  if (until <= wish.now) {
    return problem(
      'notApplied',
      `Flux has not applied ${short(wish.commit)} to ${where}; it is at ${
        flux.lastAppliedRevision ?? 'no revision'
      }.`,
    );
  }
  return {
    ...moving(
      'applying',
      `Flux is applying ${short(wish.commit)} to ${where}.`,
    ),
    until,
  };
}

/** A service that was just onboarded comes to a cluster when Flux looks at the cluster's folder. */
function judgeMissing(target: Target, { progress, now }: TargetWish) {
  const { namespace, name } = target.kustomization;
  const missing = `${target.cluster} has no Kustomization ${namespace}/${name}`;
  const until = later(progress.requested?.at ?? now, PATIENCE_WHEN_ASKED);
  return until > now
    ? { ...moving('applying', `${missing} yet.`), until }
    : problem('kustomizationMissing', `${missing}.`);
}

function stoppedFlux(
  flux: FluxState,
  where: string,
): TargetJudgement | undefined {
  if (flux.stalled !== undefined) {
    return problem('stalled', `${where} is stalled: ${flux.stalled}`);
  }
  if (flux.suspended) {
    return problem(
      'suspended',
      `${where} is suspended, so nothing is applied.`,
    );
  }
  const { source } = flux;
  if (source?.suspended) {
    return problem('sourceSuspended', `The source of ${where} is suspended.`);
  }
  if (source?.ready === 'False') {
    const text = `The source of ${where} can not be fetched: ${
      source.message ?? source.reason ?? 'no reason given'
    }`;
    return problem(
      source.reason === 'AuthenticationFailed'
        ? 'sourceAuthenticationFailed'
        : 'sourceFailed',
      text,
    );
  }
  return undefined;
}

/** Reasons of a Kustomization's Ready=False (kustomize-controller, API v1). */
function failedFlux(
  fact: TargetFact,
  flux: FluxState,
  where: string,
): TargetJudgement | undefined {
  if (flux.ready !== 'False') return undefined;
  const text = flux.message ?? flux.reason ?? 'no reason given';
  // These two happen before a revision is attempted.
  if (flux.reason === 'DependencyNotReady') {
    return problem('dependencyNotReady', `${where} waits for another: ${text}`);
  }
  if (flux.reason === 'ArtifactFailed') {
    return problem('sourceFailed', `${where} has no artifact: ${text}`);
  }
  // A failure of an older revision may be what this commit repairs.
  if (fact.attemptedContains === false) return undefined;
  switch (flux.reason) {
    case 'BuildFailed':
      // Only a failure of our own revision is certain not to heal.
      return fact.attemptedContains
        ? problem('buildFailed', `${where} can not be built: ${text}`)
        : problem('applyFailed', `${where} can not be built: ${text}`);
    case 'HealthCheckFailed':
    case 'HealthCheckCanceled':
      return problem('healthCheckFailed', `${where} is not healthy: ${text}`);
    default:
      return problem('applyFailed', `${where} can not be applied: ${text}`);
  }
}

function judgeWorkload(
  fact: TargetFact,
  wish: TargetWish,
  { applied, seenAt }: { readonly applied: Applied; readonly seenAt: Instant },
): TargetJudgement {
  const { workload, target } = fact.state;
  const where = `${target.workload.name} in ${target.cluster}`;
  const settled = wish.progress.applied
    ? later(wish.progress.applied.at, PATIENCE_AFTER_APPLYING)
    : later(wish.now, PATIENCE_AFTER_APPLYING);
  const settling = (text: string): TargetJudgement => ({
    ...moving('rollingOut', text),
    applied,
    until: settled,
  });
  if (!workload || workload.health === 'missing') {
    return settled > wish.now
      ? settling(`${where} is not there yet.`)
      : { ...problem('workloadMissing', `${where} does not exist.`), applied };
  }
  if (!declares(workload.images, wish.images)) {
    const text = `${where} declares ${
      workload.images.join(', ') || 'no image'
    }, not the release's digests.`;
    return settled > wish.now
      ? settling(text)
      : { ...problem('imagesDiffer', text), applied };
  }
  const { desired, updated, available } = workload.replicas;
  if (workload.observed && desired === 0) {
    const text = `${where} is scaled to zero, so nothing shows that it runs.`;
    return { ...problem('scaledToZero', text), applied };
  }
  if (workload.observed && workload.health === 'degraded') {
    const text = `${where} is degraded${
      workload.message ? `: ${workload.message}` : '.'
    }`;
    return { ...problem('degraded', text), applied };
  }
  const complete =
    workload.observed &&
    workload.health === 'healthy' &&
    updated === desired &&
    available === desired;
  if (!complete) {
    const text = `${where}: ${updated} of ${desired} replicas updated, ${available} available.`;
    return { ...moving('rollingOut', text), applied };
  }
  return {
    state: 'proven',
    applied,
    proof: {
      target: targetKey(target),
      seenAt,
      revision: applied.revision,
      images: workload.images,
      replicas: desired,
      ...(fact.state.canary?.end && { canary: fact.state.canary.end }),
    },
  };
}

function short(commit: string): string {
  return commit.slice(0, 8);
}
