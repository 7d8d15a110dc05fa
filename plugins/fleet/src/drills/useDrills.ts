// SPDX-License-Identifier: Apache-2.0
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  ConditionalAnswer,
  ConditionalOptions,
  DrillCandidates,
  DrillClient,
  DrillDetail,
  DrillOptions,
  DrillSummary,
  WriteOptions,
} from '@causeway/plugin-delivery-common';
import {
  readingOf,
  useViewer,
  type Reading,
} from '@causeway/plugin-delivery-react';
import { useQuery } from '@tanstack/react-query';
import { useCommand, type Command } from '../data/useCommand';
import { drillApiRef } from './drillApi';

/** What is observed changes without a signal, so a drill is read often while it is looked at, in milliseconds. */
const READ_AGAIN_EVERY = 5_000;

function useRead<View>(
  question: readonly unknown[],
  read: (client: DrillClient, options: ConditionalOptions) => Promise<View>,
  enabled = true,
): Reading<View> {
  const client = useApi(drillApiRef);
  const viewer = useViewer();
  return readingOf(
    useQuery({
      // Answers differ by who asks, so one person never sees what was read for another.
      queryKey: ['fleet', viewer, 'drills', ...question],
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

/** Drills, the newest first. */
export function useDrills(): Reading<readonly DrillSummary[]> {
  return useRead(['list'], (client, options) =>
    viewOf(client.getDrills({}, options)),
  );
}

export function useDrill(id: string): Reading<DrillDetail> {
  return useRead(['one', id], (client, options) =>
    viewOf(client.getDrill(id, options)),
  );
}

/** Which drills there are, and the stages whose devices may be drilled. */
export function useDrillOptions(): Reading<DrillOptions> {
  return useRead(['options'], (client, options) =>
    client.getDrillOptions(options),
  );
}

/** What people call the stage of a drill; its name in the pipeline document where that is not known any more. */
export function useStageTitle(): (
  drill: Pick<DrillSummary, 'service' | 'stage'>,
) => string {
  const options = useDrillOptions();
  const stages = options.status === 'ready' ? options.value.stages : [];
  return ({ service, stage }) =>
    stages.find(each => each.service === service && each.stage === stage)
      ?.title ?? stage;
}

/** The devices of a stage, each with why it may not be drilled; not asked before both are chosen. */
export function useDrillCandidates(
  wish:
    | {
        readonly service: string;
        readonly stage: string;
        readonly kind: string;
      }
    | undefined,
): Reading<DrillCandidates> {
  return useRead(
    ['candidates', wish],
    (client, options) =>
      wish
        ? client.getDrillCandidates(wish, options)
        : Promise.resolve({ devices: [], sites: [] }),
    wish !== undefined,
  );
}

/** Sends a write about drills, and then reads everything of the fleet again. */
export function useDrillCommand<Result>(
  write: (client: DrillClient, options: WriteOptions) => Promise<Result>,
  onDone: (result: Result) => void,
): Command {
  const client = useApi(drillApiRef);
  return useCommand(options => write(client, options), onDone);
}
