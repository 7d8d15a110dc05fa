// SPDX-License-Identifier: Apache-2.0
import {
  arrivals,
  checkRequest,
  declarationOf,
  isActive,
  refused,
  type PromotionEvent,
  type Refused,
  type Release,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import type { Releases } from '../releases/Releases';
import type { Growth } from './PromotionStore';
import type { PromotionCommand, StoredPromotion } from './Promotions';
import {
  promotedRelease,
  type ServiceSituation,
  type ServiceSituations,
} from './ServiceSituation';

/** Turns the wish for a promotion into events, or into the rules that forbid it. */
export class PromotionRequests {
  readonly #situations: ServiceSituations;
  readonly #releases: Releases;
  readonly #clock: Clock;
  readonly #newId: () => string;

  constructor(options: {
    readonly situations: ServiceSituations;
    readonly releases: Releases;
    readonly clock: Clock;
    readonly newId: () => string;
  }) {
    this.#situations = options.situations;
    this.#releases = options.releases;
    this.#clock = options.clock;
    this.#newId = options.newId;
  }

  /** Every rule that forbids the request in this situation. */
  async check(
    command: PromotionCommand,
    situation: ServiceSituation,
  ): Promise<{
    readonly release: Release | undefined;
    readonly problems: readonly Refused[];
  }> {
    const release = await this.#releases.get(command.release);
    const active = activeIn(situation, command.stage);
    const problems = checkRequest(command, {
      document: situation.document,
      release,
      arrivedIn: arrivals(command.release, {
        observations: situation.observations,
        promotions: situation.promotions.map(({ promotion }) => promotion),
      }),
      sight: situation.sights[command.stage] ?? {
        state: 'unknown',
        since: this.#now(),
        problem: 'The pipeline has no such stage with targets.',
      },
      ...(active && {
        active: {
          promotion: active.promotion,
          held: active.unmet.some(({ problem }) => problem),
        },
      }),
    });
    return { release, problems };
  }

  /** What to append for the request; the promotion itself is the last of them. */
  async growths(
    command: PromotionCommand,
    actor: string,
  ): Promise<readonly Growth[] | Refused> {
    const { service, stage: name, reason } = command;
    const situation = await this.#situations.of(service);
    const { release, problems } = await this.check(command, situation);
    const stage = situation.pipeline?.stages.find(each => each.name === name);
    if (problems[0] || !situation.pipeline || !stage || !release) {
      return problems[0] ?? changedMeanwhile(command);
    }
    const active = activeIn(situation, name);
    const running = await this.#situations.running(situation, name);
    const event: PromotionEvent = {
      type: 'requested',
      at: this.#now(),
      actor,
      promotion: this.#newId(),
      kind: 'promotion',
      service,
      stage: name,
      declaration: declarationOf(situation.pipeline, stage),
      release: promotedRelease(release),
      ...(running && { replaces: promotedRelease(running) }),
      ...(reason && { reason }),
      supersedes: active ? [active.promotion.id] : [],
    };
    return [
      ...giveWay(active, event),
      { promotion: event.promotion, expectedVersion: 0, events: [event] },
    ];
  }

  #now(): string {
    return this.#clock().toISOString();
  }
}

/** The promotion that moves in a stage now. */
export function activeIn(
  { promotions }: ServiceSituation,
  stage: string,
): StoredPromotion | undefined {
  return promotions.find(
    ({ promotion }) => promotion.stage === stage && isActive(promotion),
  );
}

/** The older promotion ends in the same transaction in which the newer one begins. */
export function giveWay(
  active: StoredPromotion | undefined,
  to: PromotionEvent,
): readonly Growth[] {
  if (!active || to.type !== 'requested') return [];
  const { at, actor, promotion, kind } = to;
  return [
    {
      promotion: active.promotion.id,
      expectedVersion: active.version,
      events: [{ type: 'superseded', at, actor, by: { promotion, kind } }],
    },
  ];
}

function changedMeanwhile({ stage }: PromotionCommand): Refused {
  return refused(
    'changedMeanwhile',
    `The pipeline or the release changed while ${stage} was looked at.`,
    { hint: 'Look again and decide anew.' },
  );
}
