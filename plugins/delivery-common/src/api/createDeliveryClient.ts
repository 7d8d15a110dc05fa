// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import createClient from 'openapi-fetch';
import { DeliveryProblem } from './DeliveryProblem';
import type { paths } from './generated/schema';
import type {
  ApprovalItem,
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
} from './views';

/** Options of every read. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
}

/** Options of every write. The same key with the same content gives the same answer and is done once. */
export interface WriteOptions {
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** A pipeline, or the word that it is as it was at the given ETag. */
export type PipelineAnswer =
  | {
      readonly status: 'changed';
      readonly view: PipelineView;
      readonly etag?: string;
    }
  | { readonly status: 'unchanged' };

/** The delivery backend's HTTP API. Every method rejects with a {@link DeliveryProblem}. */
export interface DeliveryClient {
  /** `service` is an entity ref. With `etag` of an earlier answer an unchanged pipeline is not sent again. */
  getPipeline(
    service: string,
    options?: ReadOptions & { readonly etag?: string },
  ): Promise<PipelineAnswer>;
  getHistory(
    service: string,
    options?: ReadOptions & {
      readonly stage?: string;
      readonly cursor?: string;
      readonly limit?: number;
    },
  ): Promise<HistoryPage>;
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

/**
 * Makes a client. In a frontend plugin give `fetchApi.fetch` and `plugin://delivery`; elsewhere any
 * fetch that adds the caller's token, and the base URL of the plugin.
 */
export function createDeliveryClient(options: {
  readonly baseUrl: string;
  readonly fetch?: typeof globalThis.fetch;
}): DeliveryClient {
  const send = options.fetch ?? globalThis.fetch;
  const { GET: get, POST: post } = createClient<paths>({
    baseUrl: options.baseUrl,
    fetch: request => sendPlain(send, request),
  });
  const key = (idempotencyKey: string | undefined) => ({
    'Idempotency-Key': idempotencyKey,
  });

  return {
    async getPipeline(service, { etag, signal } = {}) {
      const { data, response, error } = await reach(
        get('/pipelines/{namespace}/{kind}/{name}', {
          params: {
            path: parseEntityRef(service),
            header: { 'If-None-Match': etag },
          },
          signal,
        }),
      );
      if (response.status === 304) return { status: 'unchanged' };
      return {
        status: 'changed',
        view: answer({ data, response, error }),
        etag: response.headers.get('etag') ?? undefined,
      };
    },
    async getHistory(service, { signal, ...query } = {}) {
      return answer(
        await reach(
          get('/pipelines/{namespace}/{kind}/{name}/history', {
            params: { path: parseEntityRef(service), query },
            signal,
          }),
        ),
      );
    },
    async validatePipeline(service, document, { signal } = {}) {
      return answer(
        await reach(
          post('/pipelines/validate', {
            body: { service, document },
            signal,
          }),
        ),
      );
    },
    async planPromotion(request, { signal } = {}) {
      const plan = answer(
        await reach(
          post('/promotions', {
            body: { ...request, dryRun: true },
            signal,
          }),
        ),
      );
      if ('diff' in plan) return plan;
      throw unexpected();
    },
    async requestPromotion(request, { signal, idempotencyKey } = {}) {
      const promotion = answer(
        await reach(
          post('/promotions', {
            params: { header: key(idempotencyKey) },
            body: request,
            signal,
          }),
        ),
      );
      if ('phase' in promotion) return promotion;
      throw unexpected();
    },
    async getPromotion(id, { signal } = {}) {
      return answer(
        await reach(
          get('/promotions/{id}', { params: { path: { id } }, signal }),
        ),
      );
    },
    async decidePromotion(id, decision, { signal, idempotencyKey } = {}) {
      return answer(
        await reach(
          post('/promotions/{id}/decision', {
            params: { path: { id }, header: key(idempotencyKey) },
            body: decision,
            signal,
          }),
        ),
      );
    },
    async cancelPromotion(id, reason, { signal, idempotencyKey } = {}) {
      return answer(
        await reach(
          post('/promotions/{id}/cancel', {
            params: { path: { id }, header: key(idempotencyKey) },
            body: { reason },
            signal,
          }),
        ),
      );
    },
    async planRollback(request, { signal } = {}) {
      const plan = answer(
        await reach(
          post('/rollbacks', {
            body: { ...request, dryRun: true },
            signal,
          }),
        ),
      );
      if ('consequences' in plan) return plan;
      throw unexpected();
    },
    async requestRollback(request, { signal, idempotencyKey } = {}) {
      const rollback = answer(
        await reach(
          post('/rollbacks', {
            params: { header: key(idempotencyKey) },
            body: request,
            signal,
          }),
        ),
      );
      if ('promotions' in rollback) return rollback;
      throw unexpected();
    },
    async getRollbackOptions(service, { signal } = {}) {
      return answer(
        await reach(
          get('/rollbacks/options/{namespace}/{kind}/{name}', {
            params: { path: parseEntityRef(service) },
            signal,
          }),
        ),
      );
    },
    async getApprovals({ signal } = {}) {
      return answer(await reach(get('/approvals', { signal }))).items;
    },
    async getClusters({ signal } = {}) {
      return answer(await reach(get('/clusters', { signal }))).items;
    },
  };
}

/** A failed connection becomes a problem too; a wanted abort stays an abort. */
async function reach<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    throw new DeliveryProblem('The portal could not be reached.', {
      status: 0,
      code: 'unreachable',
      hint: 'Check your connection; nothing was changed unless the history says so.',
      cause: error,
    });
  }
}

function answer<T>(result: {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}): T {
  if (result.error !== undefined || result.data === undefined) {
    throw DeliveryProblem.fromAnswer(result.response.status, result.error);
  }
  return result.data;
}

function unexpected(): DeliveryProblem {
  return new DeliveryProblem(
    'The portal answered something other than what was asked for.',
    { status: 200, code: 'unexpectedAnswer' },
  );
}

/**
 * Sends a request as address and plain text. A `Request` with a body carries a stream, and the
 * fetch of Backstage makes another request of it for the real address of a plugin, which browsers
 * refuse for streams.
 */
async function sendPlain(
  send: typeof globalThis.fetch,
  request: Request,
): Promise<Response> {
  const hasBody = request.method !== 'GET';
  return send(request.url, {
    method: request.method,
    headers: request.headers,
    signal: request.signal,
    ...(hasBody && { body: await request.text() }),
  });
}
