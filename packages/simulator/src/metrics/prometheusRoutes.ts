// SPDX-License-Identifier: Apache-2.0
import express, { Request, Router } from 'express';
import PromiseRouter from 'express-promise-router';
import type { Clock } from '../time/Scheduler';
import { failure, instantResult, pair, sayError, success } from './answers';
import { BadParameter, matches, parameter, stepOf, timeOf } from './parameters';
import { Evaluation, evaluateRange } from './promql/evaluate';
import { parseQuery } from './promql/parse';
import { NamedSeries, SampleReader } from './SampleReader';
import type { SeriesSource } from './SeriesSource';

/** What the API answers from. */
export interface MetricsOptions {
  readonly sources: () => readonly SeriesSource[];
  readonly clock: Clock;
  /** Asked for as a bearer token; nothing is asked for when left out. */
  readonly token?: string;
}

const mostPoints = 11_000;
const longestQuery = '64kb';

function selected(
  request: Request,
  reader: SampleReader,
): readonly NamedSeries[] {
  const given = matches(request);
  if (given.length === 0)
    return reader.select([{ name: '__name__', operator: '=~', value: '.+' }]);
  return given.flatMap(each => {
    const expression = parseQuery(each);
    if (expression.kind !== 'selector')
      throw new BadParameter(`invalid parameter "match[]": ${each}`);
    return reader.select(expression.matchers);
  });
}

/**
 * The HTTP API of Prometheus, as far as queries go: below `/api/v1` the paths
 * `query`, `query_range`, `labels`, `label/NAME/values`, `series`, `metadata`
 * and `status/buildinfo`, and `/-/healthy`. What is no PromQL is answered with
 * 400, PromQL that is not simulated with 422.
 */
export function prometheusRoutes(options: MetricsOptions): Router {
  const { clock, token } = options;
  const reader = new SampleReader(options.sources);
  const router = PromiseRouter();
  const api = PromiseRouter();
  router.get('/-/healthy', (_request, response) => {
    response.type('text').send('Prometheus Server is Healthy.\n');
  });
  router.use('/api/v1', api);
  api.use((request, response, next) => {
    if (
      token === undefined ||
      request.headers.authorization === `Bearer ${token}`
    )
      next();
    else
      response
        .status(401)
        .json(
          failure('unauthorized', 'send the token as Authorization: Bearer'),
        );
  });
  api.use(express.urlencoded({ extended: false, limit: longestQuery }));

  api.all('/query', (request, response) => {
    const time = timeOf(parameter(request, 'time'), 'time', clock);
    const expression = parseQuery(parameter(request, 'query') ?? '');
    const range = { start: time, end: time, step: 0 };
    const value = new Evaluation(reader, range).at(expression, time);
    response.json(success(instantResult(value, time)));
  });
  api.all('/query_range', (request, response) => {
    const start = timeOf(parameter(request, 'start'), 'start');
    const end = timeOf(parameter(request, 'end'), 'end');
    const step = stepOf(parameter(request, 'step'));
    if (end < start)
      throw new BadParameter('end timestamp must not be before start time');
    if ((end - start) / step > mostPoints) {
      throw new BadParameter(
        'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
      );
    }
    const expression = parseQuery(parameter(request, 'query') ?? '');
    const series = evaluateRange(expression, reader, { start, end, step });
    const result = series.map(({ labels, points }) => ({
      metric: labels,
      values: points.map(pair),
    }));
    response.json(success({ resultType: 'matrix', result }));
  });
  api.all('/labels', (request, response) => {
    const names = selected(request, reader).flatMap(({ labels }) =>
      Object.keys(labels),
    );
    response.json(success([...new Set(names)].sort()));
  });
  api.get('/label/:name/values', (request, response) => {
    const values = selected(request, reader).flatMap(
      ({ labels }) => labels[request.params.name] ?? [],
    );
    response.json(success([...new Set(values)].sort()));
  });
  api.all('/series', (request, response) => {
    if (matches(request).length === 0)
      throw new BadParameter('no match[] parameter provided');
    response.json(
      success(selected(request, reader).map(({ labels }) => labels)),
    );
  });
  api.get('/metadata', (_request, response) => {
    const entries = reader
      .metadata()
      .map(({ name, type, help }) => [name, [{ type, help, unit: '' }]]);
    response.json(success(Object.fromEntries(entries)));
  });
  api.get('/status/buildinfo', (_request, response) => {
    response.json(success({ version: '3.5.0', revision: 'simulated' }));
  });
  api.use(sayError);
  return router;
}
