// SPDX-License-Identifier: Apache-2.0
import {
  phases,
  type HistoryPage,
  type PipelineView,
  type PromotionDetail,
  type PromotionView,
  type StageView,
} from '@causeway/plugin-delivery-common';
import type { Answer, TestPortal } from '../surroundings/TestPortal';
import { until } from '../surroundings/until';

/** A service as the story's people see it, through the delivery API. */
export class DeliveryClient {
  readonly #portal: TestPortal;
  readonly #service: string;

  constructor(portal: TestPortal, service: string) {
    this.#portal = portal;
    this.#service = service;
  }

  get service(): string {
    return `component:default/${this.#service}`;
  }

  async pipeline(user = 'mia'): Promise<PipelineView> {
    const path = `/delivery/pipelines/default/component/${this.#service}`;
    const answer = await this.#portal.call<PipelineView>(user, 'GET', path);
    return must(200, answer);
  }

  async stage(name: string, user = 'mia'): Promise<StageView> {
    const { stages } = await this.pipeline(user);
    const stage = stages.find(candidate => candidate.name === name);
    if (!stage) {
      throw new Error(`The pipeline has no stage ${name}`);
    }
    return stage;
  }

  /** Waits until the portal knows the service, its releases, and what runs in every stage. */
  untilKnown(): Promise<PipelineView> {
    return until(`the pipeline of ${this.#service} to be known`, async () => {
      const pipeline = await this.pipeline();
      const unknown = pipeline.stages.find(
        ({ kind, release }) => kind !== 'local' && !release?.id,
      );
      if (unknown) {
        throw new Error(`${unknown.name}: ${JSON.stringify(unknown.state)}`);
      }
      return pipeline;
    });
  }

  /** Waits until a stage shows a version as running and well. */
  untilRuns(stage: string, version: string): Promise<StageView> {
    return until(`${version} to run well in ${stage}`, async () => {
      const seen = await this.stage(stage);
      const isWell = ['ok', 'back'].includes(seen.state.key);
      if (seen.release?.version !== version || !isWell) {
        throw new Error(
          `${stage} shows ${seen.release?.version}, ${
            seen.state.word
          }; ${JSON.stringify(seen.active ?? seen.last)}`,
        );
      }
      return seen;
    });
  }

  /** The id of the newest release whose commit is the given one, once CI reported it. */
  untilReleased(commit: string): Promise<{ id: string; version: string }> {
    return until(`a release of ${commit}`, async () => {
      const { road } = await this.pipeline();
      const row = road.find(
        candidate =>
          candidate.release.commit !== undefined &&
          commit.startsWith(candidate.release.commit),
      );
      return row?.release.id
        ? { id: row.release.id, version: row.release.version }
        : undefined;
    });
  }

  request(
    user: string,
    body: { stage: string; release: string; reason?: string; dryRun?: boolean },
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer<PromotionView>> {
    return this.#portal.call<PromotionView>(
      user,
      'POST',
      '/delivery/promotions',
      { service: this.service, ...body },
      headers,
    );
  }

  decide(
    user: string,
    promotion: string,
    decision: 'approve' | 'reject',
    reason?: string,
  ): Promise<Answer<PromotionView>> {
    return this.#portal.call<PromotionView>(
      user,
      'POST',
      `/delivery/promotions/${promotion}/decision`,
      { decision, reason },
    );
  }

  rollBack(
    user: string,
    body: {
      stages: string[];
      reason: string;
      release?: string;
      dryRun?: boolean;
    },
  ): Promise<Answer<{ rollback: string; promotions: PromotionView[] }>> {
    return this.#portal.call(user, 'POST', '/delivery/rollbacks', {
      service: this.service,
      ...body,
    });
  }

  async promotion(id: string): Promise<PromotionDetail> {
    return must(
      200,
      await this.#portal.call<PromotionDetail>(
        'mia',
        'GET',
        `/delivery/promotions/${id}`,
      ),
    );
  }

  /** Waits until a promotion is in a phase; one that ended in another fails at once. */
  async untilPhase(
    id: string,
    phase: PromotionView['phase'],
    patienceMs?: number,
  ): Promise<PromotionView> {
    const trouble = ({ phase: present, problem, gates }: PromotionView) =>
      new Error(`It is ${present}: ${JSON.stringify(problem ?? gates)}`);
    const question = async () => {
      const { promotion } = await this.promotion(id);
      const isOver = promotion.phase === phase || hasEnded(promotion);
      if (!isOver) throw trouble(promotion);
      return promotion;
    };
    const what = `promotion ${id} to be ${phase}`;
    const promotion = await until(what, question, patienceMs);
    if (promotion.phase !== phase) throw trouble(promotion);
    return promotion;
  }

  async history(): Promise<HistoryPage> {
    const path = `/delivery/pipelines/default/component/${
      this.#service
    }/history?limit=100`;
    return must(200, await this.#portal.call<HistoryPage>('mia', 'GET', path));
  }
}

function hasEnded({ phase }: PromotionView): boolean {
  return phases[phase] === 'terminal';
}

/** The body of an answer that must have a status. */
export function must<Body>(status: number, answer: Answer<Body>): Body {
  if (answer.status !== status) {
    throw new Error(
      `Expected ${status}, got ${answer.status}: ${JSON.stringify(
        answer.body,
      )}`,
    );
  }
  return answer.body;
}
