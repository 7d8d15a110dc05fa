// SPDX-License-Identifier: Apache-2.0
import type { CanaryRun } from '../../canary/run/canaryRun';
import type { Freshness } from '../../cluster/freshness';
import type { FluxState, WorkloadState } from '../../cluster/targetState';
import { noGateFacts } from '../../gates/facts';
import { known } from '../../gates/known';
import type { StageObservation } from '../../gates/observation';
import type { GateDefinition, Pipeline, Target } from '../../pipeline/pipeline';
import type { Release } from '../../release/release';
import type { PromotionEvent } from '../events';
import type { Facts, TargetFact } from '../facts';
import { fold } from '../fold';
import {
  PORTAL_ACTOR,
  targetKey,
  type Declaration,
  type Promotion,
} from '../promotion';

/** The story that the tests of promotions tell: parcel-vision on its way to cloud-production. */
export const T0 = '2026-08-20T14:00:00.000Z';

/** A moment so many seconds into the story. */
export function at(seconds: number): string {
  return new Date(Date.parse(T0) + seconds * 1_000).toISOString();
}

export const service = 'component:default/parcel-vision';
export const mia = 'user:default/mia';
export const jonas = 'user:default/jonas';
export const omar = 'user:default/omar';
export const leads = 'group:default/team-leads';
export const commitSha = 'c'.repeat(40);

export function aTarget(cluster: string, variant?: string): Target {
  const name = variant ? `parcel-vision-${variant}` : 'parcel-vision';
  return {
    cluster,
    path: `services/parcel-vision/overlays/${cluster}`,
    kustomization: { namespace: 'flux-system', name },
    workload: { kind: 'Deployment', namespace: 'sorting', name },
  };
}

export const approvalByLeads = {
  kind: 'approval' as const,
  name: 'approval by team-leads',
  group: leads,
  count: 1,
  expires: 3 * 86_400_000,
} satisfies GateDefinition;

export const soakInStaging: GateDefinition = {
  kind: 'soak',
  name: 'soak in cloud-staging',
  stage: 'cloud-staging',
  duration: 30_000,
};

export function aDeclaration(change: Partial<Declaration> = {}): Declaration {
  return {
    stageTitle: 'Cloud production',
    stageKind: 'cloud',
    gates: [approvalByLeads, soakInStaging],
    targets: [aTarget('cloud-production')],
    images: ['registry.norden.example/parcel-vision'],
    fleet: { repository: 'http://forge/norden/fleet', branch: 'main' },
    ...change,
  };
}

/** Release 2.8.`patch`, committed `patch` minutes into the story. */
export function aRelease(
  patch: number,
  change: Partial<Release> = {},
): Release {
  return {
    id: `release-${patch}`,
    service,
    version: `2.8.${patch}`,
    commit: {
      sha: `${patch}`.padStart(40, '0'),
      message: 'Fix label rotation on belt 4',
      author: 'Mia Lindqvist',
      authorRef: mia,
      time: at(patch * 60),
    },
    images: [
      {
        name: 'registry.norden.example/parcel-vision',
        tag: `2.8.${patch}`,
        digest: `sha256:${`${patch}`.padStart(64, '0')}`,
      },
    ],
    reportedAt: at(patch * 60 + 10),
    ...change,
  };
}

export function aPipeline(): Pipeline {
  const declaration = aDeclaration();
  const stage = (
    name: string,
    change: Partial<Pipeline['stages'][number]>,
  ) => ({
    name,
    title: name,
    kind: 'cloud' as const,
    after: [],
    promotion: 'manual' as const,
    gates: [],
    targets: [aTarget(name)],
    ...change,
  });
  return {
    service,
    images: declaration.images,
    fleet: declaration.fleet,
    stages: [
      stage('ci', { kind: 'ci', targets: [] }),
      stage('cloud-staging', { after: ['ci'], promotion: 'auto' }),
      stage('cloud-production', {
        title: declaration.stageTitle,
        after: ['cloud-staging'],
        gates: declaration.gates,
      }),
    ],
  };
}

type Story = readonly PromotionEvent[];
type RequestedEvent = Extract<PromotionEvent, { type: 'requested' }>;

export function requested(
  change: Partial<RequestedEvent> = {},
): RequestedEvent {
  const { id, version, commit, images } = aRelease(1);
  return {
    type: 'requested',
    at: T0,
    actor: omar,
    promotion: 'promotion-1',
    kind: 'promotion',
    service,
    stage: 'cloud-production',
    declaration: aDeclaration(),
    release: { id, version, commit, images },
    supersedes: [],
    ...change,
  };
}

export const approvedByJonas: PromotionEvent = {
  type: 'approved',
  at: at(5),
  actor: jonas,
  gates: [approvalByLeads.name],
};

export const gatesPassed: PromotionEvent = {
  type: 'gatesPassed',
  at: at(6),
  actor: PORTAL_ACTOR,
  verdicts: [],
};

export const committed: PromotionEvent = {
  type: 'committed',
  at: at(7),
  actor: PORTAL_ACTOR,
  commit: { sha: commitSha, branch: 'main', changed: true },
};

export function asked(target: Target): PromotionEvent {
  return {
    type: 'reconcileRequested',
    at: at(8),
    actor: PORTAL_ACTOR,
    target: targetKey(target),
    token: 'promotion-1',
    outcome: 'accepted',
  };
}

export function applied(target: Target): PromotionEvent {
  return {
    type: 'targetApplied',
    at: at(10),
    actor: PORTAL_ACTOR,
    target: targetKey(target),
    revision: `main@sha1:${commitSha}`,
    basis: 'ancestry',
  };
}

/** The promotion that a story leads to. */
export function after(...story: Story): Promotion {
  const promotion = fold(story);
  if (!promotion) throw new Error('The story does not begin with a request');
  return promotion;
}

/** An observation of release 2.8.1 in cloud-staging that soaked for long enough. */
export function soaked(
  change: Partial<StageObservation> = {},
): StageObservation {
  return {
    service,
    stage: 'cloud-staging',
    release: 'release-1',
    health: 'healthy',
    since: at(-60),
    soaked: 60_000,
    firstSeenAt: at(-60),
    lastSeenAt: T0,
    watchedSince: at(-60),
    arrivedAt: at(-60),
    ...change,
  };
}

export function aFlux(change: Partial<FluxState> = {}): FluxState {
  return {
    ready: 'True',
    reason: 'ReconciliationSucceeded',
    suspended: false,
    lastAppliedRevision: `main@sha1:${commitSha}`,
    lastAttemptedRevision: `main@sha1:${commitSha}`,
    ...change,
  };
}

export function aWorkload(change: Partial<WorkloadState> = {}): WorkloadState {
  return {
    health: 'healthy',
    images: [imageOf(1)],
    replicas: { desired: 3, updated: 3, ready: 3, available: 3 },
    observed: true,
    ...change,
  };
}

/** The image of release 2.8.`patch` as a pod template declares it. */
export function imageOf(patch: number): string {
  const [{ name, tag, digest }] = aRelease(patch).images;
  return `${name}:${tag}@${digest}`;
}

/** Flagger giving release 2.8.1 a quarter of the traffic beside 2.8.0, unless changed. */
export function aRun(change: Partial<CanaryRun> = {}): CanaryRun {
  return {
    engine: 'flagger',
    namespace: 'sorting',
    name: 'parcel-vision',
    strategy: 'canary',
    phase: 'progressing',
    suspended: false,
    steps: [5, 25, 50, 100],
    weight: 25,
    checks: { failed: 0, allowed: 2 },
    interval: 10_000,
    skipsAnalysis: false,
    asks: [
      'confirm-rollout',
      'confirm-traffic-increase',
      'confirm-promotion',
      'rollback',
      'event',
    ],
    declared: [imageOf(1)],
    stable: [imageOf(0)],
    ...change,
  };
}

/** A target whose live cluster proves the release, unless changed. */
export function aTargetFact(
  change: {
    readonly target?: Target;
    readonly freshness?: Freshness;
    readonly flux?: Partial<FluxState>;
    readonly workload?: Partial<WorkloadState>;
    readonly canary?: CanaryRun;
    readonly appliedContains?: boolean;
    readonly attemptedContains?: boolean;
  } = {},
): TargetFact {
  return {
    state: {
      target: change.target ?? aTarget('cloud-production'),
      freshness: change.freshness ?? { state: 'live', seenAt: at(20) },
      flux: aFlux(change.flux),
      workload: aWorkload(change.workload),
      ...(change.canary && { canary: change.canary }),
    },
    appliedContains:
      'appliedContains' in change ? change.appliedContains : true,
    attemptedContains:
      'attemptedContains' in change ? change.attemptedContains : true,
  };
}

/** Facts in which nothing stands in the way. */
export function facts(change: Partial<Facts> = {}): Facts {
  return {
    now: at(20),
    declaration: known(aDeclaration()),
    gates: {
      ...noGateFacts,
      stages: { 'cloud-staging': known(soaked()) },
      members: { [`${jonas} in ${leads}`]: known(true) },
    },
    commit: known(undefined),
    targets: { [targetKey(aTarget('cloud-production'))]: aTargetFact() },
    verdicts: {},
    predecessorsSettled: true,
    ...change,
  };
}
