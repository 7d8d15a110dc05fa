// SPDX-License-Identifier: Apache-2.0
import { ConflictError } from '@backstage/errors';
import {
  declarationOf,
  planRollback,
  refused,
  rollbackChoices,
  sayEntity,
  unknown,
  type PlannedRollback,
  type PromotedRelease,
  type PromotionEvent,
  type Refused,
  type RollbackChoices,
  type RollbackMode,
  type Stage,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import { activeIn, giveWay } from '../promotions/PromotionRequests';
import type { PlanPromotion } from '../promotions/PlanPromotion';
import type { Growth, PromotionStore } from '../promotions/PromotionStore';
import {
  promotedRelease,
  type ServiceSituation,
  type ServiceSituations,
} from '../promotions/ServiceSituation';
import type { Releases } from '../releases/Releases';
import {
  sayCanaries,
  speedOf,
  type RollbackCanaries,
} from './RollbackCanaries';
import type { RollbackCommand, RollbackPreview, Rollbacks } from './Rollbacks';

const ATTEMPTS = 5;

type Situation = ServiceSituation &
  Required<Pick<ServiceSituation, 'pipeline'>>;

/** Rollbacks as promotions backwards: same log, same worker, no gates, and whatever moves gives way. */
export class EventSourcedRollbacks implements Rollbacks {
  readonly #store: PromotionStore;
  readonly #situations: ServiceSituations;
  readonly #releases: Releases;
  readonly #planner: PlanPromotion;
  readonly #canaries: RollbackCanaries;
  readonly #clock: Clock;
  readonly #newId: () => string;

  constructor(options: {
    readonly store: PromotionStore;
    readonly situations: ServiceSituations;
    readonly releases: Releases;
    readonly planner: PlanPromotion;
    readonly canaries: RollbackCanaries;
    readonly clock: Clock;
    readonly newId: () => string;
  }) {
    this.#store = options.store;
    this.#situations = options.situations;
    this.#releases = options.releases;
    this.#planner = options.planner;
    this.#canaries = options.canaries;
    this.#clock = options.clock;
    this.#newId = options.newId;
  }

  async request(command: RollbackCommand, actor: string) {
    const reason = command.reason.trim();
    if (!reason) {
      return refused('reasonNeeded', 'A rollback needs a reason.', {
        hint: 'Say what is wrong with the release.',
      });
    }
    for (let attempt = 1; ; attempt++) {
      const situation = await this.#situation(command.service);
      if ('code' in situation) return situation;
      const planned = planRollback(command, await this.#choices(situation));
      const problem = planned.flatMap(({ problems }) => problems)[0];
      if (problem) return problem;
      const rollback = this.#newId();
      const growths = planned.flatMap(stage =>
        this.#growths(stage, {
          situation,
          actor,
          reason,
          rollback,
          mode: command.mode ?? 'fast',
        }),
      );
      try {
        const stored = await this.#store.append(growths);
        const promotions = stored.filter(
          ({ promotion }) => promotion.rollback === rollback,
        );
        return { kind: 'requested' as const, rollback, promotions };
      } catch (error) {
        // A promotion moved meanwhile: see what it gives way from now.
        if (!(error instanceof ConflictError) || attempt === ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  async plan(
    command: RollbackCommand,
    signal: AbortSignal,
  ): Promise<RollbackPreview | Refused> {
    const situation = await this.#situation(command.service);
    if ('code' in situation) return situation;
    const planned = planRollback(command, await this.#choices(situation));
    const mode = command.mode ?? 'fast';
    const stages = await Promise.all(
      planned.map(async each => {
        const stage = stageOf(situation, each);
        return {
          ...each,
          diff: await this.#difference(each, situation, { mode, signal }),
          canaries:
            stage &&
            (await this.#canaries.of(stage, situation.pipeline, signal)),
        };
      }),
    );
    return {
      kind: 'planned',
      service: command.service,
      stages: stages.map(({ canaries, ...stage }) => ({
        ...stage,
        ...(canaries && { canary: speedOf(canaries) }),
      })),
      consequences: [
        ...consequences(planned, situation),
        ...stages.flatMap(({ canaries, title, to }) =>
          canaries && to
            ? sayCanaries(canaries, { mode, title, version: to.version })
            : [],
        ),
      ],
    };
  }

  async options(
    service: string,
  ): Promise<readonly RollbackChoices[] | Refused> {
    const situation = usable(service, await this.#situations.recent(service));
    return 'code' in situation ? situation : this.#choices(situation);
  }

  async #difference(
    planned: PlannedRollback,
    situation: Situation,
    asked: { readonly mode: RollbackMode; readonly signal: AbortSignal },
  ): Promise<RollbackPreview['stages'][number]['diff']> {
    const stage = stageOf(situation, planned);
    if (!stage || !planned.to) {
      return unknown(
        this.#clock().toISOString(),
        'There is no release to compare with.',
      );
    }
    return this.#planner.difference(situation.pipeline, stage, {
      release: planned.to,
      hurry: asked.mode === 'fast',
      signal: asked.signal,
    });
  }

  async #situation(service: string): Promise<Situation | Refused> {
    return usable(service, await this.#situations.of(service));
  }

  async #choices(situation: Situation): Promise<readonly RollbackChoices[]> {
    const promotions = situation.promotions.map(({ promotion }) => promotion);
    const releases: Record<string, PromotedRelease> = {};
    for (const { release } of promotions) releases[release.id] = release;
    for (const { release } of situation.observations) {
      if (releases[release]) continue;
      const found = await this.#releases.get(release);
      if (found) releases[release] = promotedRelease(found);
    }
    return rollbackChoices({ ...situation, promotions, releases });
  }

  #growths(
    planned: PlannedRollback,
    asked: {
      readonly situation: Situation;
      readonly actor: string;
      readonly reason: string;
      readonly rollback: string;
      readonly mode: RollbackMode;
    },
  ): readonly Growth[] {
    const { situation, actor, reason, rollback, mode } = asked;
    const { pipeline } = situation;
    const stage = stageOf(situation, planned);
    if (!stage || !planned.to) return [];
    const active = activeIn(situation, planned.stage);
    const event: PromotionEvent = {
      type: 'requested',
      at: this.#clock().toISOString(),
      actor,
      promotion: this.#newId(),
      kind: 'rollback',
      service: pipeline.service,
      stage: planned.stage,
      declaration: declarationOf(pipeline, stage),
      release: planned.to,
      ...(planned.from && { replaces: planned.from }),
      reason,
      rollback,
      mode,
      supersedes: active ? [active.promotion.id] : [],
    };
    return [
      ...giveWay(active, event),
      { promotion: event.promotion, expectedVersion: 0, events: [event] },
    ];
  }
}

function stageOf(
  { pipeline }: Situation,
  { stage }: PlannedRollback,
): Stage | undefined {
  return pipeline.stages.find(({ name }) => name === stage);
}

/** A rollback needs to know the stages' targets, but a broken newer document does not stop it. */
function usable(
  service: string,
  situation: ServiceSituation,
): Situation | Refused {
  const { pipeline, document } = situation;
  if (pipeline) return { ...situation, pipeline };
  return document.state === 'broken'
    ? refused('invalidPipeline', document.problem, {
        hint: 'Correct the pipeline document, or revert the commit in the fleet repository by hand.',
        owners: [service],
      })
    : refused('unknownService', `${service} has no pipeline.`, {
        hint: 'Choose a service with a pipeline.',
      });
}

function consequences(
  planned: readonly PlannedRollback[],
  situation: Situation,
): readonly string[] {
  const { pipeline, sights } = situation;
  const named = planned.filter(({ to }) => to);
  return [
    ...named.map(
      ({ title, from, to }) =>
        `${title} goes back from ${from?.version ?? 'what runs'} to ${
          to?.version
        }.`,
    ),
    `Each stage gets one commit to ${pipeline.fleet.branch} of the fleet repository, in your name and with your reason. No gate is asked.`,
    ...named.flatMap(({ stage, title }) => {
      const active = activeIn(situation, stage);
      return active
        ? [
            `The promotion of ${active.promotion.release.version} to ${title} gives way.`,
          ]
        : [];
    }),
    ...named.flatMap(({ stage, title }) => {
      const sight = sights[stage];
      return sight?.state === 'unknown'
        ? [
            `${title} can not be seen (${sight.problem}); it follows when it is back.`,
          ]
        : [];
    }),
    ...named.flatMap(({ stage, title, from }) => {
      const declared = pipeline.stages.find(({ name }) => name === stage);
      return declared?.promotion === 'auto' && from
        ? [
            `${
              from.version
            } is not promoted to ${title} by itself again; a newer release of ${sayEntity(
              pipeline.service,
            )} is.`,
          ]
        : [];
    }),
  ];
}
