// SPDX-License-Identifier: Apache-2.0
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  DeliveryClient,
  DeliveryProblem,
  WriteOptions,
} from '@causeway/plugin-delivery-common';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { problemOf } from '@causeway/plugin-delivery-react';
import { deliveryApiRef } from '../api/deliveryApi';
import { newIntention } from '../api/newIntention';
import { everyDeliveryKey } from './keys';

/** A write: whether it is on its way, why it was not done, and the way to send it. */
export interface Command<A> {
  readonly send: (argument: A) => void;
  readonly isPending: boolean;
  readonly problem?: DeliveryProblem;
}

/**
 * Sends a write and then reads everything again. Nothing is shown before the backend said so.
 *
 * The intention keeps its key until an answer came: after a broken connection the same write can be
 * sent again and is still done once. After an answer, also a refusal, the next press is a new one.
 */
export function useCommand<A, R>(
  write: (
    client: DeliveryClient,
    argument: A,
    options: WriteOptions,
  ) => Promise<R>,
  onDone: (result: R) => void,
): Command<A> {
  const client = useApi(deliveryApiRef);
  const queryClient = useQueryClient();
  const intention = useRef<string>();
  const mutation = useMutation({
    mutationFn: (argument: A) => {
      intention.current ??= newIntention();
      return write(client, argument, { idempotencyKey: intention.current });
    },
    onSuccess: onDone,
    onSettled: (_result, error) => {
      if (!error || problemOf(error).status !== 0)
        intention.current = undefined;
      queryClient.invalidateQueries({ queryKey: everyDeliveryKey });
    },
  });
  return {
    send: argument => {
      if (!mutation.isPending) mutation.mutate(argument);
    },
    isPending: mutation.isPending,
    problem: mutation.error ? problemOf(mutation.error) : undefined,
  };
}
