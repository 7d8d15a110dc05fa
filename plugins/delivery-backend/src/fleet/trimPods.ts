// SPDX-License-Identifier: Apache-2.0
import type {
  ObservedDaemonSet,
  ObservedPod,
  PodState,
} from '@causeway/plugin-delivery-common';
import { listIn, numberIn, recordIn, textIn } from '../clusters/fields';
import { trimIdentity, trimImages } from '../clusters/trim';
import { share } from './internText';
import { trimPullPod, type ObservedPull } from './trimPulls';

/** A pod, and what it brings when it only brings images. */
export interface PodOfDevice extends ObservedPod {
  readonly pull?: ObservedPull;
}

/** Keeps what we need of a Pod: neither its environment nor its annotations. */
export function trimPod(object: unknown): PodOfDevice | undefined {
  const identity = trimIdentity(object);
  const spec = recordIn(object, 'spec');
  if (!identity || !spec) return undefined;
  const metadata = recordIn(object, 'metadata');
  const status = recordIn(object, 'status');
  const { state, reason } = stateOf(identity.deleting, status);
  const restarts = listIn(status, 'containerStatuses').map(
    each => numberIn(each, 'restartCount') ?? 0,
  );
  const readySince = Date.parse(
    textIn(trueIn(status, 'Ready'), 'lastTransitionTime') ?? '',
  );
  const isMirror =
    textIn(recordIn(metadata, 'annotations'), 'kubernetes.io/config.mirror') !==
    undefined;
  const pull = trimPullPod(object);
  return {
    ...(pull && { pull }),
    namespace: share(identity.namespace),
    name: identity.name,
    deleting: identity.deleting,
    node: textIn(spec, 'nodeName') ?? '',
    workload: workloadOf(metadata, identity.name),
    images: [...listIn(spec, 'containers'), ...listIn(spec, 'initContainers')]
      .flatMap(container => textIn(container, 'image') ?? [])
      .map(image => share(image)),
    state,
    ...(reason !== undefined && { reason: share(reason.slice(0, 200)) }),
    ...(readySince > 0 && { readySince }),
    restarts: restarts.reduce((sum, count) => sum + count, 0),
    ...(restarts.length > 1 && { containerRestarts: restarts }),
    ofSystem: isMirror || identity.namespace === 'kube-system',
  };
}

/** Keeps what we need of a DaemonSet. */
export function trimDaemonSet(object: unknown): ObservedDaemonSet | undefined {
  const identity = trimIdentity(object);
  const spec = recordIn(object, 'spec');
  const status = recordIn(object, 'status');
  return (
    identity &&
    spec && {
      ...identity,
      images: trimImages(spec),
      onDelete: textIn(recordIn(spec, 'updateStrategy'), 'type') === 'OnDelete',
      observedGeneration: numberIn(status, 'observedGeneration'),
      desired: numberIn(status, 'desiredNumberScheduled') ?? 0,
      updated: numberIn(status, 'updatedNumberScheduled') ?? 0,
      ready: numberIn(status, 'numberReady') ?? 0,
      available: numberIn(status, 'numberAvailable') ?? 0,
    }
  );
}

/** A ReplicaSet of a Deployment has the Deployment's name and the hash of the template. */
function workloadOf(
  metadata: unknown,
  pod: string,
): { readonly kind: string; readonly name: string } {
  const [owner] = listIn(metadata, 'ownerReferences');
  const kind = textIn(owner, 'kind');
  const name = textIn(owner, 'name');
  if (kind === undefined || name === undefined) {
    return { kind: 'Pod', name: pod };
  }
  const hash = textIn(recordIn(metadata, 'labels'), 'pod-template-hash');
  return kind === 'ReplicaSet' && hash && name.endsWith(`-${hash}`)
    ? { kind: 'Deployment', name: share(name.slice(0, -hash.length - 1)) }
    : { kind: share(kind), name: share(name) };
}

/** Waiting for these is no failure: the container comes. */
const usualWaits = new Set(['ContainerCreating', 'PodInitializing']);

function stateOf(
  deleting: boolean,
  status: unknown,
): { readonly state: PodState; readonly reason?: string } {
  const phase = textIn(status, 'phase');
  if (phase === 'Succeeded') return { state: 'finished' };
  if (deleting) return { state: 'ending' };
  const reason = textIn(status, 'reason');
  if (phase === 'Failed') return { state: 'failing', reason };
  if (trueIn(status, 'HeldUpgrade'))
    return { state: 'held', reason: 'HeldUpgrade' };
  const trouble = [
    ...listIn(status, 'initContainerStatuses'),
    ...listIn(status, 'containerStatuses'),
  ]
    .map(each => textIn(recordIn(recordIn(each, 'state'), 'waiting'), 'reason'))
    .find(waiting => waiting !== undefined && !usualWaits.has(waiting));
  if (trouble) return { state: 'failing', reason: trouble };
  if (phase === 'Running' && trueIn(status, 'Ready'))
    return { state: 'running' };
  if (phase === 'Unknown') return { state: 'unknown' };
  return { state: 'starting' };
}

/** The condition of that type, if it is true. */
function trueIn(status: unknown, type: string): unknown {
  return listIn(status, 'conditions').find(
    each => textIn(each, 'type') === type && textIn(each, 'status') === 'True',
  );
}
