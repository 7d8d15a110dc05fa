// SPDX-License-Identifier: Apache-2.0
import {
  conditionOf,
  type ObservedCondition,
  type ObservedGitRepository,
  type ObservedKustomization,
} from './observed';
import type { FluxState } from './targetState';

/**
 * What Flux says about a Kustomization and the GitRepository behind it.
 *
 * A Ready condition that speaks about an older spec says nothing about this one and is Unknown.
 * A suspended object keeps its last conditions, so suspension comes from the spec. A fault of the
 * source (authentication, fetching) shows in the GitRepository alone: the Kustomization stays
 * Ready on the old revision, so both must be read.
 *
 * @param source - the GitRepository, or undefined when it is not known or of another kind
 */
export function describeFlux(
  kustomization: ObservedKustomization,
  source: ObservedGitRepository | undefined,
): FluxState {
  const stalled = conditionOf(kustomization, 'Stalled');
  return {
    ...readiness(kustomization),
    ...(stalled?.status === 'True' && {
      stalled: stalled.message ?? stalled.reason ?? 'Flux gave no reason.',
    }),
    suspended: kustomization.suspended,
    lastAppliedRevision: kustomization.lastAppliedRevision,
    lastAttemptedRevision: kustomization.lastAttemptedRevision,
    lastHandledReconcileAt: kustomization.lastHandledReconcileAt,
    ...(source && {
      source: {
        ...readiness(source),
        suspended: source.suspended,
        revision: source.revision,
        lastHandledReconcileAt: source.lastHandledReconcileAt,
      },
    }),
  };
}

interface Readiness {
  readonly ready: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
}

function readiness(object: {
  readonly generation?: number;
  readonly conditions: readonly ObservedCondition[];
}): Readiness {
  const ready = conditionOf(object, 'Ready');
  if (!ready) return { ready: 'Unknown' };
  const { generation = 0 } = object;
  if ((ready.observedGeneration ?? generation) < generation) {
    return {
      ready: 'Unknown',
      reason: 'Progressing',
      message: 'Flux has not looked at the newest version of this object yet.',
    };
  }
  return { ready: ready.status, reason: ready.reason, message: ready.message };
}
