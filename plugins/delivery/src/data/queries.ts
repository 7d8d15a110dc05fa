// SPDX-License-Identifier: Apache-2.0
import { identityApiRef, useApi } from '@backstage/frontend-plugin-api';
import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query';
import type {
  ApprovalItem,
  ClusterView,
  HistoryPage,
  PipelineView,
  PromotionDetail,
  PromotionPlan,
  RollbackOptions,
  RollbackPlan,
} from '@causeway/plugin-delivery-common';
import { deliveryApiRef } from '../api/deliveryApi';
import { deliveryKeys, everyDeliveryKey } from './keys';
import { readingOf, type Reading } from './Reading';

/** Signals drive refreshes; this is the fallback while the page is visible, in milliseconds. */
export const READ_AGAIN_EVERY = 30_000;

/** Where a view reads: the client, and the cache keys of the person who looks. */
function useSource() {
  const client = useApi(deliveryApiRef);
  const identity = useApi(identityApiRef);
  const { data: user } = useQuery({
    queryKey: [...everyDeliveryKey, 'whoLooks'],
    queryFn: async () => (await identity.getBackstageIdentity()).userEntityRef,
    staleTime: Infinity,
  });
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

/** What happened to a service, newest first, page by page. */
export function useHistory(service: string, stage: string | undefined) {
  const { client, keys, enabled } = useSource();
  const query = useInfiniteQuery({
    queryKey: keys.history(service, stage),
    queryFn: ({ pageParam, signal }) =>
      client.getHistory(service, { stage, cursor: pageParam, signal }),
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
  /** Stands in the plan only; the reason of the person is sent with the rollback itself. */
  readonly previewReason: string;
}

/** What a rollback would do; nothing is read while no stage is chosen. */
export function useRollbackPlan(wish: RollbackWish): Reading<RollbackPlan> {
  const { client, keys, enabled } = useSource();
  const { service, stages, release, previewReason } = wish;
  return readingOf(
    useQuery({
      queryKey: keys.rollbackPlan(service, stages, release),
      queryFn: ({ signal }) =>
        client.planRollback(
          { service, stages: [...stages], release, reason: previewReason },
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
