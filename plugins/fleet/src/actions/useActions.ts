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
import {
  readingOf,
  useViewer,
  type Reading,
} from '@causeway/plugin-delivery-react';
import { useQuery } from '@tanstack/react-query';
import { useCommand, type Command } from '../data/useCommand';
import { actionsApiRef } from './actionsApi';

/** Signals drive refreshes; this is the fallback while the page is visible, in milliseconds. */
const READ_AGAIN_EVERY = 10_000;

function useRead<View>(
  question: readonly unknown[],
  read: (
    client: FleetActionClient,
    options: ConditionalOptions,
  ) => Promise<View>,
  enabled = true,
): Reading<View> {
  const client = useApi(actionsApiRef);
  const viewer = useViewer();
  return readingOf(
    useQuery({
      // Answers differ by who asks, so one person never sees what was read for another.
      queryKey: ['fleet', viewer, 'actions', ...question],
      queryFn: ({ signal }) => read(client, { signal }),
      enabled: enabled && viewer !== undefined,
      refetchInterval: READ_AGAIN_EVERY,
    }),
  );
}

async function viewOf<View>(
  answer: Promise<ConditionalAnswer<View>>,
): Promise<View> {
  const read = await answer;
  if (read.status === 'changed') return read.view;
  throw new Error('Nothing in the answer');
}

/** The kinds of actions; for a device with what would become of each there. */
export function useActionKinds(
  device?: string,
): Reading<readonly FleetActionKind[]> {
  return useRead(['kinds', device], (client, options) =>
    client.getFleetActionKinds(device, options),
  );
}

export function useActions(
  question: FleetActionQuestion,
): Reading<FleetActionPage> {
  return useRead(['list', question], (client, options) =>
    viewOf(client.getFleetActions(question, options)),
  );
}

export function useAction(id: string): Reading<FleetActionDetail> {
  return useRead(['one', id], (client, options) =>
    viewOf(client.getFleetAction(id, options)),
  );
}

/** What would happen; not asked while the wish is not whole. */
export function useActionPlan(
  wish: Omit<FleetActionRequest, 'dryRun'>,
  isWhole: boolean,
): Reading<FleetActionPlan> {
  return useRead(
    ['plan', wish],
    (client, options) => client.planFleetActions(wish, options),
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
