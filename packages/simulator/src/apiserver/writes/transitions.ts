// SPDX-License-Identifier: Apache-2.0
import type { ResourceType, User } from '../kinds/ResourceType';
import { sameJson } from '../objects';
import type { KubeObject, ObjectMeta } from '../objects';
import { conflict, forbiddenField, invalid, invalidField } from '../status';
import type { Cause } from '../status';
import { finalizerViolations } from './names';

/** Which part of an object a write is for. */
export interface UpdateOptions {
  readonly user: User;
  /** `whole`: the server's own writes, which may change both parts. */
  readonly part: 'main' | 'status' | 'whole';
  /** Whether the client replaced the object, so that it had to know all of it. */
  readonly isReplacement?: boolean;
  readonly dryRun?: boolean;
}

/**
 * The state that follows when somebody proposes a new one: the part that may
 * not be written stays, what only the server sets stays, and the generation
 * counts.
 *
 * @throws ApiError 409 when the proposal was made from another state, 422
 *   when it is not allowed.
 */
export function afterUpdate(
  type: ResourceType,
  current: KubeObject,
  proposed: KubeObject,
  options: UpdateOptions & { readonly now: Date },
): KubeObject {
  mustBeCurrent(type, current, proposed, options);
  const name = current.metadata.name ?? '';
  const forged =
    options.part === 'main'
      ? forgedDeletion(current.metadata, proposed.metadata)
      : [];
  if (forged.length > 0) throw invalid(type, name, forged);
  const merged = onlyPart(type, current, proposed, options.part);
  const complete = type.defaults?.(merged) ?? merged;
  const causes = [
    ...metadataViolations(current.metadata, complete.metadata),
    ...(options.part === 'main'
      ? type.validate?.(complete, current) ?? []
      : statusViolations(type, complete)),
  ];
  if (causes.length > 0) throw invalid(type, name, causes);
  return counted(type, current, complete);
}

/** Whether nothing keeps a deleted object any more. */
export function isFinished(type: ResourceType, object: KubeObject): boolean {
  const { metadata } = object;
  return (
    metadata.deletionTimestamp !== undefined &&
    !metadata.finalizers?.length &&
    !metadata.deletionGracePeriodSeconds &&
    !type.heldBy?.(object)
  );
}

function mustBeCurrent(
  type: ResourceType,
  { metadata }: KubeObject,
  { metadata: proposed }: KubeObject,
  { isReplacement }: UpdateOptions,
): void {
  const name = metadata.name ?? '';
  if (isReplacement && proposed.uid && proposed.uid !== metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${proposed.uid}, UID in object meta: ${metadata.uid}`;
    throw conflict(type, name, why);
  }
  const { resourceVersion } = proposed;
  if (resourceVersion) {
    if (resourceVersion !== metadata.resourceVersion)
      throw conflict(type, name);
  } else if (isReplacement && !type.unconditionalUpdate) {
    throw invalid(type, name, [
      {
        reason: 'FieldValueInvalid',
        message: 'Invalid value: 0: must be specified for an update',
        field: 'metadata.resourceVersion',
      },
    ]);
  }
}

function onlyPart(
  type: ResourceType,
  current: KubeObject,
  proposed: KubeObject,
  part: UpdateOptions['part'],
): KubeObject {
  if (part === 'status') {
    const { status: _old, ...rest } = current;
    const { status } = proposed;
    return { ...rest, ...(status !== undefined && { status }) };
  }
  const metadata = serverOwned(current.metadata, proposed.metadata);
  if (part === 'whole' || !type.statusSubresource) {
    return { ...proposed, metadata };
  }
  const { status: _ignored, ...rest } = proposed;
  const { status } = current;
  return { ...rest, metadata, ...(status !== undefined && { status }) };
}

/** Metadata as proposed, but for what clients cannot set. */
function serverOwned(current: ObjectMeta, proposed: ObjectMeta): ObjectMeta {
  const {
    deletionTimestamp: _deletion,
    deletionGracePeriodSeconds: _grace,
    generation: _generation,
    managedFields: _managers,
    ...open
  } = proposed;
  const {
    deletionTimestamp,
    deletionGracePeriodSeconds,
    generation,
    creationTimestamp,
    resourceVersion,
  } = current;
  return {
    ...open,
    name: open.name || current.name,
    ...(current.namespace !== undefined && {
      namespace: open.namespace || current.namespace,
    }),
    uid: open.uid || current.uid,
    resourceVersion,
    creationTimestamp,
    ...(generation !== undefined && { generation }),
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(deletionGracePeriodSeconds !== undefined && {
      deletionGracePeriodSeconds,
    }),
  };
}

function metadataViolations(current: ObjectMeta, next: ObjectMeta): Cause[] {
  const causes = ['name', 'namespace', 'uid']
    .filter(field => current[field] !== next[field])
    .map(field =>
      invalidField(`metadata.${field}`, next[field], 'field is immutable'),
    );
  const known = current.finalizers ?? [];
  causes.push(...finalizerViolations(next.finalizers ?? []));
  const added = (next.finalizers ?? []).filter(one => !known.includes(one));
  if (current.deletionTimestamp && added.length > 0) {
    const list = added.map(one => JSON.stringify(one)).join(', ');
    causes.push(
      forbiddenField(
        'metadata.finalizers',
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
      ),
    );
  }
  return causes;
}

/** Only a deletion begins a deletion. */
function forgedDeletion(current: ObjectMeta, proposed: ObjectMeta): Cause[] {
  return (['deletionTimestamp', 'deletionGracePeriodSeconds'] as const)
    .filter(field => current[field] === undefined && Boolean(proposed[field]))
    .map(field =>
      invalidField(
        `metadata.${field}`,
        proposed[field],
        'field is immutable; may only be changed via deletion',
      ),
    );
}

/** The schema of a custom resource holds for its status, too. */
function statusViolations(
  type: ResourceType,
  object: KubeObject,
): readonly Cause[] {
  return type.itemsCarryType ? type.validate?.(object) ?? [] : [];
}

function counted(
  type: ResourceType,
  current: KubeObject,
  next: KubeObject,
): KubeObject {
  if (!type.counted || sameJson(desired(type, current), desired(type, next))) {
    return next;
  }
  const generation = (current.metadata.generation ?? 0) + 1;
  return { ...next, metadata: { ...next.metadata, generation } };
}

function desired(type: ResourceType, object: KubeObject) {
  const { metadata: _metadata, status, ...rest } = object;
  return type.statusSubresource ? rest : { ...rest, status };
}
