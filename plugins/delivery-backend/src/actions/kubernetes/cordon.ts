// SPDX-License-Identifier: Apache-2.0
import { coreActionKinds } from '@causeway/plugin-delivery-common';
import type { DeviceActionExecutor } from '@causeway/plugin-delivery-node';
import { nodeEvidence, nodeGone, patchNode, readNode } from './nodes';

/** Keeps new work away, or lets it come again. */
function scheduling(
  kind: DeviceActionExecutor['kind'],
  unschedulable: boolean,
): DeviceActionExecutor {
  const seen = unschedulable
    ? 'It takes no new work (spec.unschedulable).'
    : 'It takes new work.';
  return {
    kind,
    prepare: async () => ({}),
    async advance(context) {
      const node = await readNode(context);
      if (!node) return nodeGone(context);
      if (node.unschedulable === unschedulable) {
        return {
          state: 'succeeded',
          receipt: {
            message: seen,
            evidence: [nodeEvidence(context, node, seen)],
          },
        };
      }
      // A merge patch takes a field away by null.
      await patchNode(context, node, { unschedulable: unschedulable || null });
      return {
        state: 'running',
        progress: { message: 'The cluster was told.' },
      };
    },
  };
}

/** Cordon. */
export const cordon = scheduling(coreActionKinds.cordon, true);

/** Uncordon. */
export const uncordon = scheduling(coreActionKinds.uncordon, false);
