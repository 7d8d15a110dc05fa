// SPDX-License-Identifier: Apache-2.0
import { Condition, conditionOf, KubernetesObject } from '../runtime/resources';

/** How far an object is, in the words of kstatus. */
export type Health =
  | 'Current'
  | 'InProgress'
  | 'Failed'
  | 'Terminating'
  | 'NotFound';

interface Observed extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly phase?: string;
  };
}

/** The health of a live object; `object` undefined means that it is not there. */
export function healthOf(
  object: KubernetesObject | undefined,
  kind: string,
): Health {
  if (!object) return 'NotFound';
  if (object.metadata.deletionTimestamp) return 'Terminating';
  const observed: Observed = object;
  const { generation } = object.metadata;
  const seen = observed.status?.observedGeneration;
  if (seen !== undefined && generation !== undefined && seen !== generation)
    return 'InProgress';
  if (kind === 'Deployment') return deploymentHealth(observed);
  const conditions = observed.status?.conditions;
  if (conditionOf(conditions, 'Stalled')?.status === 'True') return 'Failed';
  if (conditionOf(conditions, 'Reconciling')?.status === 'True')
    return 'InProgress';
  const ready = conditionOf(conditions, 'Ready');
  return ready && ready.status !== 'True' ? 'InProgress' : 'Current';
}

function deploymentHealth({ spec, status }: Observed): Health {
  const progressing = conditionOf(status?.conditions, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') return 'Failed';
  const wanted = spec?.replicas ?? 1;
  const counts = [
    status?.updatedReplicas,
    status?.availableReplicas,
    status?.readyReplicas,
  ];
  const complete =
    counts.every(count => (count ?? 0) >= wanted) &&
    (status?.replicas ?? 0) <= wanted;
  return complete &&
    conditionOf(status?.conditions, 'Available')?.status === 'True'
    ? 'Current'
    : 'InProgress';
}
