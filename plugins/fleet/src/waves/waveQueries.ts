// SPDX-License-Identifier: Apache-2.0
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  DeliveryProblem,
  WaveSteering,
  WaveSummary,
  WaveView,
} from '@causeway/plugin-delivery-common';
import { problemOf, type Reading } from '@causeway/plugin-delivery-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useReading, whole } from '../data/useReading';
import { waveApiRef } from './waveApi';

/** Soaks end by time and not by a signal, so a wave is read often while it is looked at, in milliseconds. */
const READ_AGAIN_EVERY = 5_000;

/** The wave of a promotion. */
export function useWave(promotion: string): Reading<WaveView> {
  const client = useApi(waveApiRef);
  return useReading(
    ['wave', promotion],
    options => client.getWave(promotion, options),
    { every: READ_AGAIN_EVERY },
  );
}

/** Waves that still do something. */
export function useWaves(): Reading<readonly WaveSummary[]> {
  const client = useApi(waveApiRef);
  return useReading(['waves'], options => whole(client.getWaves(options)), {
    every: READ_AGAIN_EVERY,
  });
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
