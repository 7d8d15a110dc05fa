// SPDX-License-Identifier: Apache-2.0
import { ConflictError, InputError } from '@backstage/errors';
import {
  allPassed,
  approve,
  approvingGroups,
  arrivals,
  cancel,
  checkRequest,
  declarationOf,
  evaluateGates,
  isActive,
  isRefused,
  refused,
  type Decision,
  type GateVerdict,
  type Known,
  type Promotion,
  type PromotionEvent,
  type Refused,
  type Release,
  reject,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import type { Releases } from '../releases/Releases';
import type { FactsGatherer } from './FactsGatherer';
import type { PlanPromotion } from './PlanPromotion';
import type { Growth, PromotionStore } from './PromotionStore';
import type {
  HistoryPageOfPromotions,
  PlannedPromotion,
  PromotionCommand,
  Promotions,
  Requested,
  StoredPromotion,
  WaitingApproval,
} from './Promotions';
import {
  promotedRelease,
  type ServiceSituation,
  type ServiceSituations,
} from './ServiceSituation';

/** How often a command is decided anew when somebody else was faster. */
const ATTEMPTS = 5;
const APPROVALS = 200;

/**
 * Promotions as the commands of people and the reads of pages see them. A command decides on what is
 * stored and appends with the version that it saw; when somebody else was faster, it decides anew.
 */
export class EventSourcedPromotions implements Promotions {
  readonly #store: PromotionStore;
  readonly #situations: ServiceSituations;
  readonly #releases: Releases;
  readonly #facts: FactsGatherer;
  readonly #planner: PlanPromotion;
  readonly #clock: Clock;
  readonly #newId: () => string;

  constructor(options: {
    readonly store: PromotionStore;
    readonly situations: ServiceSituations;
    readonly releases: Releases;
    readonly facts: FactsGatherer;
    readonly planner: PlanPromotion;
    readonly clock: Clock;
    readonly newId: () => string;
  }) {
    this.#store = options.store;
    this.#situations = options.situations;
    this.#releases = options.releases;
    this.#facts = options.facts;
    this.#planner = options.planner;
    this.#clock = options.clock;
    this.#newId = options.newId;
  }

  request(
    command: PromotionCommand,
    actor: string,
  ): Promise<Requested | Refused> {
    return this.#decide(async () => {
      const { situation, release, problems } = await this.#check(command);
      const [problem] = problems;
      if (problem) return problem;
      const id = this.#newId();
      const active = activeIn(situation, command.stage);
      const event = await this.#requested(
        { command, actor, id, supersedes: active ? [active.promotion.id] : [] },
        { situation, release },
      );
      return [
        ...giveWay(active, event),
        { promotion: id, expectedVersion: 0, events: [event] },
      ];
    });
  }

  async check(command: PromotionCommand): Promise<readonly Refused[]> {
    return (await this.#check(command)).problems;
  }

  async plan(
    command: PromotionCommand,
    signal: AbortSignal,
  ): Promise<PlannedPromotion | Refused> {
    const { situation, release, problems } = await this.#check(command);
    const stage = situation.pipeline?.stages.find(
      ({ name, targets }) => name === command.stage && targets.length > 0,
    );
    if (!stage || !situation.pipeline || !release) {
      return problems[0] ?? gone(command);
    }
    return this.#planner.plan(
      {
        situation,
        pipeline: situation.pipeline,
        stage,
        release,
        problems,
        gates: await this.gatesFor(command),
      },
      signal,
    );
  }

  async gatesFor(
    command: Pick<PromotionCommand, 'service' | 'stage' | 'release'>,
  ): Promise<readonly GateVerdict[]> {
    const { pipeline } = await this.#situations.of(command.service);
    const stage = pipeline?.stages.find(({ name }) => name === command.stage);
    const release = await this.#releases.get(command.release);
    if (!stage || !release) return [];
    const question = { release: promotedRelease(release), approvals: [] };
    return evaluateGates(stage.gates, {
      question,
      facts: await this.#facts.gateFacts(
        command.service,
        stage.gates,
        question,
      ),
      now: this.#now(),
    });
  }

  async gatesOf(promotion: Promotion): Promise<readonly GateVerdict[]> {
    const waits =
      promotion.phase === 'waiting' && promotion.kind === 'promotion';
    if (!waits) return promotion.verdicts;
    const { gates } = promotion.declaration;
    return evaluateGates(gates, {
      question: promotion,
      facts: await this.#facts.gateFacts(promotion.service, gates, promotion),
      now: this.#now(),
    });
  }

  approve(id: string, decision: { readonly reason?: string }, actor: string) {
    return this.#decideAbout(id, async promotion =>
      approve(promotion, await this.#decision(promotion, decision, actor)),
    );
  }

  reject(id: string, decision: { readonly reason?: string }, actor: string) {
    return this.#decideAbout(id, async promotion =>
      reject(promotion, await this.#decision(promotion, decision, actor)),
    );
  }

  cancel(id: string, decision: { readonly reason?: string }, actor: string) {
    return this.#decideAbout(id, async promotion =>
      cancel(promotion, { ...decision, by: actor, at: this.#now() }),
    );
  }

  async mayApprove(id: string, actor: string): Promise<Refused | undefined> {
    const stored = await this.#store.get(id);
    return stored
      ? this.#whyNotApprove(stored.promotion, actor)
      : noSuchPromotion(id);
  }

  async mayCancel(id: string): Promise<Refused | undefined> {
    const stored = await this.#store.get(id);
    if (!stored) return noSuchPromotion(id);
    const answer = cancel(stored.promotion, { by: '', at: this.#now() });
    return isRefused(answer) ? answer : undefined;
  }

  get(id: string): Promise<StoredPromotion | undefined> {
    return this.#store.get(id);
  }

  events(id: string): Promise<readonly PromotionEvent[]> {
    return this.#store.events(id);
  }

  list(
    filter: Parameters<Promotions['list']>[0],
  ): Promise<readonly StoredPromotion[]> {
    return this.#store.list(filter);
  }

  async history(
    query: Parameters<Promotions['history']>[0],
  ): Promise<HistoryPageOfPromotions> {
    const { cursor, limit, ...filter } = query;
    const items = await this.#store.list({
      ...filter,
      ...(cursor && { before: parseCursor(cursor) }),
      limit: limit + 1,
    });
    const page = items.slice(0, limit);
    const last = page[page.length - 1];
    return {
      items: page,
      ...(items.length > limit && last && { nextCursor: cursorAfter(last) }),
    };
  }

  async byStage(service: string) {
    const stages = new Map<
      string,
      { active?: StoredPromotion; last?: StoredPromotion }
    >();
    const { promotions } = await this.#situations.of(service);
    for (const stored of promotions) {
      const { stage } = stored.promotion;
      const known = stages.get(stage) ?? {};
      const place = isActive(stored.promotion) ? 'active' : 'last';
      stages.set(stage, { ...known, [place]: known[place] ?? stored });
    }
    return stages;
  }

  async approvals(actor: string): Promise<readonly WaitingApproval[]> {
    const waiting = await this.#store.list({
      phases: ['waiting'],
      limit: APPROVALS,
    });
    const items: WaitingApproval[] = [];
    for (const stored of waiting) {
      const { promotion } = stored;
      const gates = await this.gatesOf(promotion);
      const open = gates.filter(
        gate => gate.kind === 'approval' && !allPassed([gate]),
      );
      if (open.length === 0) continue;
      const whyNot = await this.#whyNotApprove(promotion, actor);
      items.push({
        stored,
        mine: !whyNot,
        ...(whyNot && { whyNot }),
        waitingSince: promotion.requestedAt,
      });
    }
    return items.sort((left, right) => Number(right.mine) - Number(left.mine));
  }

  subscribe(listener: Parameters<Promotions['subscribe']>[0]): () => void {
    return this.#store.subscribe(listener);
  }

  async #check(command: PromotionCommand): Promise<{
    readonly situation: ServiceSituation;
    readonly release: Release | undefined;
    readonly problems: readonly Refused[];
  }> {
    const situation = await this.#situations.of(command.service);
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
        problem: 'Not looked at.',
      },
      ...(active && {
        active: {
          promotion: active.promotion,
          held: active.unmet.some(({ problem }) => problem),
        },
      }),
    });
    return { situation, release, problems };
  }

  async #requested(
    asked: {
      readonly command: PromotionCommand;
      readonly actor: string;
      readonly id: string;
      readonly supersedes: readonly string[];
    },
    found: {
      readonly situation: ServiceSituation;
      readonly release: Release | undefined;
    },
  ): Promise<PromotionEvent> {
    const { command, actor, id, supersedes } = asked;
    const { situation, release } = found;
    const stage = situation.pipeline?.stages.find(
      ({ name }) => name === command.stage,
    );
    if (!situation.pipeline || !stage || !release) {
      throw new ConflictError('The pipeline or the release has just changed');
    }
    const running = await this.#situations.running(situation, command.stage);
    return {
      type: 'requested',
      at: this.#now(),
      actor,
      promotion: id,
      kind: 'promotion',
      service: command.service,
      stage: command.stage,
      declaration: declarationOf(situation.pipeline, stage),
      release: promotedRelease(release),
      ...(running && { replaces: promotedRelease(running) }),
      ...(command.reason && { reason: command.reason }),
      supersedes,
    };
  }

  async #decideAbout(
    id: string,
    rule: (promotion: Promotion) => Promise<PromotionEvent | Refused>,
  ): Promise<Requested | Refused> {
    return this.#decide(async () => {
      const stored = await this.#store.get(id);
      if (!stored) return noSuchPromotion(id);
      const event = await rule(stored.promotion);
      if (isRefused(event)) return event;
      return [
        { promotion: id, expectedVersion: stored.version, events: [event] },
      ];
    });
  }

  /** Decides and appends; decides anew when what it saw was no longer true. */
  async #decide(
    rule: () => Promise<readonly Growth[] | Refused>,
  ): Promise<Requested | Refused> {
    for (let attempt = 1; ; attempt++) {
      const decided = await rule();
      if ('kind' in decided) return decided;
      try {
        const stored = await this.#store.append(decided);
        return { kind: 'requested', stored: stored[stored.length - 1] };
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  async #decision(
    promotion: Promotion,
    given: { readonly reason?: string },
    actor: string,
  ): Promise<Decision> {
    const membership: Record<string, Known<boolean>> = {};
    for (const group of approvingGroups(promotion)) {
      membership[group] = await this.#facts.isMember(actor, group);
    }
    return { ...given, by: actor, at: this.#now(), membership };
  }

  async #whyNotApprove(
    promotion: Promotion,
    actor: string,
  ): Promise<Refused | undefined> {
    const decision = await this.#decision(promotion, {}, actor);
    const answer = approve(promotion, decision);
    return isRefused(answer) ? answer : undefined;
  }

  #now(): string {
    return this.#clock().toISOString();
  }
}

function activeIn(
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

function noSuchPromotion(id: string): Refused {
  return refused('unknownPromotion', `There is no promotion ${id}.`, {
    hint: 'Choose one from the history.',
  });
}

function gone({ stage }: PromotionCommand): Refused {
  return refused('unknownStage', `There is no stage ${stage}.`, {
    hint: 'Look at the pipeline document.',
  });
}

function cursorAfter({ promotion }: StoredPromotion): string {
  return Buffer.from(
    JSON.stringify([promotion.requestedAt, promotion.id]),
  ).toString('base64url');
}

/** @throws InputError for a cursor that no page gave out */
function parseCursor(cursor: string): {
  readonly requestedAt: string;
  readonly id: string;
} {
  try {
    const parsed: unknown = JSON.parse(
      Buffer.from(cursor, 'base64url').toString('utf8'),
    );
    const [requestedAt, id] = Array.isArray(parsed) ? parsed : [];
    if (typeof requestedAt === 'string' && typeof id === 'string') {
      return { requestedAt, id };
    }
  } catch {
    // Fall through to the one sentence for every kind of bad cursor.
  }
  throw new InputError('The cursor is not one that a page of history gave out');
}
