// SPDX-License-Identifier: Apache-2.0
import { PORTAL_ACTOR, type WaveState } from '@causeway/plugin-delivery-common';
import type { ActingCluster } from '../clusters/ActingCluster';
import type { StageDevice } from './observeDevices';
import type { SeenTemplate } from './templateSeen';

/** A cluster in which pods can be made, replaced and asked. */
export type ActOn = (
  cluster: string,
  behalf: { readonly actor: string },
  signal: AbortSignal,
) =>
  | Pick<ActingCluster, 'get' | 'list' | 'create' | 'remove' | 'status'>
  | undefined;

/** A pod that has to go so that its device gets what it should have. */
export interface PodToReplace {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  /** `evict` asks whether the workload can spare it; what is broken is deleted. */
  readonly how: 'evict' | 'delete';
}

/**
 * The pods that have to go now. It follows from what the wave wants and what is there, so it can be
 * asked again at any time, and after any crash: a pod that is what it should be is never touched, and
 * none is while the template would give its device something else.
 */
export function podsToReplace(
  wave: WaveState,
  devices: ReadonlyMap<string, StageDevice>,
  seen: (target: StageDevice['target']) => SeenTemplate,
): readonly PodToReplace[] {
  return wave.devices.flatMap(({ device, progress }): PodToReplace[] => {
    const found = devices.get(device.id);
    const pod = found?.pod;
    if (!found || !pod || !found.device.connected || found.device.hold)
      return [];
    const runsRelease = found.device.running === wave.target;
    const { cluster } = found.target;
    const { namespace, name } = pod;
    const template = seen(found.target);
    if (progress.phase === 'inFlight' && !runsRelease)
      return template === 'release'
        ? [{ cluster, namespace, name, how: 'evict' }]
        : [];
    if (progress.phase === 'takingBack' && runsRelease)
      return template === 'before'
        ? [{ cluster, namespace, name, how: 'delete' }]
        : [];
    return [];
  });
}

/**
 * Takes a pod away; its DaemonSet makes a new one from the template. Repeating it is harmless, since
 * the new one has another name.
 * @throws NotAllowedError, ServiceUnavailableError
 */
export async function replacePod(
  actOn: ActOn,
  { cluster, namespace, name, how }: PodToReplace,
  signal: AbortSignal,
): Promise<void> {
  const there = actOn(cluster, { actor: PORTAL_ACTOR }, signal);
  const path = `/api/v1/namespaces/${encodeURIComponent(
    namespace,
  )}/pods/${encodeURIComponent(name)}`;
  if (how === 'delete') {
    await there?.remove(path);
    return;
  }
  // A refusal because of a disruption budget is asked again at the next look.
  await there?.create(`${path}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { namespace, name },
  });
}
