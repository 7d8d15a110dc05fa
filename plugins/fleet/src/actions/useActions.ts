// SPDX-License-Identifier: Apache-2.0
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  ConditionalAnswer,
  ConditionalOptions,
  DeliveryProblem,
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
  problemOf,
  readingOf,
  useViewer,
  type Reading,
} from '@causeway/plugin-delivery-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
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

/** A write: whether it is on its way, why it was not done, and the way to send it. */
export interface ActionCommand {
  readonly send: () => void;
  readonly isPending: boolean;
  readonly problem?: DeliveryProblem;
}

/**
 * Sends a write and then reads everything of the fleet again. Its key stays until an answer came, so
 * that after a broken connection the same press is done once.
 */
export function useActionCommand<Result>(
  write: (client: FleetActionClient, options: WriteOptions) => Promise<Result>,
  onDone: (result: Result) => void,
): ActionCommand {
  const client = useApi(actionsApiRef);
  const cache = useQueryClient();
  const intention = useRef<string>();
  const mutation = useMutation({
    mutationFn: () => {
      intention.current ??= crypto.randomUUID();
      return write(client, { idempotencyKey: intention.current });
    },
    onSuccess: onDone,
    onSettled: (_result, error) => {
      if (!error || problemOf(error).status !== 0) {
        intention.current = undefined;
      }
      cache.invalidateQueries({ queryKey: ['fleet'] });
    },
  });
  return {
    send: () => {
      if (!mutation.isPending) mutation.mutate();
    },
    isPending: mutation.isPending,
    ...(mutation.error && { problem: problemOf(mutation.error) }),
  };
}
