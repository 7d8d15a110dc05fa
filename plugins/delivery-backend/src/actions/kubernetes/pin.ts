// SPDX-License-Identifier: Apache-2.0
import {
  coreActionKinds,
  pinMark,
  sayHold,
  whyNotLetGo,
} from '@causeway/plugin-delivery-common';
import type {
  DeviceActionContext,
  DeviceActionExecutor,
  DeviceActionTurn,
} from '@causeway/plugin-delivery-node';
import { holdAnnotation, pinAnnotation } from '../../fleet/trimNodes';
import {
  annotateNode,
  holdOf,
  nodeEvidence,
  nodeGone,
  readNode,
  type ReadNode,
} from './nodes';
import { podsOn } from './pods';
import { sayObedience, workloadsOn } from './workloadsOn';

const told: DeviceActionTurn = {
  state: 'running',
  progress: { message: 'The cluster was told.' },
};

/**
 * Writes the hold that waves respect onto the Node, with a mark by which it is known again. What is
 * held already stays as it is, whoever holds it.
 */
export const pin: DeviceActionExecutor = {
  kind: coreActionKinds.pin,
  prepare: async () => ({}),
  async advance(context) {
    const node = await readNode(context);
    if (!node) return nodeGone(context);
    const { actor, reason } = context;
    const hold = holdOf(node);
    if (!hold) {
      await annotateNode(context, node, {
        [holdAnnotation]: reason,
        [pinAnnotation]: pinMark(actor, reason),
      });
      return told;
    }
    if (hold.pinnedBy !== actor || hold.text !== reason) {
      return {
        state: 'failed',
        message: `${sayHold(hold)} It stays so; nothing was done.`,
        retry: false,
      };
    }
    const workloads = await workloadsOn(context);
    return {
      state: 'succeeded',
      receipt: {
        message: `The device is pinned. ${sayObedience(workloads)}`,
        evidence: [
          nodeEvidence(context, node, `${holdAnnotation}: ${hold.text}`),
          ...workloads.flatMap(({ evidence }) => evidence ?? []),
        ],
      },
    };
  },
};

/** Takes the hold away again; one that somebody else has put there only when its text was said. */
export const unpin: DeviceActionExecutor = {
  kind: coreActionKinds.unpin,
  prepare: async () => ({}),
  async advance(context) {
    const node = await readNode(context);
    if (!node) return nodeGone(context);
    const hold = holdOf(node);
    if (!hold) return unpinned(context, node);
    const refusal = whyNotLetGo(hold, context.parameters.held);
    if (refusal) {
      return { state: 'failed', message: refusal.message, retry: false };
    }
    await annotateNode(context, node, {
      [holdAnnotation]: null,
      [pinAnnotation]: null,
    });
    return told;
  },
};

async function unpinned(
  context: DeviceActionContext,
  node: ReadNode,
): Promise<DeviceActionTurn> {
  const held = (await podsOn(context)).find(({ state }) => state === 'held');
  const still = held
    ? ` The device itself still holds back ${held.namespace}/${held.workload.name}; only somebody there can let it go, by keadm ctl unhold-upgrade.`
    : '';
  const seen = `No operator holds it: it has no annotation ${holdAnnotation}.`;
  return {
    state: 'succeeded',
    receipt: {
      message: `The device is not pinned any more.${still}`,
      evidence: [nodeEvidence(context, node, seen)],
    },
  };
}
