// SPDX-License-Identifier: Apache-2.0
import { patchOf } from '../patch/patchOf';
import { apiVersionOf } from '../kinds/ResourceType';
import { textAt } from '../objects';
import type { JsonObject, KubeObject } from '../objects';
import { invalid, notFound, success } from '../status';
import { parseDeleteOptions } from '../writes/DeleteOptions';
import { keyOf } from '../writes/names';
import type { ObjectRequest, ResourceRequest } from './Api';
import {
  mediaType,
  objectBody,
  objectOf,
  parseJson,
  readBody,
  readJson,
} from './body';
import { mustExist, readPage } from './list';
import { parseListOptions, versionOf } from './listOptions';
import { renderList, renderObject } from './render';
import { sendJson, sendPieces } from './respond';
import { viewOf } from './view';

/** `GET` of an object. */
export async function get(incoming: ObjectRequest): Promise<void> {
  const { api, type, namespace, name, query, response } = incoming;
  mustExist(versionOf(query.get('resourceVersion')), api.store);
  const entry = api.store.get(type.collection, keyOf(namespace, name));
  if (!entry) throw notFound(type, name);
  sendJson(response, 200, renderObject(viewOf(incoming), entry));
}

/** `POST` to a collection: stores an object, or answers a review. */
export async function create(incoming: ResourceRequest): Promise<void> {
  const { api, type, namespace, user, request, response } = incoming;
  const body = objectBody(await readJson(request));
  if (type.review) {
    objectOf(type, body, place(incoming));
    sendJson(response, 201, {
      kind: type.kind,
      apiVersion: apiVersionOf(type),
      metadata: {},
      ...type.review(body, {
        user,
        namespace,
        isAllowed: api.authorizer.isAllowed,
        rulesOf: api.authorizer.rulesOf,
        userOfToken: api.userOfToken,
      }),
    });
    return;
  }
  const object = objectOf(type, body, place(incoming));
  const entry = api.writer.create(type, namespace, object, {
    user,
    dryRun: isDryRun(incoming),
  });
  sendJson(response, 201, renderObject(viewOf(incoming), entry));
}

/** `PUT` of an object, or of its status. */
export async function replace(incoming: ObjectRequest): Promise<void> {
  const { api, type, namespace, name, user, request, response } = incoming;
  const body = objectBody(await readJson(request));
  const object = objectOf(type, body, place(incoming));
  const key = keyOf(namespace, name);
  if (type.createOnUpdate && !api.store.get(type.collection, key)) {
    const named = { ...object, metadata: { ...object.metadata, name } };
    const made = api.writer.create(type, namespace, named, { user });
    sendJson(response, 201, renderObject(viewOf(incoming), made));
    return;
  }
  const entry = api.writer.update(type, key, () => object, {
    user,
    part: partOf(incoming),
    isReplacement: true,
    dryRun: isDryRun(incoming),
  });
  sendJson(response, 200, renderObject(viewOf(incoming), entry));
}

/** `PATCH` of an object, or of its status. */
export async function patch(incoming: ObjectRequest): Promise<void> {
  const { api, type, namespace, name, user, request, response } = incoming;
  const media = mediaType(request);
  const apply = patchOf(media, parseJson(await readBody(request)), type);
  const entry = api.writer.update(
    type,
    keyOf(namespace, name),
    current => objectOf(type, apply(shown(incoming, current)), place(incoming)),
    { user, part: partOf(incoming), dryRun: isDryRun(incoming) },
  );
  sendJson(response, 200, renderObject(viewOf(incoming), entry));
}

/** `DELETE` of an object. */
export async function remove(incoming: ObjectRequest): Promise<void> {
  const { api, type, namespace, name, query, request, response } = incoming;
  const options = parseDeleteOptions(await readJson(request), query);
  const { entry, gone } = api.writer.delete(
    type,
    keyOf(namespace, name),
    options,
  );
  if (gone && !type.returnsDeletedObject) {
    const uid = textAt(entry.object, 'metadata', 'uid');
    const { group, plural: kind } = type;
    sendJson(
      response,
      200,
      success({ name, ...(group && { group }), kind, uid }),
    );
    return;
  }
  sendJson(response, 200, renderObject(viewOf(incoming), entry));
}

/** `DELETE` of a collection, as far as it is selected. */
export async function removeCollection(
  incoming: ResourceRequest,
): Promise<void> {
  const { api, type, query, request, response } = incoming;
  const options = parseDeleteOptions(await readJson(request), query);
  const page = readPage(incoming, parseListOptions(type, query));
  const deleted = page.entries.flatMap(({ key }) => {
    // A write of this very loop may have taken it along already.
    if (!api.store.get(type.collection, key)) return [];
    return [api.writer.delete(type, key, options).entry];
  });
  const metadata = { resourceVersion: String(api.store.revision) };
  await sendPieces(response, renderList(viewOf(incoming), deleted, metadata));
}

/** The object as a client of this version knows it, which is what it patches. */
function shown({ type }: ResourceRequest, object: KubeObject): JsonObject {
  return {
    kind: type.kind,
    apiVersion: apiVersionOf(type),
    ...(type.conversion?.fromStored(object) ?? object),
  };
}

function place({ namespace, name }: ResourceRequest) {
  return {
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  };
}

function partOf({ subresource }: ResourceRequest): 'main' | 'status' {
  return subresource === 'status' ? 'status' : 'main';
}

function isDryRun({ query, request }: ResourceRequest): boolean {
  const value = query.get('dryRun');
  if (value === null || value === '') return false;
  if (value === 'All') return true;
  const kind = `${request.method === 'POST' ? 'Create' : 'Update'}Options`;
  throw invalid({ group: 'meta.k8s.io', kind }, '', [
    {
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: "${value}": supported values: "All"`,
      field: 'dryRun',
    },
  ]);
}
