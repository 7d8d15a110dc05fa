// SPDX-License-Identifier: Apache-2.0
import type { ActionParameters } from '@causeway/plugin-delivery-common';
import type {
  DeviceActionCluster,
  DeviceActionExecutor,
  DeviceActionTurn,
} from '@causeway/plugin-delivery-node';

let ids = 0;

/** Ends with the test's own timeout. */
export async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) {
    await new Promise(resolve => {
      setTimeout(resolve, 50);
    });
  }
}

/** An action that is begun; each turn stands alone, as after a crash. */
export async function beginAction(
  executor: DeviceActionExecutor,
  on: {
    /** Made anew for each turn. */
    readonly cluster: () => DeviceActionCluster;
    readonly node: string;
    readonly parameters?: ActionParameters;
  },
) {
  ids += 1;
  const { node, parameters = {} } = on;
  const id = `action-${ids}`;
  let progress: { readonly message: string } | undefined;
  const context = () => ({
    id,
    node,
    parameters,
    actor: 'user:default/ivan',
    reason: 'It smells; of <smoke> & "fire"!',
    attempt: 1,
    ...(progress && { progress }),
    cluster: on.cluster(),
    now: new Date(),
  });
  const memory = await executor.prepare(context());
  /** A turn after which the process dies before anything is recorded. */
  const unrecorded = () => executor.advance(context(), memory);
  const turn = async (): Promise<DeviceActionTurn> => {
    const told = await unrecorded();
    if (told.state === 'running') progress = told.progress;
    return told;
  };
  const end = async () => {
    let told = await turn();
    await until(async () => {
      if (told.state === 'running') told = await turn();
      return told.state !== 'running';
    });
    return told;
  };
  const withdraw = async () => executor.withdraw?.(context());
  return { id, turn, unrecorded, end, withdraw };
}
