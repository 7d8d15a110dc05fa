// SPDX-License-Identifier: Apache-2.0
import { useApi } from '@backstage/frontend-plugin-api';
import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query';
import type {
  ApprovalItem,
  CanaryView,
  ClusterView,
  Evidence,
  HistoryPage,
  PipelineView,
  PromotionDetail,
  PromotionPlan,
  WavePreviewView,
  PromotionView,
  RollbackOptions,
  RollbackPlan,
  RollbackRequest,
} from '@causeway/plugin-delivery-common';
import {
  readingOf,
  usePageClock,
  useViewer,
  type Reading,
} from '@causeway/plugin-delivery-react';
import { deliveryApiRef } from '../api/deliveryApi';
import { deliveryKeys } from './keys';

/** Signals drive refreshes; this is the fallback while the page is visible, in milliseconds. */
export const READ_AGAIN_EVERY = 30_000;

/** A canary that runs is read this often while the page is visible, in milliseconds. */
export const READ_CANARY_EVERY = 15_000;

/** Where a view reads: the client, and the cache keys of the person who looks. */
function useSource() {
  const client = useApi(deliveryApiRef);
  const user = useViewer();
  return {
    client,
    keys: deliveryKeys(user ?? ''),
    enabled: user !== undefined,
  };
}

/** The pipeline of a service with what runs in each stage. */
export function usePipeline(service: string): Reading<PipelineView> {
  const { client, keys, enabled } = useSource();
  return readingOf(
    useQuery({
      queryKey: keys.pipeline(service),
      queryFn: async ({ signal }) => {
        const answer = await client.getPipeline(service, { signal });
        // Asked without an ETag, so "unchanged" cannot be the answer.
        if (answer.status === 'unchanged')
          throw new Error('No pipeline in the answer');
        return answer.view;
      },
      enabled,
      refetchInterval: READ_AGAIN_EVERY,
    }),
  );
}

/** Which part of a history is wanted; all of it where nothing is said. */
export interface HistoryFilter {
  readonly stage?: string;
  readonly only?: PromotionView['kind'];
}

/** What happened to a service, newest first, page by page. */
export function useHistory(service: string, filter: HistoryFilter) {
  const { client, keys, enabled } = useSource();
  const query = useInfiniteQuery({
    queryKey: keys.history(service, filter),
    queryFn: ({ pageParam, signal }) =>
      client.getHistory(service, { ...filter, cursor: pageParam, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: HistoryPage) => page.nextCursor,
    placeholderData: keepPreviousData,
    enabled,
    refetchInterval: READ_AGAIN_EVERY,
  });
  return {
    reading: readingOf(query),
    hasOlder: query.hasNextPage,
    readingOlder: query.isFetchingNextPage,
    showOlder: () => {
      query.fetchNextPage();
    },
  };
}

/** One promotion with its events and what the person may do with it. */
export function usePromotion(id: string): Reading<PromotionDetail> {
  const { client, keys, enabled } = useSource();
  return readingOf(
    useQuery({
      queryKey: keys.promotion(id),
      queryFn: ({ signal }) => client.getPromotion(id, { signal }),
      enabled,
      refetchInterval: READ_AGAIN_EVERY,
    }),
  );
}

/** A picture of canaries, the name under which the backend knows it again, and the backend's clock. */
interface KnownCanary {
  readonly view: CanaryView;
  readonly etag?: string;
  readonly serverAhead: number;
}

/** Clocks that differ by no more, in milliseconds, are taken for the same: answers take their time. */
const SAME_CLOCK = 5_000;

function aheadOf(page: number, server: Date | undefined): number {
  const ahead = server ? server.getTime() - page : 0;
  return Math.abs(ahead) > SAME_CLOCK ? ahead : 0;
}

/**
 * The canaries of a promotion, running or ended, and how far the backend's clock is ahead of the
 * page's, in milliseconds. A picture that did not change is not sent again.
 */
export function useCanary(id: string): {
  readonly reading: Reading<CanaryView>;
  readonly serverAhead: number;
} {
  const { client, keys, enabled } = useSource();
  const clock = usePageClock();
  const query = useQuery({
    queryKey: keys.canary(id),
    queryFn: async ({ signal, queryKey, client: cache }) => {
      const known = cache.getQueryData<KnownCanary>(queryKey);
      const { etag } = known ?? {};
      const answer = await client.getCanary(id, { etag, signal });
      if (answer.status === 'changed') {
        const serverAhead = aheadOf(clock.now(), answer.servedAt);
        return { view: answer.view, etag: answer.etag, serverAhead };
      }
      if (!known) throw new Error('No canary in the answer');
      return known;
    },
    enabled,
    refetchInterval: ({ state }) =>
      state.data?.view.outcome ? READ_AGAIN_EVERY : READ_CANARY_EVERY,
  });
  const { data, dataUpdatedAt, error, isFetching, refetch } = query;
  return {
    reading: readingOf({
      data: data?.view,
      dataUpdatedAt,
      error,
      isFetching,
      refetch,
    }),
    serverAhead: data?.serverAhead ?? 0,
  };
}

/** What is to be promoted where. */
export interface PromotionWish {
  readonly service: string;
  readonly stage: string;
  readonly release: string;
}

/** What a promotion would do; nothing is read while the wish is not complete. */
export function usePromotionPlan(
  wish: PromotionWish | undefined,
): Reading<PromotionPlan> {
  const { client, keys, enabled } = useSource();
  const { service = '', stage = '', release = '' } = wish ?? {};
  return readingOf(
    useQuery({
      queryKey: keys.promotionPlan(service, stage, release),
      queryFn: ({ signal }) =>
        client.planPromotion({ service, stage, release }, { signal }),
      enabled: enabled && wish !== undefined,
      refetchInterval: READ_AGAIN_EVERY,
    }),
  );
}

/** In which order a release would reach the devices of a stage. */
export function useWavePreview(wish: PromotionWish): Reading<WavePreviewView> {
  const { client, keys, enabled } = useSource();
  const { service, stage, release } = wish;
  return readingOf(
    useQuery({
      queryKey: [...keys.promotionPlan(service, stage, release), 'wave'],
      queryFn: ({ signal }) =>
        client.previewWave({ service, stage, release }, { signal }),
      enabled,
    }),
  );
}

/** The files that CI has left with a release. */
export function useEvidence(release: string): Reading<readonly Evidence[]> {
  const { client, keys, enabled } = useSource();
  return readingOf(
    useQuery({
      queryKey: keys.evidence(release),
      queryFn: ({ signal }) => client.getEvidence(release, { signal }),
      enabled,
      refetchInterval: READ_AGAIN_EVERY,
    }),
  );
}

/** Per stage, the releases it could be taken back to. */
export function useRollbackOptions(service: string): Reading<RollbackOptions> {
  const { client, keys, enabled } = useSource();
  return readingOf(
    useQuery({
      queryKey: keys.rollbackOptions(service),
      queryFn: ({ signal }) => client.getRollbackOptions(service, { signal }),
      enabled,
      refetchInterval: READ_AGAIN_EVERY,
    }),
  );
}

/** What is to be taken back, and to which release; without one to what ran before. */
export interface RollbackWish {
  readonly service: string;
  readonly stages: readonly string[];
  readonly release?: string;
  readonly mode?: RollbackRequest['mode'];
  /** Stands in the plan only; the reason of the person is sent with the rollback itself. */
  readonly previewReason: string;
}

/** What a rollback would do; nothing is read while no stage is chosen. */
export function useRollbackPlan(wish: RollbackWish): Reading<RollbackPlan> {
  const { client, keys, enabled } = useSource();
  const { service, stages, release, mode, previewReason } = wish;
  return readingOf(
    useQuery({
      queryKey: keys.rollbackPlan(service, stages, { release, mode }),
      queryFn: ({ signal }) =>
        client.planRollback(
          {
            service,
            stages: [...stages],
            release,
            mode,
            reason: previewReason,
          },
          { signal },
        ),
      placeholderData: keepPreviousData,
      enabled: enabled && stages.length > 0,
      refetchInterval: READ_AGAIN_EVERY,
    }),
  );
}

/** Promotions that wait for an approval; those of the person who looks first. */
export function useApprovals(): Reading<readonly ApprovalItem[]> {
  const { client, keys, enabled } = useSource();
  return readingOf(
    useQuery({
      queryKey: keys.approvals(),
      queryFn: ({ signal }) => client.getApprovals({ signal }),
      enabled,
      refetchInterval: READ_AGAIN_EVERY,
    }),
  );
}

/** Every configured cluster with how far what is known of it can be believed. */
export function useClusters(): Reading<readonly ClusterView[]> {
  const { client, keys, enabled } = useSource();
  return readingOf(
    useQuery({
      queryKey: keys.clusters(),
      queryFn: ({ signal }) => client.getClusters({ signal }),
      enabled,
      refetchInterval: READ_AGAIN_EVERY,
    }),
  );
}
