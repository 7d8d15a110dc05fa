// SPDX-License-Identifier: Apache-2.0
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
  FleetAction,
  FleetActionBatch,
  FleetActionDetail,
  FleetActionKind,
  FleetActionPage,
  FleetActionPlan,
  FleetActionRequest,
} from './views';

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

/** Which actions to read. */
export type FleetActionQuestion = NonNullable<
  paths['/fleet/actions']['get']['parameters']['query']
>;

/** Actions on devices, by a connection. */
export function fleetActionClient(connection: Connection): FleetActionClient {
  return {
    async getFleetActionKinds(device, { signal } = {}) {
      const params = { query: { device } };
      const { items } = await ask(
        connection.get('/fleet/action-kinds', { params, signal }),
      );
      return items;
    },
    async getFleetActions(question, { etag, signal } = {}) {
      const params = { query: question, header: { 'If-None-Match': etag } };
      return askIfChanged(connection.get('/fleet/actions', { params, signal }));
    },
    async getFleetAction(id, { etag, signal } = {}) {
      const params = { path: { id }, header: { 'If-None-Match': etag } };
      return askIfChanged(
        connection.get('/fleet/actions/{id}', { params, signal }),
      );
    },
    async planFleetActions(request, { signal } = {}) {
      const body = { ...request, dryRun: true };
      const plan = await ask(
        connection.post('/fleet/actions', { body, signal }),
      );
      if (!('batch' in plan)) return plan;
      throw unexpected();
    },
    async requestFleetActions(request, { signal, idempotencyKey } = {}) {
      const params = { header: keyed(idempotencyKey) };
      const body = { ...request, dryRun: false };
      const batch = await ask(
        connection.post('/fleet/actions', { params, body, signal }),
      );
      if ('batch' in batch) return batch;
      throw unexpected();
    },
    async cancelFleetAction(id, reason, { signal, idempotencyKey } = {}) {
      const params = { path: { id }, header: keyed(idempotencyKey) };
      return ask(
        connection.post('/fleet/actions/{id}/cancel', {
          params,
          body: { reason },
          signal,
        }),
      );
    },
    async decideFleetAction(
      id,
      { approve, ...body },
      { signal, idempotencyKey } = {},
    ) {
      const params = { path: { id }, header: keyed(idempotencyKey) };
      const path = approve
        ? '/fleet/actions/{id}/approve'
        : '/fleet/actions/{id}/reject';
      return ask(connection.post(path, { params, body, signal }));
    },
  };
}
