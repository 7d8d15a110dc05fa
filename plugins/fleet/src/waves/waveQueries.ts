// SPDX-License-Identifier: Apache-2.0
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  DeliveryProblem,
  WaveSteering,
  WaveSummary,
  WaveView,
} from '@causeway/plugin-delivery-common';
import {
  problemOf,
  readingOf,
  useViewer,
  type Reading,
} from '@causeway/plugin-delivery-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { waveApiRef } from './waveApi';

/** Soaks end by time and not by a signal, so a wave is read often while it is looked at, in milliseconds. */
const READ_AGAIN_EVERY = 5_000;

interface Known {
  readonly view: WaveView;
  readonly etag?: string;
}

/** The wave of a promotion. What did not change is not sent again. */
export function useWave(promotion: string): Reading<WaveView> {
  const client = useApi(waveApiRef);
  const viewer = useViewer();
  return readingOf(
    useQuery({
      queryKey: ['fleet', viewer, 'wave', promotion],
      queryFn: async ({ signal, queryKey, client: cache }) => {
        const known = cache.getQueryData<Known>(queryKey);
        const answer = await client.getWave(promotion, {
          signal,
          etag: known?.etag,
        });
        if (answer.status === 'changed') return answer;
        if (!known) throw new Error('Nothing in the answer');
        return known;
      },
      select: ({ view }: Known) => view,
      enabled: viewer !== undefined,
      refetchInterval: READ_AGAIN_EVERY,
    }),
  );
}

/** Waves that still do something. */
export function useWaves(): Reading<readonly WaveSummary[]> {
  const client = useApi(waveApiRef);
  const viewer = useViewer();
  return readingOf(
    useQuery({
      queryKey: ['fleet', viewer, 'waves'],
      queryFn: ({ signal }) => client.getWaves({ signal }),
      enabled: viewer !== undefined,
      refetchInterval: READ_AGAIN_EVERY,
    }),
  );
}

/** Says something to a wave and then reads it again. */
export function useWaveSteering(
  promotion: string,
  onDone: () => void,
): {
  readonly send: (wish: WaveSteering) => void;
  readonly isPending: boolean;
  readonly problem?: DeliveryProblem;
} {
  const client = useApi(waveApiRef);
  const queryClient = useQueryClient();
  const mutation = useMutation({
    mutationFn: (wish: WaveSteering) => client.steerWave(promotion, wish),
    onSuccess: onDone,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['fleet'] }),
  });
  return {
    send: wish => mutation.mutate(wish),
    isPending: mutation.isPending,
    problem: mutation.error ? problemOf(mutation.error) : undefined,
  };
}
