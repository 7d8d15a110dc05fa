// SPDX-License-Identifier: Apache-2.0
import type {
  DeliveryProblem,
  WriteOptions,
} from '@causeway/plugin-delivery-common';
import { problemOf } from '@causeway/plugin-delivery-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';

/** A write: whether it is on its way, why it was not done, and the way to send it. */
export interface Command {
  readonly send: () => void;
  readonly isPending: boolean;
  readonly problem?: DeliveryProblem;
}

/**
 * Sends a write and then reads everything of the fleet again. Its key stays until an answer came, so
 * that after a broken connection the same press is done once.
 */
export function useCommand<Result>(
  write: (options: WriteOptions) => Promise<Result>,
  onDone: (result: Result) => void,
): Command {
  const cache = useQueryClient();
  const intention = useRef<string>();
  const mutation = useMutation({
    mutationFn: () => {
      intention.current ??= crypto.randomUUID();
      return write({ idempotencyKey: intention.current });
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
