// SPDX-License-Identifier: Apache-2.0
import { ConflictError } from '@backstage/errors';
import {
  allPassed,
  approve,
  approvingGroups,
  cancel,
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
  reject,
  steer,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import type { Clusters } from '../clusters/Clusters';
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
import type { PromotionRequests } from './PromotionRequests';
import { promotedRelease, type ServiceSituations } from './ServiceSituation';
import { cursorAfter, parseCursor } from './historyCursor';

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
  readonly #requests: PromotionRequests;
  readonly #clusters: Clusters;
  readonly #clock: Clock;

  constructor(options: {
    readonly store: PromotionStore;
    readonly situations: ServiceSituations;
    readonly releases: Releases;
    readonly facts: FactsGatherer;
    readonly planner: PlanPromotion;
    readonly requests: PromotionRequests;
    readonly clusters: Clusters;
    readonly clock: Clock;
  }) {
    this.#store = options.store;
    this.#situations = options.situations;
    this.#releases = options.releases;
    this.#facts = options.facts;
    this.#planner = options.planner;
    this.#requests = options.requests;
    this.#clusters = options.clusters;
    this.#clock = options.clock;
  }

  request(
    command: PromotionCommand,
    actor: string,
  ): Promise<Requested | Refused> {
    return this.#decide(() => this.#requests.growths(command, actor));
  }

  async check(command: PromotionCommand): Promise<readonly Refused[]> {
    const situation = await this.#situations.recent(command.service);
    return (await this.#requests.check(command, situation)).problems;
  }

  async plan(
    command: PromotionCommand,
    signal: AbortSignal,
  ): Promise<PlannedPromotion | Refused> {
    const situation = await this.#situations.of(command.service);
    const { release, problems } = await this.#requests.check(
      command,
      situation,
    );
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
    const { pipeline } = await this.#situations.recent(command.service);
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

  steer(id: string, wish: Parameters<Promotions['steer']>[1], actor: string) {
    return this.#decideAbout(id, async promotion => {
      const runs = promotion.declaration.targets.flatMap(target => {
        const { freshness, canary } = this.#clusters.targetState(target);
        return canary && freshness.state === 'live' ? [canary] : [];
      });
      return steer(promotion, { ...wish, by: actor, at: this.#now() }, runs);
    });
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
    const { promotions } = await this.#situations.recent(service);
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
