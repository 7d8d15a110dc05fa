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
import type { Reading } from '@causeway/plugin-delivery-react';
import { useCommand, type Command } from '../data/useCommand';
import { useReading, whole } from '../data/useReading';
import { drillApiRef } from './drillApi';

/** What is observed changes without a signal, so a drill is read often while it is looked at, in milliseconds. */
const READ_AGAIN_EVERY = 5_000;

function useRead<View>(
  question: readonly unknown[],
  ask: (
    client: DrillClient,
    options: ConditionalOptions,
  ) => Promise<ConditionalAnswer<View>>,
  enabled?: boolean,
): Reading<View> {
  const client = useApi(drillApiRef);
  return useReading(['drills', ...question], options => ask(client, options), {
    every: READ_AGAIN_EVERY,
    enabled,
  });
}

/** Drills, the newest first. */
export function useDrills(): Reading<readonly DrillSummary[]> {
  return useRead(['list'], (client, options) => client.getDrills({}, options));
}

export function useDrill(id: string): Reading<DrillDetail> {
  return useRead(['one', id], (client, options) =>
    client.getDrill(id, options),
  );
}

/** Which drills there are, and the stages whose devices may be drilled. */
export function useDrillOptions(): Reading<DrillOptions> {
  return useRead(['options'], (client, options) =>
    whole(client.getDrillOptions(options)),
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
      whole(
        wish
          ? client.getDrillCandidates(wish, options)
          : Promise.resolve({ devices: [], sites: [] }),
      ),
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
