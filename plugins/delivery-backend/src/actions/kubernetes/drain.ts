// SPDX-License-Identifier: Apache-2.0
import { coreActionKinds } from '@causeway/plugin-delivery-common';
import type {
  DeviceActionContext,
  DeviceActionExecutor,
  DeviceActionTurn,
} from '@causeway/plugin-delivery-node';
import {
  nodeEvidence,
  nodeGone,
  patchNode,
  readNode,
  type ReadNode,
} from './nodes';
import { countPods, evict, podsOn, type ReadPod } from './pods';

/**
 * Cordons the node, then asks every pod to go that can live elsewhere, again and again until none is
 * left or the time is over. What a disruption budget keeps is asked again in the next turn.
 */
export const drain: DeviceActionExecutor = {
  kind: coreActionKinds.drain,
  async prepare(context) {
    return { pods: (await podsOn(context)).filter(leaves).length };
  },
  async advance(context, memory) {
    const node = await readNode(context);
    if (!node) return nodeGone(context);
    const pods = await podsOn(context);
    const alone = pods.filter(pod => leaves(pod) && !pod.isOwned);
    if (alone.length > 0) return wouldBeLost(context, node, alone);
    if (!node.unschedulable) {
      await patchNode(context, node, { unschedulable: true });
      return {
        state: 'running',
        progress: { message: 'The device is cordoned.' },
      };
    }
    const leaving = pods.filter(leaves);
    if (leaving.length === 0) return drained(context, node, pods);
    const kept: string[] = [];
    for (const pod of leaving) {
      const eviction = await evict(context, pod);
      if (eviction.kind === 'kept') {
        kept.push(`${pod.namespace}/${pod.name}: ${eviction.message}`);
      }
    }
    const total = Math.max(Number(memory.pods ?? 0), leaving.length);
    return {
      state: 'running',
      progress: {
        message: sayProgress(total - leaving.length, total, kept),
        done: total - leaving.length,
        total,
      },
    };
  },
};

/** Pods of DaemonSets come back at once, static ones belong to the device, and ended ones are over. */
function leaves(pod: ReadPod): boolean {
  return (
    pod.workload.kind !== 'DaemonSet' &&
    !pod.isMirror &&
    pod.state !== 'finished'
  );
}

function wouldBeLost(
  context: DeviceActionContext,
  node: ReadNode,
  alone: readonly ReadPod[],
): DeviceActionTurn {
  const names = alone
    .slice(0, 5)
    .map(({ namespace, name }) => `${namespace}/${name}`);
  return {
    state: 'failed',
    message: `Nobody would make ${countPods(
      alone.length,
    )} again that nobody owns (${names.join(
      ', ',
    )}). Delete or move them first; nothing was evicted.`,
    evidence: [
      nodeEvidence(
        context,
        node,
        `${countPods(alone.length)} without an owner are there.`,
      ),
    ],
    retry: false,
  };
}

function drained(
  context: DeviceActionContext,
  node: ReadNode,
  pods: readonly ReadPod[],
): DeviceActionTurn {
  const stay = pods.filter(({ state }) => state !== 'finished').length;
  const message =
    stay > 0
      ? `No pod is left that can live elsewhere; ${countPods(
          stay,
        )} of DaemonSets or of the device itself stay.`
      : 'No pod is left.';
  return {
    state: 'succeeded',
    receipt: {
      message,
      evidence: [
        nodeEvidence(context, node, 'It takes no new work. '.concat(message)),
      ],
    },
  };
}

function sayProgress(
  done: number,
  total: number,
  kept: readonly string[],
): string {
  const left = `${done} of ${countPods(total)} have left.`;
  return kept.length > 0
    ? `${left} ${countPods(
        kept.length,
      )} must stay for now, because of disruption budgets: ${kept[0].slice(
        0,
        300,
      )}`
    : left;
}
