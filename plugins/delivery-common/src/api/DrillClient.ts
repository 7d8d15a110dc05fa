// SPDX-License-Identifier: Apache-2.0
import {
  ask,
  askIfChanged,
  keyed,
  type ConditionalAnswer,
  type ConditionalOptions,
  type Connection,
  type ReadOptions,
  type WriteOptions,
} from './Connection';
import type {
  DrillCandidates,
  DrillDetail,
  DrillOptions,
  DrillSummary,
} from './views';

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

/** Drills, by a connection. */
export function drillClient(connection: Connection): DrillClient {
  return {
    async getDrillOptions({ signal } = {}) {
      return ask(connection.get('/fleet/drill-options', { signal }));
    },
    async getDrillCandidates(query, { signal } = {}) {
      return ask(
        connection.get('/fleet/drill-candidates', {
          params: { query },
          signal,
        }),
      );
    },
    async getDrills(query, { etag, signal } = {}) {
      const params = { query, header: { 'If-None-Match': etag } };
      const read = await askIfChanged(
        connection.get('/fleet/drills', { params, signal }),
      );
      return read.status === 'changed'
        ? { ...read, view: read.view.items }
        : read;
    },
    async getDrill(id, { etag, signal } = {}) {
      const params = { path: { id }, header: { 'If-None-Match': etag } };
      return askIfChanged(
        connection.get('/fleet/drills/{id}', { params, signal }),
      );
    },
    async startDrill(body, { signal, idempotencyKey } = {}) {
      const params = { header: keyed(idempotencyKey) };
      return ask(connection.post('/fleet/drills', { params, body, signal }));
    },
    async abortDrill(id, reason, { signal, idempotencyKey } = {}) {
      const params = { path: { id }, header: keyed(idempotencyKey) };
      const body = { reason };
      return ask(
        connection.post('/fleet/drills/{id}/abort', { params, body, signal }),
      );
    },
    async signDrill(id, body, { signal, idempotencyKey } = {}) {
      const params = { path: { id }, header: keyed(idempotencyKey) };
      return ask(
        connection.post('/fleet/drills/{id}/signature', {
          params,
          body,
          signal,
        }),
      );
    },
  };
}
