// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import {
  composePipelineView,
  digestsIn,
  findCandidate,
  runningIn,
  type Pipeline,
  type PipelineSituation,
  type PipelineView,
  type PromotionInView,
  type Reason,
  type Refused,
  type Release,
  type Running,
  type Stage,
  type StageObservation,
  type StageSituation,
  type TargetState,
} from '@causeway/plugin-delivery-common';
import type { Service, Services } from '../catalog/Services';
import type { Clock } from '../Clock';
import type { Clusters } from '../clusters/Clusters';
import {
  noPipeline,
  sayNotPermitted,
  unknownService,
  type Caller,
} from '../http/Admission';
import {
  stageResource,
  type StageAction,
  type StagePermissions,
  type StageRights,
} from '../http/StagePermissions';
import type { PipelineReading, Pipelines } from '../pipelines/Pipelines';
import type { Promotions, StoredPromotion } from '../promotions/Promotions';
import type { StageObservations } from '../promotions/StageObservations';
import type { Releases } from '../releases/Releases';
import type { Rollbacks } from '../rollbacks/Rollbacks';

/** Releases and promotions looked at for the road. */
const RELEASES = 50;
const PROMOTIONS = 100;
/** An answer is made anew at least this often: rights and group membership change unseen. */
const LONGEST = 60_000;
/** Answers kept; each is some kilobytes. */
const KEPT = 500;

/** A pipeline as one viewer sees it, with the tag that names exactly this content. */
export interface KeptView {
  readonly etag: string;
  readonly view: PipelineView;
}

interface Kept extends KeptView {
  readonly stamp: string;
  readonly until: number;
}

type ByStage = Awaited<ReturnType<Promotions['byStage']>>;

/** What a view is made of. */
export interface PipelineViewsParts {
  readonly services: Services;
  readonly pipelines: Pipelines;
  readonly releases: Releases;
  readonly clusters: Clusters;
  readonly promotions: Promotions;
  readonly rollbacks: Rollbacks;
  readonly observations: Pick<StageObservations, 'of'>;
  readonly stagePermissions: StagePermissions;
  readonly clock: Clock;
}

/**
 * Makes the pipeline page of a viewer and keeps it while nothing it depends on has changed. Whether
 * it has is told by a stamp of the clusters' revision, the pipeline's reading, the newest release
 * and the stages' promotions: two small queries and no remote call. A gate that will pass by itself
 * ends the page's life at that moment.
 */
export class PipelineViews {
  readonly #parts: PipelineViewsParts;
  readonly #kept = new Map<string, Kept>();

  constructor(parts: PipelineViewsParts) {
    this.#parts = parts;
  }

  async get(ref: string, caller: Caller): Promise<KeptView> {
    const { services, pipelines } = this.#parts;
    const service = await services.find(ref);
    if (!service) throw unknownService(ref);
    const reading = await pipelines.get(service.ref);
    if (!reading) throw noPipeline(service.ref);
    const byStage = await this.#parts.promotions.byStage(service.ref);
    const stamp = await this.#stamp(service.ref, reading, byStage);
    const key = `${service.ref} ${caller.actor}`;
    const now = this.#parts.clock().getTime();
    const kept = this.#kept.get(key);
    if (kept && kept.stamp === stamp && now < kept.until) return kept;
    const made = await this.#make({ service, reading, byStage, stamp, caller });
    this.#kept.delete(key);
    this.#kept.set(key, made);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest) this.#kept.delete(oldest);
    return made;
  }

  async #stamp(
    service: string,
    reading: PipelineReading,
    byStage: ByStage,
  ): Promise<string> {
    const [newest] = await this.#parts.releases.list(service, 1);
    const version = (stored: StoredPromotion | undefined) =>
      stored && [stored.promotion.id, stored.version, stored.unmet];
    return JSON.stringify([
      this.#parts.clusters.revision(),
      newest?.id,
      'readAt' in reading ? reading.readAt : reading.message,
      reading.state === 'valid' && reading.newer?.problems,
      Array.from(byStage, ([stage, { active, last }]) => [
        stage,
        version(active),
        version(last),
      ]),
    ]);
  }

  async #make(from: {
    readonly service: Service;
    readonly reading: PipelineReading;
    readonly byStage: ByStage;
    readonly stamp: string;
    readonly caller: Caller;
  }): Promise<Kept> {
    const now = this.#parts.clock();
    const situation = await this.#gather(from);
    const view = composePipelineView(situation);
    const revision = createHash('sha256')
      .update(JSON.stringify(view))
      .digest('base64url')
      .slice(0, 27);
    return {
      view: { ...view, revision },
      etag: `"${revision}"`,
      stamp: from.stamp,
      until: Math.min(
        now.getTime() + LONGEST,
        ...expectedChanges(situation).filter(time => time > now.getTime()),
      ),
    };
  }

  async #gather(from: {
    readonly service: Service;
    readonly reading: PipelineReading;
    readonly byStage: ByStage;
    readonly caller: Caller;
  }): Promise<PipelineSituation> {
    const { service, reading, byStage, caller } = from;
    const base = {
      service: service.ref,
      revision: '',
      document: documentOf(reading),
    };
    if (reading.state !== 'valid') {
      return {
        ...base,
        releases: [],
        byDigest: new Map(),
        stages: new Map(),
        promotions: [],
      };
    }
    const { pipeline } = reading;
    const { releases, promotions, stagePermissions, rollbacks, observations } =
      this.#parts;
    const [newest, recent, rights, choices, observed] = await Promise.all([
      releases.list(service.ref, RELEASES),
      promotions.list({ service: service.ref, limit: PROMOTIONS }),
      stagePermissions.of(caller.credentials),
      rollbacks.options(service.ref),
      observations.of(service.ref),
    ]);
    const seen = new Map(
      pipeline.stages
        .filter(stage => stage.targets.length > 0)
        .map(stage => [
          stage.name,
          stage.targets.map(target => this.#parts.clusters.targetState(target)),
        ]),
    );
    const byDigest = await this.#releasesByDigest(pipeline, newest, seen);
    const running = new Map(
      Array.from(seen, ([name, targets]) => [
        name,
        targets.map(target => runningIn(target, pipeline.images, byDigest)),
      ]),
    );
    const stages = await Promise.all(
      pipeline.stages
        .filter(stage => seen.has(stage.name))
        .map(async stage => {
          const situation = await this.#stage(stage, {
            service,
            pipeline,
            caller,
            rights,
            releases: newest,
            running,
            targets: seen.get(stage.name) ?? [],
            observed: observed.filter(one => one.stage === stage.name),
            stored: byStage.get(stage.name) ?? {},
            refusedRollback:
              'kind' in choices
                ? [choices]
                : choices.find(choice => choice.stage === stage.name)
                    ?.refused ?? [],
          });
          return [stage.name, situation] as const;
        }),
    );
    return {
      ...base,
      pipeline,
      releases: newest,
      byDigest,
      stages: new Map(stages),
      promotions: recent.map(inView),
    };
  }

  async #stage(
    stage: Stage,
    known: {
      readonly service: Service;
      readonly pipeline: Pipeline;
      readonly caller: Caller;
      readonly rights: StageRights;
      readonly releases: readonly Release[];
      readonly running: ReadonlyMap<string, readonly Running[]>;
      readonly targets: readonly TargetState[];
      readonly observed: readonly StageObservation[];
      readonly stored: {
        readonly active?: StoredPromotion;
        readonly last?: StoredPromotion;
      };
      readonly refusedRollback: readonly Refused[];
    },
  ): Promise<StageSituation> {
    const { promotions } = this.#parts;
    const { service, caller, rights, stored } = known;
    const { active, last } = stored;
    const right = (action: StageAction): readonly Reason[] =>
      rights(action, stageResource(service, stage))
        ? []
        : [
            {
              code: 'notPermitted',
              text: sayNotPermitted(action, stage),
              owners: service.owners,
            },
          ];
    const candidate = active
      ? undefined
      : findCandidate(stage, {
          pipeline: known.pipeline,
          releases: known.releases,
          running: known.running,
        });
    const wish = candidate && {
      service: service.ref,
      stage: stage.name,
      release: candidate.id,
    };
    const [gates, refusals, decide, cancel] = await Promise.all([
      wish ? promotions.gatesFor(wish) : [],
      wish ? promotions.check(wish) : [],
      active && asksApproval(active)
        ? promotions.mayApprove(active.promotion.id, caller.actor)
        : undefined,
      active ? promotions.mayCancel(active.promotion.id) : undefined,
    ]);
    const arrivedAt = known.observed.find(
      one => one.health !== 'gone',
    )?.arrivedAt;
    return {
      targets: known.targets,
      ...(arrivedAt && { arrivedAt }),
      ...(active && { active: inView(active) }),
      ...(last && { last: inView(last) }),
      ...(candidate && {
        candidate: {
          release: candidate,
          gates,
          reasons: [...right('promote'), ...refusals.map(reasonOf)],
        },
      }),
      rollback: [...right('rollback'), ...known.refusedRollback.map(reasonOf)],
      ...(active &&
        asksApproval(active) && {
          decide: [...right('approve'), ...(decide ? [reasonOf(decide)] : [])],
        }),
      ...(active && {
        cancel: [...right('cancel'), ...(cancel ? [reasonOf(cancel)] : [])],
        switchNow: right('approve'),
        switchBack: right('rollback'),
      }),
    };
  }

  async #releasesByDigest(
    pipeline: Pipeline,
    releases: readonly Release[],
    seen: ReadonlyMap<string, readonly TargetState[]>,
  ): Promise<ReadonlyMap<string, Release>> {
    const known = new Map(
      releases.flatMap(release =>
        release.images.map(image => [image.digest, release] as const),
      ),
    );
    const unknown = digestsIn(
      Array.from(seen.values()).flat(),
      pipeline.images,
    ).filter(digest => !known.has(digest));
    const older = await Promise.all(
      unknown.map(async digest => {
        const release = await this.#parts.releases.findByDigest(
          pipeline.service,
          digest,
        );
        return release ? [[digest, release] as const] : [];
      }),
    );
    return new Map([...known, ...older.flat()]);
  }
}

/** A refusal of the domain as a reason beside a button. */
export function reasonOf(refusal: Refused): Reason {
  return {
    code: refusal.code,
    text: refusal.reason,
    owners: refusal.owners,
  };
}

/** What a page needs of a stored promotion. */
export function inView(stored: StoredPromotion): PromotionInView {
  return { promotion: stored.promotion, unmet: stored.unmet };
}

/** Whether somebody's approval is what the promotion waits for. */
export function asksApproval({ promotion }: StoredPromotion): boolean {
  return (
    promotion.phase === 'waiting' &&
    promotion.kind === 'promotion' &&
    promotion.declaration.gates.some(gate => gate.kind === 'approval')
  );
}

function documentOf(reading: PipelineReading): PipelineView['document'] {
  switch (reading.state) {
    case 'valid':
      return {
        state: 'valid',
        url: reading.url,
        problems: reading.newer?.problems ?? [],
        readAt: reading.readAt.toISOString(),
      };
    case 'invalid':
      return {
        state: 'invalid',
        url: reading.url,
        problems: reading.problems,
        readAt: reading.readAt.toISOString(),
      };
    default:
      return {
        state: 'unreadable',
        ...(reading.url && { url: reading.url }),
        problems: [],
        message: reading.message,
      };
  }
}

/** When something in the page changes although nothing happens. */
function expectedChanges(situation: PipelineSituation): readonly number[] {
  const instants = Array.from(situation.stages.values()).flatMap(
    ({ active, candidate }) => [
      ...(active?.unmet ?? []).map(missing => missing.expected),
      ...(candidate?.gates ?? []).map(verdict => verdict.expected),
    ],
  );
  return instants.flatMap(instant =>
    instant === undefined ? [] : [Date.parse(instant)],
  );
}
