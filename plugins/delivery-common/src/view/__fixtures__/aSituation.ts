// SPDX-License-Identifier: Apache-2.0
import type { Freshness } from '../../cluster/freshness';
import type { TargetState, WorkloadState } from '../../cluster/targetState';
import { parsePipeline } from '../../pipeline/parsePipeline';
import type { Pipeline, Target } from '../../pipeline/pipeline';
import type { Promotion } from '../../promotion/promotion';
import type { Release } from '../../release/release';
import type { PipelineSituation, StageSituation } from '../situation';

export const image = 'registry.norden.example/parcel-vision';
export const seenAt = '2026-05-07T14:32:00.000Z';

/** Three stages with targets behind one another, the last with two targets. */
export function aPipeline(): Pipeline {
  const { pipeline, problems } = parsePipeline(
    `apiVersion: causeway.dev/v1
kind: Pipeline
images: [${image}]
namespace: sorting
stages:
  - { name: local, kind: local }
  - { name: ci, kind: ci }
  - { name: cloud-staging, kind: cloud, promotion: auto, targets: [cloud-staging] }
  - name: cloud-production
    kind: cloud
    targets: [cloud-production]
    gates:
      - approval: { group: team-leads }
  - name: edge-production
    kind: edge
    targets: [{ cluster: edge, variant: jetson }, { cluster: edge, variant: pi }]
`,
    {
      service: 'component:default/parcel-vision',
      defaults: { fleet: { repository: 'http://forge/fleet', branch: 'main' } },
    },
  );
  if (!pipeline) throw new Error(JSON.stringify(problems));
  return pipeline;
}

/** A release of version `2.<minor>.0`; a higher minor was reported later. */
export function aRelease(
  minor: number,
  change: Partial<Release> = {},
): Release {
  const time = new Date(Date.parse(seenAt) - (100 - minor) * 3600_000);
  return {
    id: `release-${minor}`,
    service: 'component:default/parcel-vision',
    version: `2.${minor}.0`,
    commit: {
      sha: String(minor).padEnd(40, '0'),
      message: `Change ${minor}\n\nMore.`,
      author: 'Mia Lindqvist',
      time: time.toISOString(),
    },
    images: [{ name: image, tag: `2.${minor}.0`, digest: digestOf(minor) }],
    reportedAt: time.toISOString(),
    ...change,
  };
}

export function digestOf(minor: number): string {
  return `sha256:${String(minor).padStart(64, '0')}`;
}

/** A healthy target that runs a release; `change` is what is different. */
export function aTarget(
  target: Target,
  runs: number | string | undefined,
  change: {
    readonly freshness?: Freshness;
    readonly workload?: Partial<WorkloadState>;
    readonly flux?: TargetState['flux'];
  } = {},
): TargetState {
  const images =
    typeof runs === 'number'
      ? [`${image}:2.${runs}.0@${digestOf(runs)}`]
      : [runs ?? []].flat();
  return {
    target,
    freshness: change.freshness ?? { state: 'live', seenAt },
    flux: change.flux ?? { ready: 'True', suspended: false },
    workload: {
      health: runs === undefined ? 'missing' : 'healthy',
      images,
      replicas: { desired: 2, updated: 2, ready: 2, available: 2 },
      observed: true,
      ...change.workload,
    },
  };
}

/** A promotion that waits for an approval to enter cloud production. */
export function aWaitingPromotion(
  release: Release,
): Extract<Promotion, { phase: 'waiting' }> {
  const pipeline = aPipeline();
  const stage = pipeline.stages[3];
  return {
    phase: 'waiting',
    id: 'promotion-1',
    kind: 'promotion',
    service: pipeline.service,
    stage: stage.name,
    declaration: {
      stageTitle: stage.title,
      stageKind: stage.kind,
      gates: stage.gates,
      targets: stage.targets,
      images: pipeline.images,
      fleet: pipeline.fleet,
    },
    release,
    requestedBy: 'user:default/mia',
    requestedAt: seenAt,
    supersedes: [],
    approvals: [],
    verdicts: [],
    attempted: false,
  };
}

export type StageRuns = number | string | undefined;

/** A page where each stage runs what is given, all live and healthy, and everything is allowed. */
export function aSituation(
  runs: {
    readonly staging?: StageRuns;
    readonly production?: StageRuns;
    readonly edge?: readonly [StageRuns, StageRuns];
  },
  change: {
    readonly releases?: readonly Release[];
    readonly stages?: Readonly<Record<string, Partial<StageSituation>>>;
    readonly situation?: Partial<PipelineSituation>;
  } = {},
): PipelineSituation {
  const pipeline = aPipeline();
  const releases = change.releases ?? [aRelease(8), aRelease(7), aRelease(6)];
  const edge = runs.edge ?? [undefined, undefined];
  const wanted: Record<string, readonly StageRuns[]> = {
    'cloud-staging': [runs.staging],
    'cloud-production': [runs.production],
    'edge-production': edge,
  };
  const stages = new Map(
    pipeline.stages
      .filter(stage => stage.targets.length > 0)
      .map(stage => [
        stage.name,
        {
          targets: stage.targets.map((target, index) =>
            aTarget(target, wanted[stage.name][index]),
          ),
          rollback: [],
          ...change.stages?.[stage.name],
        },
      ]),
  );
  return {
    service: pipeline.service,
    revision: 'r1',
    document: { state: 'valid', problems: [] },
    pipeline,
    releases,
    byDigest: new Map(
      releases.flatMap(release =>
        release.images.map(({ digest }) => [digest, release] as const),
      ),
    ),
    stages,
    promotions: [],
    ...change.situation,
  };
}
