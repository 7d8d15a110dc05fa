// SPDX-License-Identifier: Apache-2.0
import { patchOf } from '../patch/patchOf';
import type { ResourceType, ScalePaths } from '../kinds/ResourceType';
import { numberAt, objectAt, textAt, valueAt, withValueAt } from '../objects';
import type { JsonObject, KubeObject } from '../objects';
import { labelSelectorText } from '../selectors/labelSelector';
import { badRequest, invalid, invalidField, notFound } from '../status';
import { keyOf } from '../writes/names';
import type { ObjectRequest } from './Api';
import { mediaType, objectBody, parseJson, readBody, readJson } from './body';
import { sendJson } from './respond';

const SCALE: Pick<ResourceType, 'group' | 'kind'> = {
  group: 'autoscaling',
  kind: 'Scale',
};

/** `GET` of `scale`: the replicas of any kind that has some, in one shape. */
export async function getScale(
  incoming: ObjectRequest,
  paths: ScalePaths,
): Promise<void> {
  const { api, type, namespace, name, response } = incoming;
  const entry = api.store.get(type.collection, keyOf(namespace, name));
  if (!entry) throw notFound(type, name);
  sendJson(response, 200, scaleOf(entry.object, paths));
}

/** `PUT` of `scale`. */
export async function replaceScale(
  incoming: ObjectRequest,
  paths: ScalePaths,
): Promise<void> {
  const body = objectBody(await readJson(incoming.request));
  write(incoming, paths, () => body);
}

/** `PATCH` of `scale`. */
export async function patchScale(
  incoming: ObjectRequest,
  paths: ScalePaths,
): Promise<void> {
  const { request, type } = incoming;
  const media = mediaType(request);
  const apply = patchOf(media, parseJson(await readBody(request)), {
    ...type,
    // Scale has no lists, so the rules of any built-in type do.
    mergeSchema: type.mergeSchema,
  });
  write(incoming, paths, apply);
}

function write(
  { api, type, namespace, name, user, response }: ObjectRequest,
  paths: ScalePaths,
  change: (scale: JsonObject) => JsonObject,
): void {
  const entry = api.writer.update(
    type,
    keyOf(namespace, name),
    current => {
      const scale = change(scaleOf(current, paths));
      if ((scale.kind ?? SCALE.kind) !== SCALE.kind) {
        throw badRequest('the object provided is not a Scale');
      }
      const resourceVersion = textAt(scale, 'metadata', 'resourceVersion');
      const next = withValueAt(
        current,
        paths.specReplicas,
        wanted(scale, name),
      );
      const { resourceVersion: _current, ...metadata } = next.metadata;
      return {
        ...next,
        metadata: { ...metadata, ...(resourceVersion && { resourceVersion }) },
      };
    },
    { user, part: 'main' },
  );
  sendJson(response, 200, scaleOf(entry.object, paths));
}

function wanted(scale: JsonObject, name: string): number {
  const replicas = valueAt(scale, ['spec', 'replicas']) ?? 0;
  if (typeof replicas === 'number' && replicas >= 0) return replicas;
  const why = 'must be greater than or equal to 0';
  throw invalid(SCALE, name, [invalidField('spec.replicas', replicas, why)]);
}

function scaleOf(object: KubeObject, paths: ScalePaths): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } =
    object.metadata;
  const selector = paths.selectorText
    ? textAt(object, ...paths.selectorText)
    : labelSelectorText(objectAt(object, 'spec', 'selector'));
  return {
    kind: SCALE.kind,
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, paths.specReplicas, 0) },
    status: {
      replicas: numberAt(object, paths.statusReplicas, 0),
      ...(selector && { selector }),
    },
  };
}
