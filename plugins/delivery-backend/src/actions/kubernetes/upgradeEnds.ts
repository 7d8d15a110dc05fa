// SPDX-License-Identifier: Apache-2.0
import type { ActionEvidence } from '@causeway/plugin-delivery-common';
import type {
  DeviceActionContext,
  DeviceActionTurn,
} from '@causeway/plugin-delivery-node';
import { attemptName } from './attemptObject';
import { nodeEvidence, type ReadNode } from './nodes';

/** The end of an upgrade that has worked, with what its node tells of that. */
export function upgraded(
  context: DeviceActionContext,
  node: ReadNode,
  { message, seen }: { readonly message: string; readonly seen: string },
  evidence: readonly ActionEvidence[] = [],
): DeviceActionTurn {
  return {
    state: 'succeeded',
    receipt: {
      message,
      evidence: [nodeEvidence(context, node, seen), ...evidence],
    },
  };
}

/** What a node tells whose kubelet has the version and is ready. */
export function tellsVersion(what: string, { version }: ReadNode) {
  return {
    message: `The device runs ${what} and is ready.`,
    seen: `Its kubelet tells ${version}; it is ready.`,
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
  told: string,
): DeviceActionTurn {
  return {
    state: 'failed',
    message: `The ${kind} ${attemptName(
      context,
    )} was there and is not any more. The device tells ${told}. The last that was seen: ${
      context.progress?.message
    }`,
    retry: false,
  };
}

/** An upgrade that has run on the device, which does not tell so yet. */
export function notToldYet(
  { ready }: ReadNode,
  told: string,
  missing?: string,
): DeviceActionTurn {
  return underWay(
    `The upgrade has run. The device still tells ${told}${
      ready ? '' : ' and is not ready'
    }.${missing === undefined ? '' : ` ${missing}`}`,
  );
}

/** An upgrade that goes on. */
export function underWay(message: string): DeviceActionTurn {
  return { state: 'running', progress: { message } };
}
