// SPDX-License-Identifier: Apache-2.0
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  ConditionalAnswer,
  ConditionalOptions,
  FleetActionClient,
  FleetActionDetail,
  FleetActionKind,
  FleetActionPage,
  FleetActionPlan,
  FleetActionQuestion,
  FleetActionRequest,
  WriteOptions,
} from '@causeway/plugin-delivery-common';
import type { Reading } from '@causeway/plugin-delivery-react';
import { useCommand, type Command } from '../data/useCommand';
import { useReading, whole } from '../data/useReading';
import { actionsApiRef } from './actionsApi';

/** The state of an action matters while one waits for it, so it is read often, in milliseconds. */
const READ_AGAIN_EVERY = 10_000;

function useRead<View>(
  question: readonly unknown[],
  ask: (
    client: FleetActionClient,
    options: ConditionalOptions,
  ) => Promise<ConditionalAnswer<View>>,
  enabled?: boolean,
): Reading<View> {
  const client = useApi(actionsApiRef);
  return useReading(['actions', ...question], options => ask(client, options), {
    every: READ_AGAIN_EVERY,
    enabled,
  });
}

/** The kinds of actions; for a device with what would become of each there. */
export function useActionKinds(
  device?: string,
): Reading<readonly FleetActionKind[]> {
  return useRead(['kinds', device], (client, options) =>
    whole(client.getFleetActionKinds(device, options)),
  );
}

export function useActions(
  question: FleetActionQuestion,
): Reading<FleetActionPage> {
  return useRead(['list', question], (client, options) =>
    client.getFleetActions(question, options),
  );
}

export function useAction(id: string): Reading<FleetActionDetail> {
  return useRead(['one', id], (client, options) =>
    client.getFleetAction(id, options),
  );
}

/** What would happen; not asked while the wish is not whole. */
export function useActionPlan(
  wish: Omit<FleetActionRequest, 'dryRun'>,
  isWhole: boolean,
): Reading<FleetActionPlan> {
  return useRead(
    ['plan', wish],
    (client, options) => whole(client.planFleetActions(wish, options)),
    isWhole,
  );
}

/** Sends a write about actions, and then reads everything of the fleet again. */
export function useActionCommand<Result>(
  write: (client: FleetActionClient, options: WriteOptions) => Promise<Result>,
  onDone: (result: Result) => void,
): Command {
  const client = useApi(actionsApiRef);
  return useCommand(options => write(client, options), onDone);
}
