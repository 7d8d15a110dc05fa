// SPDX-License-Identifier: Apache-2.0
import { DeliveryProblem } from '@causeway/plugin-delivery-common';

/**
 * What is known of something read from the backend. Once there is a value it stays: a refresh
 * sets `refreshing`, a failed refresh sets `problem`, and the value keeps its age (`readAt`,
 * milliseconds of the page clock).
 *
 * @public
 */
export type Reading<T> =
  | { readonly status: 'loading' }
  | {
      readonly status: 'ready';
      readonly value: T;
      readonly readAt: number;
      readonly refreshing: boolean;
      readonly problem?: DeliveryProblem;
      readonly retry: () => void;
    }
  | {
      readonly status: 'failed';
      readonly problem: DeliveryProblem;
      readonly retry: () => void;
    };

/** The parts of a query result that a reading is made of. */
interface QueryAnswer<T> {
  readonly data: T | undefined;
  readonly dataUpdatedAt: number;
  readonly error: unknown;
  readonly isFetching: boolean;
  readonly refetch: () => unknown;
}

/**
 * Turns the state of a query into what a page shows.
 *
 * @public
 */
export function readingOf<T>(query: QueryAnswer<T>): Reading<T> {
  const problem = query.error ? problemOf(query.error) : undefined;
  const retry = () => {
    query.refetch();
  };
  if (query.data !== undefined) {
    return {
      status: 'ready',
      value: query.data,
      readAt: query.dataUpdatedAt,
      refreshing: query.isFetching,
      problem,
      retry,
    };
  }
  if (problem) return { status: 'failed', problem, retry };
  return { status: 'loading' };
}

/**
 * Any error as a problem, so that pages have one shape to show.
 *
 * @public
 */
export function problemOf(error: unknown): DeliveryProblem {
  if (error instanceof DeliveryProblem) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new DeliveryProblem(message, {
    status: 0,
    code: 'unexpected',
    cause: error,
  });
}
