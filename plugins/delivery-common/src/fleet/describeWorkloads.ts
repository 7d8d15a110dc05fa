// SPDX-License-Identifier: Apache-2.0
import type { Applications, Axis, Hold, Update } from './device';
import type { ObservedPod } from './observed';

/** Images that a workload's template asks for; undefined when the workload is not known. */
export type WantedImages = (
  pod: Pick<ObservedPod, 'namespace' | 'workload'>,
) => readonly string[] | undefined;

/** Whether all that should run on a device that we hear does. What belongs to the node itself is left out. */
export function describeApplications(
  pods: readonly ObservedPod[],
): Axis<Applications> {
  const counted = pods.filter(
    ({ ofSystem, state }) => !ofSystem && state !== 'finished',
  );
  if (counted.length === 0) return { state: 'none' };
  const failing = counted.filter(({ state }) => state === 'failing');
  const [first] = failing;
  if (first) {
    return {
      state: failing.length === counted.length ? 'failed' : 'degraded',
      reason: {
        code: 'failing',
        message: `${failing.length} of ${counted.length} fail, such as ${
          first.workload.name
        }${first.reason ? `: ${first.reason}` : ''}.`,
      },
    };
  }
  const starting = counted.filter(({ state }) => state === 'starting').length;
  if (starting > 0) {
    return {
      state: 'degraded',
      reason: {
        code: 'starting',
        message: `${starting} of ${counted.length} are not ready yet.`,
      },
    };
  }
  return { state: 'healthy' };
}

/**
 * Whether the pods on a device have the images that their workloads ask for. `isHeard` tells whether
 * that is the present: of a device that is away, only that it is behind can be said.
 */
export function describeUpdate(
  pods: readonly ObservedPod[],
  wantedImages: WantedImages,
  isHeard: boolean,
): Axis<Update> {
  const compared = pods.flatMap(pod => {
    const wanted = pod.state === 'finished' ? undefined : wantedImages(pod);
    return wanted ? [{ pod, isNew: sameImages(pod.images, wanted) }] : [];
  });
  const old = compared.filter(({ isNew }) => !isNew);
  const [first] = old;
  if (first) return behind(first.pod, old.length, compared, isHeard);
  if (!isHeard) {
    return {
      state: 'unknown',
      reason: {
        code: 'notHeard',
        message: 'What runs is not known while it is not heard.',
      },
    };
  }
  const coming = compared.find(
    ({ pod: { state } }) => state === 'starting' || state === 'held',
  );
  if (coming) {
    return coming.pod.state === 'held'
      ? {
          state: 'updating',
          reason: {
            code: 'heldByDevice',
            message: `The device holds ${coming.pod.workload.name} back.`,
          },
        }
      : {
          state: 'updating',
          reason: {
            code: 'starting',
            message: `${coming.pod.workload.name} starts.`,
          },
        };
  }
  return compared.length > 0
    ? { state: 'upToDate' }
    : {
        state: 'unknown',
        reason: {
          code: 'nothingToCompare',
          message: 'No workload runs here whose wanted version is known.',
        },
      };
}

function behind(
  pod: ObservedPod,
  count: number,
  compared: readonly { readonly pod: ObservedPod; readonly isNew: boolean }[],
  isHeard: boolean,
): Axis<Update> {
  const others = count > 1 ? ` and ${count - 1} more` : '';
  if (!isHeard) {
    return {
      state: 'outOfDate',
      reason: {
        code: 'awayAndBehind',
        message: `${pod.workload.name}${others} had an older version when it was heard last.`,
      },
    };
  }
  const replaced = compared.some(
    ({ pod: other, isNew }) =>
      (isNew || other.state === 'ending') &&
      other.namespace === pod.namespace &&
      other.workload.name === pod.workload.name,
  );
  return {
    state: replaced ? 'updating' : 'outOfDate',
    reason: {
      code: replaced ? 'replacing' : 'olderVersion',
      message: `${pod.workload.name}${others} ${
        replaced ? 'is being replaced' : 'runs an older version'
      }.`,
    },
  };
}

/** Who keeps a device from being updated: KubeEdge's word for a pod, or an operator's annotation. */
export function describeHold(
  pods: readonly ObservedPod[],
  heldBecause: string | undefined,
): Axis<Hold> {
  const held = pods.find(({ state }) => state === 'held');
  if (held) {
    return {
      state: 'device',
      reason: {
        code: 'heldUpgrade',
        message: `The device holds ${held.workload.name} back until somebody there lets it go.`,
      },
    };
  }
  return heldBecause === undefined
    ? { state: 'none' }
    : {
        state: 'operator',
        reason: {
          code: 'annotation',
          message: heldBecause || 'An operator holds it.',
        },
      };
}

function sameImages(one: readonly string[], other: readonly string[]): boolean {
  return (
    one.length === other.length &&
    one.every((image, index) => image === other[index])
  );
}
