// SPDX-License-Identifier: Apache-2.0
import type {
  SubresourceAnswer,
  SubresourceContext,
  SubresourceHandler,
} from '../kinds/Subresource';
import type { JsonObject } from '../objects';
import { methodNotAllowed, notFound } from '../status';
import { keyOf } from '../writes/names';
import type { ObjectRequest } from './Api';
import { objectBody, readJson } from './body';
import * as objects from './objectRequests';
import { sendJson } from './respond';
import * as scale from './scale';

/**
 * A request below an object: `status`, `scale`, or one that the kind defines.
 *
 * @returns false where the kind has no such subresource.
 */
export async function subresource(incoming: ObjectRequest): Promise<boolean> {
  const { type, request } = incoming;
  const method = request.method ?? 'GET';
  if (incoming.subresource === 'status' && type.statusSubresource) {
    if (method === 'GET') await objects.get(incoming);
    else if (method === 'PUT') await objects.replace(incoming);
    else if (method === 'PATCH') await objects.patch(incoming);
    else throw methodNotAllowed();
    return true;
  }
  if (incoming.subresource === 'scale' && type.scale) {
    if (method === 'GET') await scale.getScale(incoming, type.scale);
    else if (method === 'PUT') await scale.replaceScale(incoming, type.scale);
    else if (method === 'PATCH') await scale.patchScale(incoming, type.scale);
    else throw methodNotAllowed();
    return true;
  }
  return ownSubresource(incoming, method);
}

async function ownSubresource(
  incoming: ObjectRequest,
  method: string,
): Promise<boolean> {
  const { type, request, response } = incoming;
  const [below, ...path] = (incoming.subresource ?? '').split('/');
  const handler = type.subresources[below];
  if (!handler || (path.length > 0 && !handler.takesPath)) return false;
  const body = method === 'POST' ? objectBody(await readJson(request)) : {};
  const context = contextOf(incoming, handler, path);
  const answer = askHandler(handler, context, method, body);
  if (!answer) throw methodNotAllowed();
  if (answer.kind === 'object') {
    sendJson(response, answer.code, answer.body);
    return true;
  }
  response.writeHead(answer.code ?? 200, { 'content-type': 'text/plain' });
  for await (const chunk of answer.chunks) {
    if (response.destroyed) return true;
    response.write(chunk);
  }
  response.end();
  return true;
}

function askHandler(
  handler: SubresourceHandler,
  context: SubresourceContext,
  method: string,
  body: JsonObject,
): SubresourceAnswer | undefined {
  if (method === 'POST') return handler.create?.(context, body);
  return method === 'GET' ? handler.get?.(context) : undefined;
}

function contextOf(
  incoming: ObjectRequest,
  handler: SubresourceHandler,
  path: readonly string[],
): SubresourceContext {
  const { api, type, namespace, user, query, name: address } = incoming;
  const name = handler.objectNamed?.(address) ?? address;
  const key = keyOf(namespace, name);
  const entry = api.store.get(type.collection, key);
  if (!entry) throw notFound(type, name);
  return {
    type,
    object: entry.object,
    parameters: query,
    address,
    path,
    askPod: question => api.podAnswers?.(namespace ?? '', name, question),
    now: api.clock(),
    objects: (collection, within) =>
      api.store.list(collection, within).map(({ object }) => object),
    replace: object =>
      api.writer.update(type, key, () => object, { user, part: 'whole' })
        .object,
    delete: options => {
      api.writer.delete(type, key, options);
    },
    podLog: (container, options) => {
      const text = api.podLogs(namespace ?? '', name, container, options);
      return typeof text === 'string' ? once(text) : text;
    },
  };
}

async function* once(text: string): AsyncIterable<string> {
  yield text;
}
