// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from '../kinds/ResourceType';
import type { KubeObject } from '../objects';
import { timestamp } from '../timestamp';
import type { DeleteOptions, Propagation } from './DeleteOptions';

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/**
 * What a deletion makes of an object: it is removed at once, or it is marked
 * and waits for its finalizers, its grace period or its contents.
 */
export function deletionOf(
  type: ResourceType,
  object: KubeObject,
  options: DeleteOptions,
  now: Date,
): KubeObject | 'remove' {
  const { metadata } = object;
  const finalizers = finalizersFor(type, metadata.finalizers ?? [], options);
  const grace = type.gracePeriod?.(object, options.gracePeriodSeconds) ?? 0;
  const mayGo = finalizers.length === 0 && !type.heldBy?.(object);
  if (mayGo && grace === 0) return 'remove';
  if (metadata.deletionTimestamp !== undefined) {
    return shortened(object, finalizers, grace, now);
  }
  const { finalizers: _before, ...rest } = metadata;
  const marked: KubeObject = {
    ...object,
    metadata: {
      ...rest,
      ...(finalizers.length > 0 && { finalizers }),
      ...(metadata.generation !== undefined && {
        generation: metadata.generation + 1,
      }),
      deletionTimestamp: timestamp(new Date(now.getTime() + grace * 1000)),
      deletionGracePeriodSeconds: grace,
    },
  };
  return type.atDeletion?.(marked) ?? marked;
}

/** A second deletion may only bring the end nearer. */
function shortened(
  object: KubeObject,
  finalizers: readonly string[],
  grace: number,
  now: Date,
): KubeObject {
  const { finalizers: _before, ...metadata } = object.metadata;
  const left = metadata.deletionGracePeriodSeconds ?? 0;
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(finalizers.length > 0 && { finalizers: [...finalizers] }),
      ...(grace < left && {
        deletionTimestamp: timestamp(new Date(now.getTime() + grace * 1000)),
        deletionGracePeriodSeconds: grace,
      }),
    },
  };
}

/** The propagation policy is kept as a finalizer that the collector serves. */
function finalizersFor(
  type: ResourceType,
  present: readonly string[],
  { propagation }: DeleteOptions,
): string[] {
  const own = present.filter(one => one !== FOREGROUND && one !== ORPHAN);
  const chosen = propagation ?? policyOf(present) ?? type.defaultPropagation;
  if (chosen === 'Foreground') return [...own, FOREGROUND];
  if (chosen === 'Orphan') return [...own, ORPHAN];
  return own;
}

function policyOf(finalizers: readonly string[]): Propagation | undefined {
  if (finalizers.includes(ORPHAN)) return 'Orphan';
  return finalizers.includes(FOREGROUND) ? 'Foreground' : undefined;
}
