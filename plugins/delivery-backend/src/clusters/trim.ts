// SPDX-License-Identifier: Apache-2.0
import type {
  ObservedCondition,
  ObservedDeployment,
  ObservedGitRepository,
  ObservedJob,
  ObservedIdentity,
  ObservedKustomization,
  ObservedService,
} from '@causeway/plugin-delivery-common';
import { listIn, numberIn, recordIn, textIn } from './fields';

/**
 * What is kept of a cluster's objects: the fields that decisions need and nothing else. Managed
 * fields, annotations, environment values and whatever else the objects carry never get into
 * memory for longer than this takes. An object that does not have the shape of its kind is
 * undefined.
 */

/** Keeps what we need of a Flux Kustomization. */
export function trimKustomization(
  object: unknown,
): ObservedKustomization | undefined {
  const identity = trimIdentity(object);
  const spec = recordIn(object, 'spec');
  const source = recordIn(spec, 'sourceRef');
  const status = recordIn(object, 'status');
  const kind = textIn(source, 'kind');
  const name = textIn(source, 'name');
  if (!identity || !kind || !name) return undefined;
  return {
    ...identity,
    suspended: spec?.suspend === true,
    source: {
      kind,
      name,
      namespace: textIn(source, 'namespace') ?? identity.namespace,
    },
    conditions: trimConditions(status),
    lastAppliedRevision: textIn(status, 'lastAppliedRevision'),
    lastAttemptedRevision: textIn(status, 'lastAttemptedRevision'),
    lastHandledReconcileAt: textIn(status, 'lastHandledReconcileAt'),
  };
}

/** Keeps what we need of a Flux GitRepository. */
export function trimGitRepository(
  object: unknown,
): ObservedGitRepository | undefined {
  const identity = trimIdentity(object);
  const status = recordIn(object, 'status');
  return (
    identity && {
      ...identity,
      suspended: recordIn(object, 'spec')?.suspend === true,
      conditions: trimConditions(status),
      revision: textIn(recordIn(status, 'artifact'), 'revision'),
      lastHandledReconcileAt: textIn(status, 'lastHandledReconcileAt'),
    }
  );
}

/** Keeps what we need of a Deployment. */
export function trimDeployment(
  object: unknown,
): ObservedDeployment | undefined {
  const identity = trimIdentity(object);
  const spec = recordIn(object, 'spec');
  const status = recordIn(object, 'status');
  if (!identity || !spec) return undefined;
  return {
    ...identity,
    paused: spec.paused === true,
    images: trimImages(spec),
    podLabels: trimTexts(
      recordIn(recordIn(spec, 'template'), 'metadata'),
      'labels',
    ),
    desired: numberIn(spec, 'replicas') ?? 1,
    conditions: trimConditions(status),
    observedGeneration: numberIn(status, 'observedGeneration'),
    total: numberIn(status, 'replicas') ?? 0,
    updated: numberIn(status, 'updatedReplicas') ?? 0,
    ready: numberIn(status, 'readyReplicas') ?? 0,
    available: numberIn(status, 'availableReplicas') ?? 0,
  };
}

/** Keeps what we need of a Service. */
export function trimService(object: unknown): ObservedService | undefined {
  const identity = trimIdentity(object);
  return (
    identity && {
      ...identity,
      selector: trimTexts(recordIn(object, 'spec'), 'selector'),
    }
  );
}

/** Keeps what we need of a Job. */
export function trimJob(object: unknown): ObservedJob | undefined {
  const identity = trimIdentity(object);
  return (
    identity && {
      ...identity,
      conditions: trimConditions(recordIn(object, 'status')),
    }
  );
}

/** The texts of a mapping such as labels. */
function trimTexts(
  value: unknown,
  key: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(recordIn(value, key) ?? {}).flatMap(([name, text]) =>
      typeof text === 'string' ? [[name, text] as const] : [],
    ),
  );
}

/** Images of the pod template in a spec: containers first, then init containers. */
export function trimImages(spec: unknown): readonly string[] {
  const pod = recordIn(recordIn(spec, 'template'), 'spec');
  return [
    ...listIn(pod, 'containers'),
    ...listIn(pod, 'initContainers'),
  ].flatMap(container => textIn(container, 'image') ?? []);
}

/** The resource version that an object carries. It is opaque and only handed back to its server. */
export function resourceVersionOf(object: unknown): string | undefined {
  return textIn(recordIn(object, 'metadata'), 'resourceVersion');
}

/** What names an object; undefined when it has no name. */
export function trimIdentity(object: unknown): ObservedIdentity | undefined {
  const metadata = recordIn(object, 'metadata');
  const name = textIn(metadata, 'name');
  const namespace = textIn(metadata, 'namespace');
  if (!name || !namespace) return undefined;
  return {
    namespace,
    name,
    generation: numberIn(metadata, 'generation'),
    deleting: textIn(metadata, 'deletionTimestamp') !== undefined,
  };
}

/** What names an object of a kind without namespaces: its namespace is empty. */
export function trimClusterIdentity(
  object: unknown,
): ObservedIdentity | undefined {
  const metadata = recordIn(object, 'metadata');
  const name = textIn(metadata, 'name');
  return name === undefined
    ? undefined
    : {
        namespace: '',
        name,
        deleting: textIn(metadata, 'deletionTimestamp') !== undefined,
      };
}

/** The conditions that have a type and a value. */
export function trimConditions(status: unknown): readonly ObservedCondition[] {
  return listIn(status, 'conditions').flatMap(condition => {
    const type = textIn(condition, 'type');
    const state = textIn(condition, 'status');
    if (!type || (state !== 'True' && state !== 'False' && state !== 'Unknown'))
      return [];
    return {
      type,
      status: state,
      reason: textIn(condition, 'reason'),
      message: textIn(condition, 'message'),
      observedGeneration: numberIn(condition, 'observedGeneration'),
    };
  });
}
