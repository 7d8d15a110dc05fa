// SPDX-License-Identifier: Apache-2.0
import {
  DeliveryProblem,
  type ApprovalItem,
  type CanaryView,
  type ClusterView,
  type ConditionalAnswer,
  type DeliveryClient,
  type Evidence,
  type HistoryItem,
  type PipelineView,
  type PromotionDetail,
  type PromotionView,
  type RollbackRequest,
  type SteeringAction,
} from '@causeway/plugin-delivery-common';
import { ARRIVAL_TIMES, arrivalTimes } from './colours';
import { endedCanary, runningCanary, steered } from './canaries';
import { momentsFrom, type Moments } from './moments';
import {
  BELT_CONTROL,
  beltControl,
  LABEL_API,
  labelApi,
  PARCEL_VISION,
  parcelVision,
  TRACKING_WEB,
  trackingWeb,
} from './pipelines';
import { promotionPlan, rollbackOptions, rollbackPlan } from './plans';
import {
  detailOf,
  endedPromotion,
  rolledBackPromotion,
  runningPromotion,
  waitingPromotion,
} from './promotions';
import { releases } from './releases';

/**
 * The delivery backend of the sample story: one moment at a parcel-sorting company, kept in memory.
 * Decisions are recorded and shown; nothing moves by itself.
 */
export class StoryClient implements DeliveryClient {
  private readonly moments: Moments;
  private readonly promotions: Map<string, PromotionDetail>;
  private readonly pipelines: Map<string, PipelineView>;
  private readonly canaries: Map<string, CanaryView>;

  /** `now` is the moment the story is told at, in milliseconds. */
  constructor(now: number) {
    const m = momentsFrom(now);
    this.moments = m;
    this.promotions = new Map(
      [
        waitingPromotion(m),
        runningPromotion(m),
        rolledBackPromotion(m),
        endedPromotion(m),
      ].map(promotion => [promotion.id, detailOf(promotion, m)]),
    );
    this.canaries = new Map(
      [runningCanary(m), endedCanary(m)].map(view => [view.promotion, view]),
    );
    this.pipelines = new Map([
      [PARCEL_VISION, parcelVision(m)],
      [BELT_CONTROL, beltControl(m)],
      [LABEL_API, labelApi()],
      [TRACKING_WEB, trackingWeb(m)],
      [ARRIVAL_TIMES, arrivalTimes(m)],
    ]);
  }

  async getPipeline(service: string) {
    const view = this.pipelines.get(service);
    if (!view) throw unknown(service);
    return { status: 'changed' as const, view };
  }

  async getEvidence(): Promise<readonly Evidence[]> {
    return [
      {
        kind: 'junit',
        name: 'unit.junit.xml',
        bytes: 14_210,
        sha256: '7c4a8d09ca37'.padEnd(64, '0'),
        receivedAt: this.moments.minutesAgo(4),
        repository: 'https://forge.example/norden/parcel-vision',
      },
    ];
  }

  async getEvidenceFile(): Promise<Blob> {
    return new Blob(['<testsuites/>']);
  }

  async getHistory(
    service: string,
    query: { stage?: string; only?: 'promotion' | 'rollback' } = {},
  ) {
    const items = service === PARCEL_VISION ? this.history() : [];
    const kindOf = ({ state }: HistoryItem) =>
      state.key === 'back' ? 'rollback' : 'promotion';
    return {
      items: items.filter(
        item =>
          (!query.stage || item.stage === query.stage) &&
          (!query.only || kindOf(item) === query.only),
      ),
    };
  }

  async validatePipeline() {
    return { valid: true, problems: [] };
  }

  async planPromotion(request: { stage: string; release: string }) {
    const plan = promotionPlan(this.moments);
    const release =
      Object.values(releases).find(each => each.id === request.release) ??
      plan.release;
    return { ...plan, stage: request.stage, release };
  }

  async requestPromotion(request: {
    service: string;
    stage: string;
    release: string;
    reason?: string;
  }): Promise<PromotionView> {
    const plan = await this.planPromotion(request);
    const promotion: PromotionView = {
      ...waitingPromotion(this.moments),
      id: `asked-${plan.release.version}-${request.stage}`,
      stage: request.stage,
      stageTitle: request.stage,
      release: plan.release,
      reason: request.reason,
    };
    this.promotions.set(promotion.id, detailOf(promotion, this.moments));
    return promotion;
  }

  async getPromotion(id: string): Promise<PromotionDetail> {
    const detail = this.promotions.get(id);
    if (!detail) throw unknown(id);
    return detail;
  }

  async decidePromotion(
    id: string,
    decision: { decision: 'approve' | 'reject'; reason?: string },
  ): Promise<PromotionView> {
    const isApproved = decision.decision === 'approve';
    return this.move(id, {
      phase: isApproved ? 'writing' : 'rejected',
      state: isApproved
        ? { key: 'run', word: 'Writing to Git' }
        : { key: 'bad', word: 'Rejected', detail: decision.reason },
    });
  }

  async cancelPromotion(id: string): Promise<PromotionView> {
    return this.move(id, {
      phase: 'cancelled',
      state: { key: 'skip', word: 'Cancelled' },
    });
  }

  async getCanary(
    id: string,
    { etag }: { etag?: string } = {},
  ): Promise<ConditionalAnswer<CanaryView>> {
    const view = this.canaries.get(id);
    if (!view) throw unknown(`canary of ${id}`);
    const words = `"${view.words.length}"`;
    return etag === words
      ? { status: 'unchanged' }
      : { status: 'changed', view, etag: words };
  }

  /** No stage of the story has a wave. */
  async getWave(promotion: string): Promise<never> {
    throw unknown(promotion);
  }

  async steerWave(promotion: string): Promise<never> {
    throw unknown(promotion);
  }

  async getWaves() {
    return [];
  }

  async previewWave(wish: { readonly stage: string }): Promise<never> {
    throw unknown(wish.stage);
  }

  async steerCanary(
    id: string,
    wish: { action: SteeringAction; reason?: string },
  ): Promise<PromotionView> {
    const view = this.canaries.get(id);
    if (!view) throw unknown(`canary of ${id}`);
    this.canaries.set(id, steered(view, wish, this.moments));
    return (await this.getPromotion(id)).promotion;
  }

  async planRollback(request: Pick<RollbackRequest, 'stages' | 'mode'>) {
    return rollbackPlan(request.stages, request.mode);
  }

  async requestRollback(request: {
    stages: readonly string[];
    reason: string;
  }) {
    const promotions = request.stages.map(
      (stage): PromotionView => ({
        ...rolledBackPromotion(this.moments),
        id: `back-${stage}`,
        stage,
        stageTitle: stage,
        phase: 'reconciling',
        state: { key: 'run', word: 'Flux applies it' },
        reason: request.reason,
        finishedAt: undefined,
      }),
    );
    promotions.forEach(promotion =>
      this.promotions.set(promotion.id, detailOf(promotion, this.moments)),
    );
    return { rollback: 'rollback-2', promotions };
  }

  async getRollbackOptions() {
    return rollbackOptions(this.moments);
  }

  async getApprovals(): Promise<readonly ApprovalItem[]> {
    const m = this.moments;
    const other = waitingPromotion(m);
    return [
      {
        promotion: other,
        mine: true,
        waitingSince: m.minutesAgo(37),
      },
      {
        promotion: {
          ...other,
          id: 'waiting-belts',
          service: BELT_CONTROL,
          stage: 'edge-production',
          stageTitle: 'Edge production',
          release: { version: '5.6.0', commit: '1b7d3c0' },
          requestedBy: 'user:default/nils',
          reason: undefined,
        },
        mine: false,
        whyNot: 'Only edge-operators approve for Edge production.',
        waitingSince: m.hoursAgo(3),
      },
    ];
  }

  async getClusters(): Promise<readonly ClusterView[]> {
    const m = this.moments;
    const live = (name: string, title: string): ClusterView => ({
      name,
      title,
      freshness: { state: 'live', seenAt: m.secondsAgo(3) },
    });
    return [
      live('cloud-staging', 'Cloud staging'),
      live('cloud-production', 'Cloud production'),
      live('edge-staging', 'Edge staging'),
      {
        name: 'edge-production',
        title: 'Edge production',
        freshness: {
          state: 'stale',
          since: m.minutesAgo(6),
          seenAt: m.minutesAgo(6),
          problem: 'The connection is silent; it is tried again by itself.',
        },
      },
    ];
  }

  private move(
    id: string,
    change: Pick<PromotionView, 'phase' | 'state'>,
  ): PromotionView {
    const detail = this.promotions.get(id);
    if (!detail) throw unknown(id);
    const promotion = { ...detail.promotion, ...change };
    this.promotions.set(id, { ...detail, promotion, allowedActions: [] });
    return promotion;
  }

  private history(): readonly HistoryItem[] {
    const m = this.moments;
    return [
      {
        id: 'h1',
        promotion: 'running-280',
        at: m.minutesAgo(25),
        stage: 'edge-staging',
        stageTitle: 'Edge staging',
        release: releases['2.8.0'],
        state: { key: 'run', word: 'Canary at 25 %' },
        who: 'user:default/ines',
        why: 'Drills for the new model',
      },
      {
        id: 'h2',
        at: m.minutesAgo(38),
        stage: 'cloud-staging',
        stageTitle: 'Cloud staging',
        release: releases['2.8.1'],
        state: { key: 'ok', word: 'Succeeded' },
        who: 'plugin:delivery',
        why: 'CI verified a91e2d7',
        took: 68_000,
      },
      {
        id: 'h3',
        promotion: 'back-273',
        at: m.daysAgo(1),
        stage: 'cloud-staging',
        stageTitle: 'Cloud staging',
        release: releases['2.7.3'],
        state: { key: 'back', word: 'Rolled back' },
        who: 'user:default/mia',
        why: 'RSS grows 40 MB an hour in soak',
        took: 9_000,
        commit: {
          sha: '31c8e7a004',
          url: 'https://forge.example/norden/fleet/commit/31c8e7a004',
        },
      },
      {
        id: 'h4',
        at: m.daysAgo(6),
        stage: 'cloud-production',
        stageTitle: 'Cloud production',
        release: releases['2.7.3'],
        state: { key: 'ok', word: 'Succeeded' },
        who: 'user:default/jonas',
        why: 'Power-loss fix, hubs asked for it before the weekend',
        took: 3_120_000,
      },
    ];
  }
}

function unknown(name: string): DeliveryProblem {
  return new DeliveryProblem(`There is no ${name} in the sample story.`, {
    status: 404,
    code: 'unknown',
    hint: 'Open parcel-vision, belt-control, label-api or tracking-web.',
  });
}
