// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate, impersonated } from '../access/authentication';
import type { AccessRequest, ResourceType, User } from '../kinds/ResourceType';
import {
  ApiError,
  forbidden,
  internalError,
  methodNotAllowed,
} from '../status';
import type { FaultTarget } from '../faults';
import type { Api, ObjectRequest, ResourceRequest } from './Api';
import { formOf } from './accept';
import { discoveryDocument, VERSION } from './discovery';
import { list } from './list';
import * as objects from './objectRequests';
import { OPENAPI_V2, openApiDocument } from './openapi';
import { parsePath, verbOf } from './path';
import type { ResourcePath } from './path';
import { sendError, sendJson, sendMalformed, sendText } from './respond';
import { subresource } from './subresources';
import { watch } from './watch';

/**
 * Answers one request: finds out who asks for what, whether a fault or a
 * missing right stands in the way, and hands it to the handler of its verb.
 * Never rejects; every failure becomes a `Status`.
 *
 * @param report - told of failures nobody foresaw; bodies are not part of it.
 */
export async function handle(
  api: Api,
  request: IncomingMessage,
  response: ServerResponse,
  report: (message: string, cause: unknown) => void,
): Promise<void> {
  try {
    await answer(api, request, response);
  } catch (error) {
    if (response.headersSent || response.destroyed) {
      response.destroy();
    } else if (error instanceof ApiError) sendError(response, error);
    else {
      report(`${request.method} ${request.url}`, error);
      sendError(response, internalError('unforeseen failure'));
    }
  } finally {
    // An unread body would keep the connection from being used again.
    request.resume();
  }
}

async function answer(
  api: Api,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://localhost');
  const method = request.method ?? 'GET';
  const path = parsePath(url.pathname);
  const verb = path
    ? verbOf(method, path, url.searchParams)
    : method.toLowerCase();
  const target = targetOf(verb, url.pathname, path);
  const left = api.faults.enter(target, () => response.destroy());
  response.once('close', left);
  if (api.faults.isFaulty) {
    const admission = await api.faults.admit(target, abortedWith(response));
    if (response.destroyed) return;
    if (admission === 'malformed') {
      sendMalformed(response);
      return;
    }
  }

  const { isAllowed } = api.authorizer;
  const sender = authenticate(request.headers, api.tokens);
  const user = impersonated(request.headers, sender, isAllowed);
  if (!path) {
    mayVisit(api, user, url.pathname);
    await otherPath(api, url, request, response);
    return;
  }
  mayDo(api, user, accessRequest(verb, path), path);
  const type = api.table.find(path.apiVersion, path.resource);
  if (!type || !fits(type, path)) {
    sendText(response, 404, '404 page not found\n');
    return;
  }
  await dispatch({
    api,
    type,
    verb,
    namespace: path.namespace,
    name: path.name,
    subresource: path.subresource,
    query: url.searchParams,
    user,
    form: formOf(request.headers.accept),
    target,
    request,
    response,
  });
}

async function dispatch(incoming: ResourceRequest): Promise<void> {
  const { type, name, verb, response } = incoming;
  if (name !== undefined && incoming.subresource !== undefined) {
    const found = await subresource({ ...incoming, name });
    if (!found) sendText(response, 404, '404 page not found\n');
    return;
  }
  if (!type.verbs.includes(verb)) throw methodNotAllowed();
  if (name === undefined) await ofCollection(incoming);
  else await ofObject({ ...incoming, name });
}

async function ofCollection(incoming: ResourceRequest): Promise<void> {
  switch (incoming.verb) {
    case 'list':
      return list(incoming);
    case 'watch':
      return watch(incoming);
    case 'create':
      return objects.create(incoming);
    case 'deletecollection':
      return objects.removeCollection(incoming);
    default:
      throw methodNotAllowed();
  }
}

async function ofObject(incoming: ObjectRequest): Promise<void> {
  switch (incoming.verb) {
    case 'get':
      return objects.get(incoming);
    case 'update':
      return objects.replace(incoming);
    case 'patch':
      return objects.patch(incoming);
    case 'delete':
      return objects.remove(incoming);
    default:
      throw methodNotAllowed();
  }
}

/** Health, version, discovery and OpenAPI. */
async function otherPath(
  api: Api,
  { pathname }: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw methodNotAllowed();
  }
  if (/^\/(healthz|livez|readyz)(\/|$)/.test(pathname)) {
    sendText(response, 200, 'ok');
    return;
  }
  const path = pathname.replace(/(.)\/$/, '$1');
  if (path === OPENAPI_V2.path) {
    response.writeHead(200, { 'content-type': OPENAPI_V2.mediaType });
    response.end(OPENAPI_V2.body);
    return;
  }
  const document =
    path === '/version'
      ? VERSION
      : discoveryDocument(path, api.table) ?? openApiDocument(path, api.table);
  if (document) sendJson(response, 200, document);
  else sendText(response, 404, '404 page not found\n');
}

function mayVisit({ authorizer }: Api, user: User, path: string): void {
  if (authorizer.isAllowed(user, { verb: 'get', path }).allowed) return;
  const why = `User "${user.name}" cannot get path "${path}"`;
  throw new ApiError(403, 'Forbidden', `forbidden: ${why}`, {});
}

function mayDo(
  { authorizer }: Api,
  user: User,
  request: AccessRequest,
  { group, resource, name, namespace, subresource: below }: ResourcePath,
): void {
  if (authorizer.isAllowed(user, request).allowed) return;
  const where = namespace
    ? `in the namespace "${namespace}"`
    : 'at the cluster scope';
  const what = below ? `${resource}/${below}` : resource;
  throw forbidden(
    { group, plural: resource },
    name,
    `User "${user.name}" cannot ${request.verb} resource "${what}" in API group "${group}" ${where}`,
  );
}

function accessRequest(verb: string, path: ResourcePath): AccessRequest {
  const { group, resource, subresource: below, name } = path;
  // A namespace is an object inside of itself, as far as rights go.
  const isNamespace = group === '' && resource === 'namespaces';
  const namespace = isNamespace ? name : path.namespace;
  return {
    verb,
    group,
    resource,
    // Rights end at `proxy`, whatever path is asked for behind it.
    ...(below !== undefined && { subresource: below.split('/')[0] }),
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  };
}

/** Whether a path has a namespace exactly where its kind needs one. */
function fits(type: ResourceType, path: ResourcePath): boolean {
  if (!type.namespaced) return path.namespace === undefined;
  return path.namespace !== undefined || path.name === undefined;
}

function targetOf(
  verb: string,
  pathname: string,
  path: ResourcePath | undefined,
): FaultTarget {
  const { resource, namespace } = path ?? {};
  return {
    verb,
    path: pathname,
    ...(resource !== undefined && { resource }),
    ...(namespace !== undefined && { namespace }),
  };
}

function abortedWith(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}
