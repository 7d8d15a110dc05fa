// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import type { SteeringAction } from '../promotion/events';
import type { Evidence, EvidenceKind } from '../evidence/evidence';
import {
  ask,
  askIfChanged,
  keyed,
  unexpected,
  type ConditionalAnswer,
  type ConditionalOptions,
  type Connection,
  type ReadOptions,
  type WriteOptions,
} from './Connection';
import type { paths } from './generated/schema';
import type {
  ApprovalItem,
  CanaryView,
  ClusterView,
  HistoryPage,
  PipelineView,
  PromotionDetail,
  PromotionPlan,
  PromotionRequest,
  PromotionView,
  RollbackOptions,
  RollbackPlan,
  RollbackRequest,
  WavePreviewView,
  WaveSteering,
  WaveSummary,
  WaveView,
} from './views';

/** The delivery backend's HTTP API. Every method rejects with a {@link DeliveryProblem}. */
export interface DeliveryClient {
  /** `service` is an entity ref. With `etag` of an earlier answer an unchanged pipeline is not sent again. */
  getPipeline(
    service: string,
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<PipelineView>>;
  getHistory(
    service: string,
    options?: ReadOptions & {
      readonly stage?: string;
      /** Leaves out the other kind. */
      readonly only?: PromotionView['kind'];
      readonly cursor?: string;
      readonly limit?: number;
    },
  ): Promise<HistoryPage>;
  /** The files that CI has left with a release. */
  getEvidence(
    release: string,
    options?: ReadOptions,
  ): Promise<readonly Evidence[]>;
  /** One of them, as CI has sent it. */
  getEvidenceFile(
    release: string,
    kind: EvidenceKind,
    name: string,
    options?: ReadOptions,
  ): Promise<Blob>;
  /** Every problem of a pipeline document; nothing is stored. */
  validatePipeline(
    service: string,
    document: string,
    options?: ReadOptions,
  ): Promise<PipelineValidation>;
  /** What a promotion would do. Writes nothing. */
  planPromotion(
    request: Omit<PromotionRequest, 'dryRun'>,
    options?: ReadOptions,
  ): Promise<PromotionPlan>;
  requestPromotion(
    request: Omit<PromotionRequest, 'dryRun'>,
    options?: WriteOptions,
  ): Promise<PromotionView>;
  getPromotion(id: string, options?: ReadOptions): Promise<PromotionDetail>;
  decidePromotion(
    id: string,
    decision: {
      readonly decision: 'approve' | 'reject';
      readonly reason?: string;
    },
    options?: WriteOptions,
  ): Promise<PromotionView>;
  cancelPromotion(
    id: string,
    reason?: string,
    options?: WriteOptions,
  ): Promise<PromotionView>;
  /** The canaries of a promotion. With `etag` of an earlier answer an unchanged picture is not sent again. */
  getCanary(
    id: string,
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<CanaryView>>;
  steerCanary(
    id: string,
    wish: { readonly action: SteeringAction; readonly reason?: string },
    options?: WriteOptions,
  ): Promise<PromotionView>;
  /** The wave of a promotion. With `etag` of an earlier answer an unchanged picture is not sent again. */
  getWave(
    id: string,
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<WaveView>>;
  steerWave(
    id: string,
    wish: WaveSteering,
    options?: WriteOptions,
  ): Promise<WaveView>;
  /** Waves that still do something. */
  getWaves(options?: ReadOptions): Promise<readonly WaveSummary[]>;
  /** In which order a release would reach the devices of a stage. */
  previewWave(
    wish: {
      readonly service: string;
      readonly stage: string;
      readonly release: string;
    },
    options?: ReadOptions,
  ): Promise<WavePreviewView>;
  /** What a rollback would do. Writes nothing. */
  planRollback(
    request: Omit<RollbackRequest, 'dryRun'>,
    options?: ReadOptions,
  ): Promise<RollbackPlan>;
  requestRollback(
    request: Omit<RollbackRequest, 'dryRun'>,
    options?: WriteOptions,
  ): Promise<RequestedRollback>;
  getRollbackOptions(
    service: string,
    options?: ReadOptions,
  ): Promise<RollbackOptions>;
  getApprovals(options?: ReadOptions): Promise<readonly ApprovalItem[]>;
  getClusters(options?: ReadOptions): Promise<readonly ClusterView[]>;
}

/** Problems of a pipeline document; none means valid. */
export type PipelineValidation =
  paths['/pipelines/validate']['post']['responses'][200]['content']['application/json'];

/** The promotions backwards that one rollback consists of. */
export type RequestedRollback =
  paths['/rollbacks']['post']['responses'][202]['content']['application/json'];

/** Pipelines, releases, promotions and rollbacks, by a connection. */
export function deliveryClient(connection: Connection): DeliveryClient {
  return {
    async getPipeline(service, { etag, signal } = {}) {
      const params = {
        path: parseEntityRef(service),
        header: { 'If-None-Match': etag },
      };
      return askIfChanged(
        connection.get('/pipelines/{namespace}/{kind}/{name}', {
          params,
          signal,
        }),
      );
    },
    async getHistory(service, { signal, ...query } = {}) {
      return ask(
        connection.get('/pipelines/{namespace}/{kind}/{name}/history', {
          params: { path: parseEntityRef(service), query },
          signal,
        }),
      );
    },
    async getEvidence(release, { signal } = {}) {
      const { items } = await ask(
        connection.get('/releases/{release}/evidence', {
          params: { path: { release } },
          signal,
        }),
      );
      return items;
    },
    async getEvidenceFile(release, kind, name, { signal } = {}) {
      return ask(
        connection.get('/releases/{release}/evidence/{kind}/{name}', {
          params: { path: { release, kind, name } },
          parseAs: 'blob',
          signal,
        }),
      );
    },
    async validatePipeline(service, document, { signal } = {}) {
      return ask(
        connection.post('/pipelines/validate', {
          body: { service, document },
          signal,
        }),
      );
    },
    async planPromotion(request, { signal } = {}) {
      const plan = await ask(
        connection.post('/promotions', {
          body: { ...request, dryRun: true },
          signal,
        }),
      );
      if ('diff' in plan) return plan;
      throw unexpected();
    },
    async requestPromotion(request, { signal, idempotencyKey } = {}) {
      const promotion = await ask(
        connection.post('/promotions', {
          params: { header: keyed(idempotencyKey) },
          body: request,
          signal,
        }),
      );
      if ('phase' in promotion) return promotion;
      throw unexpected();
    },
    async getPromotion(id, { signal } = {}) {
      return ask(
        connection.get('/promotions/{id}', {
          params: { path: { id } },
          signal,
        }),
      );
    },
    async decidePromotion(id, decision, { signal, idempotencyKey } = {}) {
      return ask(
        connection.post('/promotions/{id}/decision', {
          params: { path: { id }, header: keyed(idempotencyKey) },
          body: decision,
          signal,
        }),
      );
    },
    async cancelPromotion(id, reason, { signal, idempotencyKey } = {}) {
      return ask(
        connection.post('/promotions/{id}/cancel', {
          params: { path: { id }, header: keyed(idempotencyKey) },
          body: { reason },
          signal,
        }),
      );
    },
    async getCanary(id, { etag, signal } = {}) {
      const params = { path: { id }, header: { 'If-None-Match': etag } };
      return askIfChanged(
        connection.get('/promotions/{id}/canary', { params, signal }),
      );
    },
    async steerCanary(id, wish, { signal, idempotencyKey } = {}) {
      return ask(
        connection.post('/promotions/{id}/canary', {
          params: { path: { id }, header: keyed(idempotencyKey) },
          body: wish,
          signal,
        }),
      );
    },
    async getWave(id, { etag, signal } = {}) {
      const params = { path: { id }, header: { 'If-None-Match': etag } };
      return askIfChanged(
        connection.get('/promotions/{id}/wave', { params, signal }),
      );
    },
    async steerWave(id, wish, { signal, idempotencyKey } = {}) {
      return ask(
        connection.post('/promotions/{id}/wave', {
          params: { path: { id }, header: keyed(idempotencyKey) },
          body: wish,
          signal,
        }),
      );
    },
    async getWaves({ signal } = {}) {
      return (await ask(connection.get('/waves', { signal }))).items;
    },
    async previewWave(query, { signal } = {}) {
      return ask(
        connection.get('/waves/preview', { params: { query }, signal }),
      );
    },
    async planRollback(request, { signal } = {}) {
      const plan = await ask(
        connection.post('/rollbacks', {
          body: { ...request, dryRun: true },
          signal,
        }),
      );
      if ('consequences' in plan) return plan;
      throw unexpected();
    },
    async requestRollback(request, { signal, idempotencyKey } = {}) {
      const rollback = await ask(
        connection.post('/rollbacks', {
          params: { header: keyed(idempotencyKey) },
          body: request,
          signal,
        }),
      );
      if ('promotions' in rollback) return rollback;
      throw unexpected();
    },
    async getRollbackOptions(service, { signal } = {}) {
      return ask(
        connection.get('/rollbacks/options/{namespace}/{kind}/{name}', {
          params: { path: parseEntityRef(service) },
          signal,
        }),
      );
    },
    async getApprovals({ signal } = {}) {
      return (await ask(connection.get('/approvals', { signal }))).items;
    },
    async getClusters({ signal } = {}) {
      return (await ask(connection.get('/clusters', { signal }))).items;
    },
  };
}
