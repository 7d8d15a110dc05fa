// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import type { ResourceType } from '../kinds/ResourceType';
import { apiVersionOf } from '../kinds/ResourceType';
import { isJsonObject, objectAt, textAt } from '../objects';
import type { Json, JsonObject, KubeObject } from '../objects';
import { badRequest, tooLarge, unsupportedMediaType } from '../status';

/** Largest body in bytes, as the real server has it. */
export const BODY_LIMIT = 3 * 1024 * 1024;

/** @throws ApiError 413 for a body above the limit. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    // The rest is read and dropped, so that the client can read the answer.
    if (size <= BODY_LIMIT) chunks.push(chunk);
  }
  if (size > BODY_LIMIT) throw tooLarge(BODY_LIMIT);
  return Buffer.concat(chunks).toString('utf8');
}

/** Media type of a body, without its parameters. */
export function mediaType(request: IncomingMessage): string {
  const header = request.headers['content-type'] ?? 'application/json';
  return header.split(';')[0].trim().toLowerCase();
}

/** @throws ApiError 400 for broken text, 415 for another format. */
export async function readJson(
  request: IncomingMessage,
): Promise<Json | undefined> {
  const type = mediaType(request);
  const text = await readBody(request);
  if (text === '') return undefined;
  switch (type) {
    case 'application/json':
      return parseJson(text);
    case 'application/yaml':
      return parse(text);
    case 'application/vnd.kubernetes.protobuf':
      throw unsupportedMediaType(
        'protobuf bodies are not offered by this simulated API server; send JSON, which kubectl does for files: kubectl apply -f',
      );
    default:
      throw unsupportedMediaType(
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
      );
  }
}

/** @throws ApiError 400 */
export function parseJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badRequest(
      `couldn't get version/kind; json parse error: ${error.message}`,
    );
  }
}

/** @throws ApiError 400 unless the body is an object. */
export function objectBody(body: Json | undefined): JsonObject {
  if (isJsonObject(body)) return body;
  throw badRequest('the request has no object in its body');
}

/**
 * Takes an object from a body: of this kind, for this place.
 *
 * @throws ApiError 400 when it is of another kind or for another place.
 */
export function objectOf(
  type: ResourceType,
  body: JsonObject,
  place: { readonly namespace?: string; readonly name?: string },
): KubeObject {
  const { kind, apiVersion, ...rest } = body;
  const expected = apiVersionOf(type);
  if (apiVersion !== undefined && apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  }
  if (kind !== undefined && kind !== type.kind) {
    throw badRequest(
      `${kind} in version "${expected}" cannot be handled as a ${type.kind}`,
    );
  }
  const metadata = objectAt(rest, 'metadata');
  const namespace = textAt(metadata, 'namespace');
  if (namespace && namespace !== place.namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  const name = textAt(metadata, 'name');
  if (place.name !== undefined && name && name !== place.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${place.name})`,
    );
  }
  const object = { ...rest, metadata };
  return type.conversion?.toStored(object) ?? object;
}
