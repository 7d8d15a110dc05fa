// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import createClient from 'openapi-fetch';
import type { SteeringAction } from '../promotion/events';
import type { Evidence, EvidenceKind } from '../evidence/evidence';
import { DeliveryProblem } from './DeliveryProblem';
import type { paths } from './generated/schema';
import type {
  ApprovalItem,
  CanaryView,
  ClusterView,
  DrillCandidates,
  DrillDetail,
  DrillOptions,
  DrillSummary,
  FleetAction,
  FleetActionBatch,
  FleetActionDetail,
  FleetActionKind,
  FleetActionPage,
  FleetActionPlan,
  FleetActionRequest,
  FleetDevice,
  FleetDevicePage,
  FleetFilter,
  FleetService,
  FleetSite,
  FleetSites,
  FleetSort,
  FleetSummary,
  FleetTwinEdit,
  FleetTwinEdited,
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

/** The canaries of a promotion, or the word that they are as they were at the given ETag. */
export type CanaryAnswer =
  | {
      readonly status: 'changed';
      readonly view: CanaryView;
      readonly etag?: string;
      /** By the clock of the server, to which the times of the view belong; whole seconds. */
      readonly servedAt?: Date;
    }
  | { readonly status: 'unchanged' };

/** A view, or the word that it is as it was at the given ETag. */
export type ConditionalAnswer<View> =
  | {
      readonly status: 'changed';
      readonly view: View;
      readonly etag?: string;
    }
  | { readonly status: 'unchanged' };

/** Options of a read that need not be answered again. */
export interface ConditionalOptions extends ReadOptions {
  /** Of an earlier answer to the same question. */
  readonly etag?: string;
}

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
    options?: ReadOptions & { readonly etag?: string },
  ): Promise<CanaryAnswer>;
  steerCanary(
    id: string,
    wish: { readonly action: SteeringAction; readonly reason?: string },
    options?: WriteOptions,
  ): Promise<PromotionView>;
  /** The wave of a promotion. With `etag` of an earlier answer an unchanged picture is not sent again. */
  getWave(
    id: string,
    options?: ReadOptions & { readonly etag?: string },
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

/** The fleet in the delivery backend's HTTP API. Every method rejects with a {@link DeliveryProblem}. */
export interface FleetClient {
  getFleetSummary(
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<FleetSummary>>;
  /** Every site with devices that the filter lets through, in columns. */
  getFleetSites(
    filter?: FleetFilter,
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<FleetSites>>;
  getFleetDevices(
    question?: FleetFilter & {
      readonly sort?: FleetSort;
      readonly limit?: number;
      readonly cursor?: string;
    },
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<FleetDevicePage>>;
  getFleetDevice(
    device: { readonly cluster: string; readonly name: string },
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<FleetDevice>>;
  /** Sets what is desired of a KubeEdge device; with `dryRun` nothing is written. */
  editFleetTwin(
    twin: {
      readonly cluster: string;
      readonly name: string;
      readonly namespace: string;
      readonly device: string;
    },
    edit: FleetTwinEdit,
    options?: ReadOptions,
  ): Promise<FleetTwinEdited>;
  getFleetSite(
    site: { readonly site: string; readonly cluster?: string },
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<FleetSite>>;
  /** `service` is an entity ref. */
  getFleetService(
    service: string,
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<FleetService>>;
}

/** Actions on devices in the HTTP API. Every method rejects with a {@link DeliveryProblem}. */
export interface FleetActionClient {
  /** With a device's id each kind says what would become of it there now. */
  getFleetActionKinds(
    device?: string,
    options?: ReadOptions,
  ): Promise<readonly FleetActionKind[]>;
  getFleetActions(
    question?: FleetActionQuestion,
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<FleetActionPage>>;
  getFleetAction(
    id: string,
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<FleetActionDetail>>;
  /** What an action would do. Writes nothing. */
  planFleetActions(
    request: Omit<FleetActionRequest, 'dryRun'>,
    options?: ReadOptions,
  ): Promise<FleetActionPlan>;
  requestFleetActions(
    request: Omit<FleetActionRequest, 'dryRun'>,
    options?: WriteOptions,
  ): Promise<FleetActionBatch>;
  cancelFleetAction(
    id: string,
    reason: string,
    options?: WriteOptions,
  ): Promise<FleetAction>;
  /** Agrees to an action of somebody else, or refuses it. */
  decideFleetAction(
    id: string,
    decision: {
      readonly approve: boolean;
      readonly reason?: string;
      readonly wholeBatch?: boolean;
    },
    options?: WriteOptions,
  ): Promise<FleetActionPage>;
}

/** Drills on devices in the HTTP API. Every method rejects with a {@link DeliveryProblem}. */
export interface DrillClient {
  /** Kinds of drills, and the stages whose devices may be drilled. */
  getDrillOptions(options?: ReadOptions): Promise<DrillOptions>;
  /** The devices of a stage, each with why it may not be drilled now. */
  getDrillCandidates(
    wish: {
      readonly service: string;
      readonly stage: string;
      readonly kind: string;
    },
    options?: ReadOptions,
  ): Promise<DrillCandidates>;
  /** Newest first. */
  getDrills(
    filter?: {
      readonly service?: string;
      readonly stage?: string;
      readonly limit?: number;
    },
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<readonly DrillSummary[]>>;
  getDrill(
    id: string,
    options?: ConditionalOptions,
  ): Promise<ConditionalAnswer<DrillDetail>>;
  startDrill(
    wish: {
      readonly service: string;
      readonly stage: string;
      readonly kind: string;
      readonly devices: readonly string[];
      readonly reason: string;
    },
    options?: WriteOptions,
  ): Promise<DrillDetail>;
  abortDrill(
    id: string,
    reason: string,
    options?: WriteOptions,
  ): Promise<DrillDetail>;
  /** Signs a drill of somebody else off, or sends it back. */
  signDrill(
    id: string,
    wish: {
      readonly decision: 'signedOff' | 'sentBack';
      readonly reason?: string;
    },
    options?: WriteOptions,
  ): Promise<DrillDetail>;
}

/** Which actions to read. */
export type FleetActionQuestion = NonNullable<
  paths['/fleet/actions']['get']['parameters']['query']
>;

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
}): DeliveryClient & FleetClient & FleetActionClient & DrillClient {
  const send = options.fetch ?? globalThis.fetch;
  const {
    GET: get,
    POST: post,
    PATCH: patch,
  } = createClient<paths>({
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
    async getEvidence(release, { signal } = {}) {
      const { items } = answer(
        await reach(
          get('/releases/{release}/evidence', {
            params: { path: { release } },
            signal,
          }),
        ),
      );
      return items;
    },
    async getEvidenceFile(release, kind, name, { signal } = {}) {
      return answer(
        await reach(
          get('/releases/{release}/evidence/{kind}/{name}', {
            params: { path: { release, kind, name } },
            parseAs: 'blob',
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
    async getCanary(id, { etag, signal } = {}) {
      const { data, response, error } = await reach(
        get('/promotions/{id}/canary', {
          params: { path: { id }, header: { 'If-None-Match': etag } },
          signal,
        }),
      );
      if (response.status === 304) return { status: 'unchanged' };
      const served = Date.parse(response.headers.get('Date') ?? '');
      return {
        status: 'changed',
        view: answer({ data, response, error }),
        etag: response.headers.get('ETag') ?? undefined,
        ...(!Number.isNaN(served) && { servedAt: new Date(served) }),
      };
    },
    async steerCanary(id, wish, { signal, idempotencyKey } = {}) {
      return answer(
        await reach(
          post('/promotions/{id}/canary', {
            params: { path: { id }, header: key(idempotencyKey) },
            body: wish,
            signal,
          }),
        ),
      );
    },
    async getWave(id, { etag, signal } = {}) {
      const { data, response, error } = await reach(
        get('/promotions/{id}/wave', {
          params: { path: { id }, header: { 'If-None-Match': etag } },
          signal,
        }),
      );
      if (response.status === 304) return { status: 'unchanged' };
      return {
        status: 'changed',
        view: answer({ data, response, error }),
        etag: response.headers.get('ETag') ?? undefined,
      };
    },
    async steerWave(id, wish, { signal, idempotencyKey } = {}) {
      return answer(
        await reach(
          post('/promotions/{id}/wave', {
            params: { path: { id }, header: key(idempotencyKey) },
            body: wish,
            signal,
          }),
        ),
      );
    },
    async getWaves({ signal } = {}) {
      return answer(await reach(get('/waves', { signal }))).items;
    },
    async previewWave(query, { signal } = {}) {
      return answer(
        await reach(get('/waves/preview', { params: { query }, signal })),
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
    async getFleetSummary({ etag, signal } = {}) {
      const header = { 'If-None-Match': etag };
      return conditional(
        await reach(get('/fleet/summary', { params: { header }, signal })),
      );
    },
    async getFleetSites(filter, { etag, signal } = {}) {
      const params = { query: filter, header: { 'If-None-Match': etag } };
      return conditional(await reach(get('/fleet/sites', { params, signal })));
    },
    async getFleetDevices(question, { etag, signal } = {}) {
      const params = { query: question, header: { 'If-None-Match': etag } };
      return conditional(
        await reach(get('/fleet/devices', { params, signal })),
      );
    },
    async getFleetDevice(path, { etag, signal } = {}) {
      const params = { path, header: { 'If-None-Match': etag } };
      return conditional(
        await reach(get('/fleet/devices/{cluster}/{name}', { params, signal })),
      );
    },
    async editFleetTwin(path, edit, { signal } = {}) {
      return answer(
        await reach(
          patch('/fleet/devices/{cluster}/{name}/twins/{namespace}/{device}', {
            params: { path },
            body: edit,
            signal,
          }),
        ),
      );
    },
    async getFleetSite({ site, cluster }, { etag, signal } = {}) {
      const params = {
        path: { site },
        query: { cluster },
        header: { 'If-None-Match': etag },
      };
      return conditional(
        await reach(get('/fleet/sites/{site}', { params, signal })),
      );
    },
    async getFleetActionKinds(device, { signal } = {}) {
      const params = { query: { device } };
      return answer(await reach(get('/fleet/action-kinds', { params, signal })))
        .items;
    },
    async getFleetActions(question, { etag, signal } = {}) {
      const params = { query: question, header: { 'If-None-Match': etag } };
      return conditional(
        await reach(get('/fleet/actions', { params, signal })),
      );
    },
    async getFleetAction(id, { etag, signal } = {}) {
      const params = { path: { id }, header: { 'If-None-Match': etag } };
      return conditional(
        await reach(get('/fleet/actions/{id}', { params, signal })),
      );
    },
    async planFleetActions(request, { signal } = {}) {
      const body = { ...request, dryRun: true };
      const plan = answer(
        await reach(post('/fleet/actions', { body, signal })),
      );
      if (!('batch' in plan)) return plan;
      throw unexpected();
    },
    async requestFleetActions(request, { signal, idempotencyKey } = {}) {
      const params = { header: key(idempotencyKey) };
      const body = { ...request, dryRun: false };
      const batch = answer(
        await reach(post('/fleet/actions', { params, body, signal })),
      );
      if ('batch' in batch) return batch;
      throw unexpected();
    },
    async cancelFleetAction(id, reason, { signal, idempotencyKey } = {}) {
      const params = { path: { id }, header: key(idempotencyKey) };
      return answer(
        await reach(
          post('/fleet/actions/{id}/cancel', {
            params,
            body: { reason },
            signal,
          }),
        ),
      );
    },
    async decideFleetAction(
      id,
      { approve, ...body },
      { signal, idempotencyKey } = {},
    ) {
      const params = { path: { id }, header: key(idempotencyKey) };
      const path = approve
        ? '/fleet/actions/{id}/approve'
        : '/fleet/actions/{id}/reject';
      return answer(await reach(post(path, { params, body, signal })));
    },
    async getDrillOptions({ signal } = {}) {
      return answer(await reach(get('/fleet/drill-options', { signal })));
    },
    async getDrillCandidates(query, { signal } = {}) {
      return answer(
        await reach(
          get('/fleet/drill-candidates', { params: { query }, signal }),
        ),
      );
    },
    async getDrills(query, { etag, signal } = {}) {
      const params = { query, header: { 'If-None-Match': etag } };
      const read = conditional(
        await reach(get('/fleet/drills', { params, signal })),
      );
      return read.status === 'changed'
        ? { ...read, view: read.view.items }
        : read;
    },
    async getDrill(id, { etag, signal } = {}) {
      const params = { path: { id }, header: { 'If-None-Match': etag } };
      return conditional(
        await reach(get('/fleet/drills/{id}', { params, signal })),
      );
    },
    async startDrill(body, { signal, idempotencyKey } = {}) {
      const params = { header: key(idempotencyKey) };
      return answer(
        await reach(post('/fleet/drills', { params, body, signal })),
      );
    },
    async abortDrill(id, reason, { signal, idempotencyKey } = {}) {
      const params = { path: { id }, header: key(idempotencyKey) };
      const body = { reason };
      return answer(
        await reach(post('/fleet/drills/{id}/abort', { params, body, signal })),
      );
    },
    async signDrill(id, body, { signal, idempotencyKey } = {}) {
      const params = { path: { id }, header: key(idempotencyKey) };
      return answer(
        await reach(
          post('/fleet/drills/{id}/signature', { params, body, signal }),
        ),
      );
    },
    async getFleetService(service, { etag, signal } = {}) {
      const params = {
        path: parseEntityRef(service),
        header: { 'If-None-Match': etag },
      };
      return conditional(
        await reach(
          get('/fleet/services/{namespace}/{kind}/{name}', { params, signal }),
        ),
      );
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

function conditional<T>(result: {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}): ConditionalAnswer<T> {
  if (result.response.status === 304) return { status: 'unchanged' };
  return {
    status: 'changed',
    view: answer(result),
    etag: result.response.headers.get('etag') ?? undefined,
  };
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
