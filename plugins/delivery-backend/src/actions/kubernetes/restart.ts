// SPDX-License-Identifier: Apache-2.0
import {
  coreActionKinds,
  type ActionEvidence,
} from '@causeway/plugin-delivery-common';
import type {
  DeviceActionContext,
  DeviceActionExecutor,
} from '@causeway/plugin-delivery-node';
import { countPods, evict, podsOf, podsOn, type ReadPod } from './pods';

/**
 * Ends the pods of one workload that were on the device when it began, by eviction; their owner makes
 * new ones. Those are never touched, whatever happens in between: they have other ids.
 */
export const restart: DeviceActionExecutor = {
  kind: coreActionKinds.restart,
  async prepare(context) {
    const pods = (await podsOn(context)).filter(isOf(context));
    const here = pods.map(({ uid }) => uid);
    // A DaemonSet makes its new pod here; others may make theirs anywhere, among those that are there already.
    const all = pods.every(isOfDaemonSet) ? [] : await podsOfWorkload(context);
    return {
      pods: here,
      elsewhere: all.map(({ uid }) => uid).filter(uid => !here.includes(uid)),
    };
  },
  async advance(context, memory) {
    const workload = String(context.parameters.workload);
    const before = Array.isArray(memory.pods) ? memory.pods : [];
    const elsewhere = Array.isArray(memory.elsewhere) ? memory.elsewhere : [];
    if (before.length === 0) {
      return {
        state: 'failed',
        message: `No pod of ${workload} was on the device, so there was nothing to restart.`,
        retry: false,
      };
    }
    const pods = await podsOfWorkload(context);
    const old = pods.filter(({ uid }) => before.includes(uid));
    if (old.some(({ isOwned }) => !isOwned)) {
      return {
        state: 'failed',
        message: `Nobody owns the pod ${workload}, so nobody would start it again. Nothing was done.`,
        retry: false,
      };
    }
    const kept: string[] = [];
    for (const pod of old) {
      const eviction = await evict(context, pod);
      if (eviction.kind === 'kept') kept.push(eviction.message);
    }
    const fresh = pods.filter(
      pod =>
        pod.state === 'running' &&
        !before.includes(pod.uid) &&
        !elsewhere.includes(pod.uid) &&
        (!isOfDaemonSet(pod) || pod.node === context.node),
    );
    if (old.length === 0 && fresh.length > 0) {
      const message = `${countPods(
        before.length,
      )} of ${workload} ended; ${countPods(fresh.length)} of it ${
        fresh.length === 1 ? 'is' : 'are'
      } ready again${where(context, fresh)}.`;
      return {
        state: 'succeeded',
        receipt: {
          message,
          evidence: fresh.slice(0, 10).map(pod => evidence(context, pod)),
        },
      };
    }
    const done = before.length - old.length;
    const wait = kept.length > 0 ? ` ${kept[0].slice(0, 300)}` : '';
    return {
      state: 'running',
      progress: {
        message: `${done} of ${countPods(before.length)} ended so far.${wait}`,
        done,
        total: before.length,
      },
    };
  },
};

function isOf({
  parameters,
}: Pick<DeviceActionContext, 'parameters'>): (pod: ReadPod) => boolean {
  return ({ namespace, workload }) =>
    `${namespace}/${workload.name}` === parameters.workload;
}

function isOfDaemonSet({ workload }: ReadPod): boolean {
  return workload.kind === 'DaemonSet';
}

/** The pods of the workload on all devices, as they are now. */
async function podsOfWorkload(
  context: Pick<DeviceActionContext, 'cluster' | 'parameters'>,
): Promise<readonly ReadPod[]> {
  const [namespace] = String(context.parameters.workload).split('/');
  const objects = await context.cluster.list(
    `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
  );
  return podsOf(objects).filter(isOf(context));
}

function where(
  { node }: DeviceActionContext,
  fresh: readonly ReadPod[],
): string {
  const here = fresh.filter(pod => pod.node === node).length;
  return here > 0 ? `, ${here} here` : ', on other devices';
}

function evidence({ now }: DeviceActionContext, pod: ReadPod): ActionEvidence {
  return {
    object: `Pod ${pod.namespace}/${pod.name}`,
    seen: `It is ready on ${pod.node}.`,
    at: now.toISOString(),
  };
}
