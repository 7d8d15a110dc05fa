// SPDX-License-Identifier: Apache-2.0
import type { ErrorRequestHandler } from 'express';
import { formatValue } from './formatValue';
import { BadParameter } from './parameters';
import { QueryExecutionError, QuerySyntaxError } from './promql/expression';
import type { Point, Sample, Value } from './promql/vector';

/** The answer that carries data. */
export const success = (data: unknown) => ({ status: 'success', data });

/** The answer that says what is wrong. */
export const failure = (errorType: string, error: string) => ({
  status: 'error',
  errorType,
  error,
});

/** Answers what a query throws as Prometheus does. */
export const sayError: ErrorRequestHandler = (
  error,
  _request,
  response,
  next,
) => {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof QuerySyntaxError || error instanceof BadParameter)
    response.status(400).json(failure('bad_data', message));
  else if (error instanceof QueryExecutionError)
    response.status(422).json(failure('execution', message));
  else if (error?.type === 'entity.too.large')
    response.status(413).json(failure('bad_data', 'the query is too long'));
  else next(error);
};

/** A point as the API writes it: seconds, and the value as text. */
export function pair({ time, value }: Point): readonly [number, string] {
  return [time / 1_000, formatValue(value)];
}

/** The result of an instant query. */
export function instantResult(value: Value, time: number): object {
  switch (value.type) {
    case 'scalar':
      return {
        resultType: 'scalar',
        result: pair({ time, value: value.value }),
      };
    case 'string':
      return { resultType: 'string', result: [time / 1_000, value.value] };
    case 'matrix':
      return {
        resultType: 'matrix',
        result: value.series.map(({ labels, points }) => ({
          metric: labels,
          values: points.map(pair),
        })),
      };
    default:
      return {
        resultType: 'vector',
        result: value.samples.map((sample: Sample) => ({
          metric: sample.labels,
          value: pair({ time, value: sample.value }),
        })),
      };
  }
}
