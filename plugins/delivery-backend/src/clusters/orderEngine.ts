// SPDX-License-Identifier: Apache-2.0
import {
  NotAllowedError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import type {
  EngineOrder,
  OrderOutcome,
} from '@causeway/plugin-delivery-common';
import type { EngineOrders } from '@causeway/plugin-delivery-node';
import type { ClusterTransport, TransportFailure } from './ClusterTransport';
import { namespaced } from './namespaced';
import { resourceVersionOf } from './trim';

/**
 * Gives an order to an engine's object. It is read from the cluster, not from memory, and the first
 * patch carries the version that was read, so that the cluster refuses it when the object changed
 * in between: an order about one pause never ends the next.
 * @param user - name to act under by impersonation
 * @throws NotAllowedError, NotFoundError, ServiceUnavailableError
 */
export async function orderEngine(
  transport: ClusterTransport,
  { kind, patches }: EngineOrders,
  object: { readonly namespace: string; readonly name: string },
  order: EngineOrder,
  user: string | undefined,
  signal: AbortSignal,
): Promise<Exclude<OrderOutcome, 'refused'>> {
  const path = namespaced(kind.path, object);
  const where = `${object.namespace}/${object.name}`;
  const read = await transport.get(path, signal);
  if (!read.ok) throw errorFor(where, read.failure);
  const wanted = patches(order, read.value);
  if (wanted === 'overtaken') return 'overtaken';
  for (const [index, { subresource, body }] of wanted.entries()) {
    const version = resourceVersionOf(read.value);
    const answer = await transport.patch(
      subresource ? `${path}/${subresource}` : path,
      index === 0 ? { ...body, metadata: { resourceVersion: version } } : body,
      { user },
      signal,
    );
    if (answer.ok) continue;
    if (answer.failure.kind === 'conflict') return 'overtaken';
    throw errorFor(where, answer.failure);
  }
  return 'accepted';
}

function errorFor(where: string, failure: TransportFailure): Error {
  const sentence = `The engine could not be told what to do with ${where}. ${failure.problem}`;
  switch (failure.kind) {
    case 'forbidden':
      return new NotAllowedError(sentence);
    case 'missing':
      return new NotFoundError(sentence);
    default:
      return new ServiceUnavailableError(sentence);
  }
}
