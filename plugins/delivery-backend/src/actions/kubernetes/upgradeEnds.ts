// SPDX-License-Identifier: Apache-2.0
import type { ActionEvidence } from '@causeway/plugin-delivery-common';
import type {
  DeviceActionContext,
  DeviceActionTurn,
} from '@causeway/plugin-delivery-node';
import { attemptName } from './attemptObject';
import { nodeEvidence, type ReadNode } from './nodes';

/** The end of an upgrade whose node tells the version and is ready. */
export function upgraded(
  context: DeviceActionContext,
  what: string,
  node: ReadNode,
  evidence: readonly ActionEvidence[] = [],
): DeviceActionTurn {
  const { version } = context.parameters;
  return {
    state: 'succeeded',
    receipt: {
      message: `The device runs ${what} ${version} and is ready.`,
      evidence: [
        nodeEvidence(
          context,
          node,
          `Its kubelet tells ${node.version}; it is ready.`,
        ),
        ...evidence,
      ],
    },
  };
}

/** The end of an upgrade before anything was done. */
export function notBegun(why: string): DeviceActionTurn {
  return {
    state: 'failed',
    message: `${why} Nothing was done.`,
    retry: false,
  };
}

/** The end of an upgrade whose Plan or job was taken away by somebody. */
export function vanished(
  context: DeviceActionContext,
  kind: string,
  node: ReadNode,
): DeviceActionTurn {
  return {
    state: 'failed',
    message: `The ${kind} ${attemptName(
      context,
    )} was there and is not any more. The device tells ${
      node.version
    }. The last that was seen: ${context.progress?.message}`,
    retry: false,
  };
}

/** An upgrade that has run on the device, which does not tell so yet. */
export function notToldYet({ version, ready }: ReadNode): DeviceActionTurn {
  return underWay(
    `The upgrade has run. The device still tells ${version ?? 'nothing'}${
      ready ? '' : ' and is not ready'
    }.`,
  );
}

/** An upgrade that goes on. */
export function underWay(message: string): DeviceActionTurn {
  return { state: 'running', progress: { message } };
}
