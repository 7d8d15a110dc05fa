// SPDX-License-Identifier: Apache-2.0
import type { ActionEvidence } from '@causeway/plugin-delivery-common';
import type { DeviceActionContext } from '@causeway/plugin-delivery-node';
import { recordIn, textIn } from '../../clusters/fields';
import { namespaced } from '../../clusters/namespaced';
import { trimDaemonSet } from '../../fleet/trimPods';
import { podsOn } from './pods';

/** A workload with pods on a device. */
export interface WorkloadOn {
  readonly kind: string;
  /** `namespace/name` */
  readonly name: string;
  /** Whether its pods there are changed by waves alone, which leave held devices out. */
  readonly obeys: boolean;
  /** Where that was read. */
  readonly evidence?: ActionEvidence;
}

/** So many names are told of each sort. */
const mostNames = 10;
/** What has no template whose change would change its pods. */
const never = new Set(['Pod', 'Job', 'Node']);

/** The workloads of people that have pods on the device and that an update could change, by name. */
export async function workloadsOn(
  context: DeviceActionContext,
): Promise<readonly WorkloadOn[]> {
  const found = new Map<string, { kind: string; key: NamespacedName }>();
  for (const { namespace, workload, state, ofSystem } of await podsOn(
    context,
  )) {
    if (ofSystem || state === 'finished' || never.has(workload.kind)) continue;
    const { kind, name } = workload;
    found.set(`${namespace}/${name} ${kind}`, {
      kind,
      key: { namespace, name },
    });
  }
  const sorted = [...found].sort(([one], [other]) => (one < other ? -1 : 1));
  return Promise.all(
    sorted.map(([, { kind, key }]) => describe(context, kind, key)),
  );
}

interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

/** Only a DaemonSet that waits until somebody deletes its pods leaves a device as it is. */
async function describe(
  { cluster, now }: DeviceActionContext,
  kind: string,
  key: NamespacedName,
): Promise<WorkloadOn> {
  const name = `${key.namespace}/${key.name}`;
  if (kind !== 'DaemonSet') return { kind, name, obeys: false };
  const read = await cluster.get(namespaced('/apis/apps/v1/daemonsets', key));
  const obeys = trimDaemonSet(read)?.onDelete === true;
  return {
    kind,
    name,
    obeys,
    evidence: {
      object: `DaemonSet ${name}`,
      resourceVersion: textIn(recordIn(read, 'metadata'), 'resourceVersion'),
      seen: obeys
        ? 'Its pods change only when somebody deletes them (OnDelete).'
        : 'Kubernetes changes its pods by itself (RollingUpdate).',
      at: now.toISOString(),
    },
  };
}

/** Which workloads stay as they are on a device that is held, and which do not. */
export function sayObedience(workloads: readonly WorkloadOn[]): string {
  if (workloads.length === 0) {
    return 'No workload that an update could change runs there now.';
  }
  const obeying = workloads.filter(({ obeys }) => obeys);
  const others = workloads.filter(({ obeys }) => !obeys);
  return [
    obeying.length > 0 &&
      `Waves alone change ${namesOf(obeying)}, and they leave the device out.`,
    others.length > 0 &&
      `Not kept: ${namesOf(
        others,
      )}. Kubernetes changes the pods of these by itself.`,
  ]
    .filter(sentence => sentence !== false)
    .join(' ');
}

function namesOf(workloads: readonly WorkloadOn[]): string {
  const names = workloads
    .slice(0, mostNames)
    .map(({ kind, name }) => `${name} (${kind})`);
  const rest = workloads.length - names.length;
  return `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
