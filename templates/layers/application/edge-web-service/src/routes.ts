import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  documentOf,
  json,
  problem,
  type Answer,
  type Handler,
} from './http/answers.ts';
import type { Outbox } from './outbox.ts';
import { page } from './page.ts';

const bodyLimit = 64 * 1024;

/** What the routes read and change. */
export interface World {
  readonly name: string;
  readonly outbox: Outbox;
  readonly offlineMode: boolean;
  readonly now: () => Date;
}

/** The routes by method and path. */
export function routesOf(world: World): ReadonlyMap<string, Handler> {
  const { outbox } = world;
  return new Map<string, Handler>([
    [
      'GET /',
      () => ({
        status: 200,
        type: 'text/html; charset=utf-8',
        body: page(world),
      }),
    ],
    [
      'GET /api/events',
      () => json(200, { waiting: outbox.size, events: outbox.next(100) }),
    ],
    ['POST /api/events', request => takeEvent(world, request)],
  ]);
}

async function takeEvent(
  { outbox, now }: World,
  request: IncomingMessage,
): Promise<Answer> {
  const document = await documentOf(request, bodyLimit);
  if ('refused' in document) return document.refused;
  const given = request.headers['idempotency-key'];
  const id =
    typeof given === 'string' && given !== ''
      ? given.slice(0, 200)
      : randomUUID();
  const added = await outbox.add({
    id,
    receivedAt: now().toISOString(),
    body: document.value,
  });
  if (added === 'full')
    return problem(
      507,
      'The upstream has been away for too long; try again later.',
    );
  return json(added === 'kept' ? 202 : 200, { id });
}
