// SPDX-License-Identifier: Apache-2.0
import type { ObservedIdentity } from '@causeway/plugin-delivery-common';
import { listIn, recordIn, textIn } from '../clusters/fields';
import { trimClusterIdentity, trimIdentity } from '../clusters/trim';

/** Marks what brings an image to a device ahead of its order; the value is the promotion that asked. */
export const pullLabel = 'causeway.dev/image-pull';

/** What brings an image to a device: a pod that starts nothing, or a job of KubeEdge. */
export type PullKind = 'Pod' | 'ImagePrePullJob';

/** An image on its way to a device. */
export interface ObservedPull extends ObservedIdentity {
  readonly kind: PullKind;
  /** Id of the promotion whose wave asked for it. */
  readonly promotion: string;
  readonly node: string;
  /** Milliseconds since the epoch by the clock of the API server. */
  readonly madeAt: number;
  /** `failing` may come right by itself, `failed` does not. */
  readonly state: 'pulling' | 'failing' | 'failed' | 'present';
  /** Why it fails, without a full stop. */
  readonly reason?: string;
}

type Progress = Pick<ObservedPull, 'state' | 'reason'>;

const longestReason = 300;

/** A pod that was made to pull images; undefined for all others. */
export function trimPullPod(object: unknown): ObservedPull | undefined {
  const identity = trimIdentity(object);
  const about = trimPull(object);
  if (!identity || !about) return undefined;
  const node = textIn(recordIn(object, 'spec'), 'nodeName') ?? '';
  const progress = progressOfPod(object);
  return { ...identity, ...about, kind: 'Pod', node, ...progress };
}

/** An ImagePrePullJob (operations.kubeedge.io/v1alpha2) of ours; undefined for all others. */
export function trimPullJob(object: unknown): ObservedPull | undefined {
  const identity = trimClusterIdentity(object);
  const about = trimPull(object);
  const template = recordIn(recordIn(object, 'spec'), 'imagePrePullTemplate');
  const [node] = listIn(template, 'nodeNames');
  if (!identity || !about || typeof node !== 'string') return undefined;
  const progress = progressOfJob(recordIn(object, 'status'));
  return { ...identity, ...about, kind: 'ImagePrePullJob', node, ...progress };
}

function trimPull(
  object: unknown,
): Pick<ObservedPull, 'promotion' | 'madeAt'> | undefined {
  const metadata = recordIn(object, 'metadata');
  const promotion = textIn(recordIn(metadata, 'labels'), pullLabel);
  const madeAt = Date.parse(textIn(metadata, 'creationTimestamp') ?? '');
  return promotion === undefined
    ? undefined
    : { promotion, madeAt: Number.isNaN(madeAt) ? 0 : madeAt };
}

/** Waits of a container before its image is there. */
const beforePull = new Set(['ContainerCreating', 'PodInitializing']);

/** What a kubelet says of an image that it cannot pull; all its other reasons come after the pull. */
const pullFailures = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ImageInspectError',
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);

/**
 * A kubelet pulls the image of a container before it makes, and long before it starts it. So a container
 * that ran, or could not be made or started, proves that its image is there.
 */
function progressOfPod(object: unknown): Progress {
  const status = recordIn(object, 'status');
  const wanted = listIn(recordIn(object, 'spec'), 'containers').length;
  const containers = listIn(status, 'containerStatuses').map(progressOfOne);
  const unlucky = containers.find(({ state }) => state === 'failing');
  if (unlucky) return unlucky;
  const present = containers.filter(({ state }) => state === 'present').length;
  if (present === wanted && wanted > 0) return { state: 'present' };
  if (textIn(status, 'phase') !== 'Failed') return { state: 'pulling' };
  // Refused by the kubelet, evicted, or out of time.
  return failed(textIn(status, 'reason'), textIn(status, 'message'), 'failed');
}

function progressOfOne(container: unknown): Progress {
  const state = recordIn(container, 'state');
  if (recordIn(state, 'terminated') ?? recordIn(state, 'running'))
    return { state: 'present' };
  const waiting = recordIn(state, 'waiting');
  const reason = textIn(waiting, 'reason');
  if (reason === undefined || beforePull.has(reason))
    return { state: 'pulling' };
  return pullFailures.has(reason)
    ? failed(reason, textIn(waiting, 'message'), 'failing')
    : { state: 'present' };
}

function progressOfJob(
  status: Readonly<Record<string, unknown>> | undefined,
): Progress {
  // Cloudcore writes a phase as soon as it has seen the job.
  if (textIn(status, 'phase') === undefined)
    return failed(
      'cloudcore has not taken up the ImagePrePullJob',
      'see whether its task manager is on',
      'failing',
    );
  const [task] = listIn(status, 'nodeStatus');
  const phase = textIn(task, 'phase');
  if (phase === 'Successful') return { state: 'present' };
  const isOver =
    phase === 'Failure' ||
    phase === 'Unknown' ||
    textIn(status, 'phase') === 'Failure';
  if (!isOver) return { state: 'pulling' };
  const images = listIn(task, 'imageStatus').flatMap(
    each => textIn(each, 'reason') ?? [],
  );
  const why = textIn(task, 'reason') ?? textIn(status, 'reason');
  return failed(why, images.join(', ') || undefined, 'failed');
}

function failed(
  reason: string | undefined,
  message: string | undefined,
  state: 'failing' | 'failed',
): Progress {
  const text = [reason, message].filter(Boolean).join(': ');
  return {
    state,
    reason: (text || 'no reason given')
      .slice(0, longestReason)
      .replace(/\.$/, ''),
  };
}
