// SPDX-License-Identifier: Apache-2.0
import type {
  AllowedAction,
  Reason,
  ReleaseRef,
  StageView,
  TargetView,
} from '../api/views';
import { leastFresh } from '../cluster/freshness';
import type { TargetState } from '../cluster/targetState';
import { sayDuration } from '../gates/sayDuration';
import { sayEntity } from '../gates/sayEntity';
import type { Pipeline, Stage } from '../pipeline/pipeline';
import type { Release } from '../release/release';
import { isFailed } from './candidate';
import { coloursView } from './coloursView';
import { promotionView, releaseRef, wasTakenBack } from './promotionView';
import { commonRelease, runningIn, type Running } from './running';
import type { PipelineSituation, StageSituation } from './situation';
import { stageState } from './stageState';

type StageParts = Omit<
  StageView,
  'name' | 'title' | 'kind' | 'promotion' | 'after'
>;

const emptyParts = { targets: [], gates: [], allowedActions: [] };

/** One stage as the page shows it. */
export function stageView(
  stage: Stage,
  situation: PipelineSituation & { readonly pipeline: Pipeline },
): StageView {
  const { name, title, kind, promotion, after } = stage;
  const declared = { name, title, kind, promotion, after };
  const here = situation.stages.get(name);
  if (kind === 'local') return { ...declared, ...localView() };
  if (kind === 'ci') {
    return { ...declared, ...ciView(situation.releases[0]) };
  }
  if (!here) {
    return {
      ...declared,
      ...emptyParts,
      state: { key: 'never', word: 'Never seen' },
    };
  }
  return { ...declared, ...deployedView(stage, here, situation) };
}

/** Nothing reports from developers' machines yet, and the page says so instead of guessing. */
function localView(): StageParts {
  return {
    ...emptyParts,
    state: { key: 'never', word: 'Never reported' },
    next: 'Push a commit; CI starts by itself.',
  };
}

function ciView(release: Release | undefined): StageParts {
  if (!release) {
    return {
      ...emptyParts,
      state: { key: 'never', word: 'Never reported' },
      next: 'Push a commit; CI reports the release.',
    };
  }
  const failed = isFailed(release);
  const { ci } = release;
  const passed = ci?.jobs.filter(job => job.outcome === 'passed').length ?? 0;
  return {
    ...emptyParts,
    state: failed
      ? { key: 'bad', word: 'Failed' }
      : { key: 'ok', word: 'Verified' },
    release: releaseRef(release),
    since: ci?.finishedAt ?? release.reportedAt,
    facts: ci
      ? [
          `${passed} of ${ci.jobs.length} jobs passed, ${sayDuration(
            Date.parse(ci.finishedAt) - Date.parse(ci.startedAt),
          )}`,
        ]
      : ['Reported without its jobs'],
    next: failed ? 'Correct the failed jobs and push again.' : 'Nothing to do.',
  };
}

function deployedView(
  stage: Stage,
  here: StageSituation,
  situation: PipelineSituation & { readonly pipeline: Pipeline },
): StageParts {
  const running = here.targets.map(target =>
    runningIn(target, situation.pipeline.images, situation.byDigest),
  );
  const release = shownRelease(running, situation.releases);
  const worst = leastFresh(here.targets.map(target => target.freshness));
  const seenAt = worst && 'seenAt' in worst ? worst.seenAt : undefined;
  const since = sinceWhen(here, commonRelease(running));
  const active =
    here.active &&
    promotionView(here.active, {
      mine: here.decide !== undefined && here.decide.length === 0,
    });
  const candidate = here.active?.promotion.release ?? here.candidate?.release;
  const colours = coloursView(stage, here, {
    byDigest: situation.byDigest,
    images: situation.pipeline.images,
  });
  return {
    state: stageState(here),
    ...(release && { release }),
    ...(since && { since }),
    ...(seenAt && { seenAt }),
    facts: factsOf(here.targets, running),
    targets: here.targets.map((target, index) =>
      targetView(target, running[index]),
    ),
    ...(candidate && { candidate: releaseRef(candidate) }),
    gates: active?.gates ?? here.candidate?.gates ?? [],
    ...(active && { active }),
    ...(here.last && { last: promotionView(here.last) }),
    next: nextSentence(stage, here),
    allowedActions: actionsOf(here),
    ...(colours && { colours }),
    ...(stage.wave && { wave: true }),
  };
}

/** The common release; else the newest of several, or the tag of one we do not know. */
function shownRelease(
  running: readonly Running[],
  releases: readonly Release[],
): ReleaseRef | undefined {
  const known = running.flatMap(one =>
    one.kind === 'release' ? [one.release] : [],
  );
  const newest =
    releases.find(release => known.some(other => other.id === release.id)) ??
    known[0];
  if (newest) return releaseRef(newest);
  const unrecognised = running.find(one => one.kind === 'unrecognised');
  if (unrecognised?.kind !== 'unrecognised') return undefined;
  return { version: unrecognised.tag ?? 'untagged' };
}

function sinceWhen(
  here: StageSituation,
  release: Release | undefined,
): string | undefined {
  const last = here.last?.promotion;
  if (
    last?.phase === 'succeeded' &&
    release &&
    last.release.id === release.id
  ) {
    return last.finishedAt;
  }
  return release ? here.arrivedAt : undefined;
}

function factsOf(
  targets: readonly TargetState[],
  running: readonly Running[],
): readonly string[] {
  const replicas = targets.flatMap(target =>
    target.workload && target.workload.health !== 'missing'
      ? [target.workload.replicas]
      : [],
  );
  const isPast = targets.some(target => target.freshness.state !== 'live');
  const sum = (field: 'ready' | 'desired') =>
    replicas.reduce((total, one) => total + one[field], 0);
  return [
    ...(replicas.length > 0
      ? [
          `${sum('ready')} of ${sum('desired')} pods ${
            isPast ? 'were ready' : 'ready'
          }`,
        ]
      : []),
    ...versionFacts(running),
    ...unrecognisedFacts(running),
  ];
}

function versionFacts(running: readonly Running[]): readonly string[] {
  const versions = running.flatMap(one =>
    one.kind === 'release' ? [one.release.version] : [],
  );
  const different = Array.from(new Set(versions));
  if (different.length < 2) return [];
  return different.map(
    version =>
      `${version} on ${versions.filter(other => other === version).length} of ${
        running.length
      } targets`,
  );
}

function unrecognisedFacts(running: readonly Running[]): readonly string[] {
  const tags = running.flatMap(one =>
    one.kind === 'unrecognised' ? [one.tag ?? 'An image without a tag'] : [],
  );
  return Array.from(new Set(tags)).map(tag => `${tag} is not a known release`);
}

function targetView(target: TargetState, running: Running): TargetView {
  const { flux, workload } = target;
  const message =
    workload?.message ?? (flux?.ready === 'False' ? flux.message : undefined);
  const version =
    running.kind === 'release'
      ? running.release.version
      : running.kind === 'unrecognised' && running.tag;
  const digest = running.kind === 'nothing' ? undefined : running.digest;
  return {
    cluster: target.target.cluster,
    name: target.target.workload.name,
    freshness: target.freshness,
    ...(version && { version }),
    ...(digest && { digest }),
    ...(workload && { health: workload.health, replicas: workload.replicas }),
    ...(message && { message }),
    ...(flux && {
      flux: {
        ready: flux.ready,
        suspended: flux.suspended,
        ...(flux.reason && { reason: flux.reason }),
        ...(flux.message && { message: flux.message }),
        ...(flux.lastAppliedRevision && { revision: flux.lastAppliedRevision }),
      },
    }),
  };
}

function nextSentence(stage: Stage, here: StageSituation): string {
  const { active, candidate } = here;
  if (active) return activeSentence(here, active.promotion.release.version);
  if (!candidate) return 'Nothing to do.';
  const { version } = candidate.release;
  if (wasTakenBack(here.last, candidate.release.id)) {
    return `${version} was taken back from here. Promote it again by hand, or wait for a newer one.`;
  }
  if (stage.promotion === 'auto') return `${version} follows by itself.`;
  const [reason] = candidate.reasons;
  return reason
    ? `${version} could follow. ${reason.text}`
    : `${version} can be promoted by hand.`;
}

function activeSentence(here: StageSituation, version: string): string {
  if (here.decide?.length === 0) return `${version} waits for your decision.`;
  const [missing] = here.active?.unmet ?? [];
  if (here.active?.promotion.phase !== 'waiting') {
    return missing?.problem ? missing.text : `${version} arrives by itself.`;
  }
  if (!missing) return `${version} moves on by itself.`;
  const owners = missing.owners.map(sayEntity);
  return owners.length > 0
    ? `${version} waits for ${owners.join(' or ')}.`
    : `${version} waits: ${missing.text}`;
}

const nothingToPromote: Reason = {
  code: 'nothingToPromote',
  text: 'No newer release has come as far as this stage.',
  owners: [],
};

function actionsOf(here: StageSituation): readonly AllowedAction[] {
  const { active, candidate, decide, cancel } = here;
  const release = active?.promotion.release ?? candidate?.release;
  const about = active && { promotion: active.promotion.id };
  const promoteReasons = active
    ? [
        {
          code: 'promotionRunning',
          text: `${active.promotion.release.version} is on its way already.`,
          owners: [],
        },
      ]
    : candidate?.reasons ?? [nothingToPromote];
  return [
    action('promote', promoteReasons, {
      ...(!active && release && { release: releaseRef(release) }),
    }),
    ...(decide
      ? [action('approve', decide, about), action('reject', decide, about)]
      : []),
    ...(cancel ? [action('cancel', cancel, about)] : []),
    action('rollback', here.rollback, {}),
  ];
}

function action(
  name: AllowedAction['action'],
  reasons: readonly Reason[],
  about: Pick<AllowedAction, 'promotion' | 'release'> | undefined,
): AllowedAction {
  return { action: name, allowed: reasons.length === 0, reasons, ...about };
}
