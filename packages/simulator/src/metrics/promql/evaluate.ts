// SPDX-License-Identifier: Apache-2.0
import type { NamedSeries, SampleReader } from '../SampleReader';
import { aggregate } from './aggregate';
import { applyOperator } from './binary';
import {
  Expression,
  Moment,
  QueryExecutionError,
  QuerySyntaxError,
  Selector,
} from './expression';
import { callFunction } from './functions';
import {
  Labels,
  labelsKey,
  Point,
  Sample,
  SeriesWindow,
  Value,
  withoutName,
} from './vector';

/** The times of a query in milliseconds; all three are the same for an instant query. */
export interface QueryRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Where nothing else is said, a subquery is evaluated this often. */
const usualStep = 60_000;

/** Evaluates one query at one or many instants. Series are looked up once. */
export class Evaluation {
  readonly #selected = new Map<Selector, readonly NamedSeries[]>();

  constructor(
    private readonly reader: SampleReader,
    private readonly range: QueryRange,
  ) {}

  /** The value of an expression at an instant. */
  at(expression: Expression, time: number): Value {
    switch (expression.kind) {
      case 'number':
        return { type: 'scalar', value: expression.value };
      case 'string':
        return { type: 'string', value: expression.value };
      case 'selector':
        return this.#instant(expression, time);
      case 'range':
        return this.#window(expression, time);
      case 'subquery':
        return this.#subquery(expression, time);
      case 'negation':
        return negated(this.at(expression.expression, time));
      case 'call':
        return this.#call(expression, time);
      case 'aggregate':
        return this.#aggregate(expression, time);
      default: {
        const left = this.at(expression.left, time);
        return applyOperator(expression, left, this.at(expression.right, time));
      }
    }
  }

  #instant(selector: Selector, time: number): Value {
    const at = this.#moved(selector.moment, time);
    const samples = this.#series(selector).flatMap((each): Sample[] => {
      const point = this.reader.latest(each, at);
      return point ? [{ labels: each.labels, ...point }] : [];
    });
    return { type: 'vector', samples };
  }

  #window(
    { selector, range }: Extract<Expression, { kind: 'range' }>,
    time: number,
  ): Value {
    const until = this.#moved(selector.moment, time);
    const from = until - range;
    const series: SeriesWindow[] = [];
    for (const each of this.#series(selector)) {
      const window = this.reader.window(each, from, until);
      if (window.points.length > 0) series.push(window);
    }
    return { type: 'matrix', series, from, until };
  }

  #subquery(
    subquery: Extract<Expression, { kind: 'subquery' }>,
    time: number,
  ): Value {
    const { expression, range, step = usualStep, moment } = subquery;
    const until = this.#moved(moment, time);
    const from = until - range;
    const series = new Map<string, { labels: Labels; points: Point[] }>();
    // Aligned with the clock, so that neighbouring evaluations see the same points.
    const first = Math.floor(from / step) * step + step;
    for (let at = first; at <= until; at += step) {
      for (const { labels, value } of samplesOf(this.at(expression, at), at)) {
        const key = labelsKey(labels);
        const entry = series.get(key) ?? { labels, points: [] };
        entry.points.push({ time: at, value });
        series.set(key, entry);
      }
    }
    return { type: 'matrix', series: [...series.values()], from, until };
  }

  #call(
    { name, parameters }: Extract<Expression, { kind: 'call' }>,
    time: number,
  ): Value {
    if (name === 'absent' || name === 'absent_over_time')
      return this.#absent(parameters[0], time);
    if (name === 'pi') return { type: 'scalar', value: Math.PI };
    const values = parameters.map(parameter => this.at(parameter, time));
    return callFunction(name, values, time);
  }

  /** A sample where there is none, with the labels that the selector asks for. */
  #absent(parameter: Expression | undefined, time: number): Value {
    if (!parameter)
      throw new QuerySyntaxError('expected 1 argument(s) in call to "absent"');
    const value = this.at(parameter, time);
    const isThere =
      value.type === 'matrix'
        ? value.series.length > 0
        : value.type === 'vector' && value.samples.length > 0;
    if (isThere) return { type: 'vector', samples: [] };
    const labels = Object.fromEntries(
      matchersIn(parameter)
        .filter(each => each.operator === '=' && each.name !== '__name__')
        .map(each => [each.name, each.value]),
    );
    return { type: 'vector', samples: [{ labels, value: 1, time }] };
  }

  #aggregate(
    expression: Extract<Expression, { kind: 'aggregate' }>,
    time: number,
  ): Value {
    const value = this.at(expression.expression, time);
    if (value.type !== 'vector') {
      throw new QuerySyntaxError(
        `expected type instant vector in aggregation expression, got ${value.type}`,
      );
    }
    const parameter = expression.parameter
      ? this.at(expression.parameter, time)
      : undefined;
    if (parameter && parameter.type !== 'scalar') {
      throw new QueryExecutionError(
        `the aggregation ${expression.operator} with a text is not simulated`,
      );
    }
    return {
      type: 'vector',
      samples: aggregate(
        expression.operator,
        value.samples,
        expression,
        parameter?.value ?? NaN,
      ),
    };
  }

  #moved({ offset, at }: Moment, time: number): number {
    if (at === 'start') return this.range.start - offset;
    if (at === 'end') return this.range.end - offset;
    return (at ?? time) - offset;
  }

  #series(selector: Selector): readonly NamedSeries[] {
    const known = this.#selected.get(selector);
    if (known) return known;
    const found = this.reader.select(selector.matchers);
    this.#selected.set(selector, found);
    return found;
  }
}

function matchersIn(expression: Expression): Selector['matchers'] {
  if (expression.kind === 'selector') return expression.matchers;
  return expression.kind === 'range' ? expression.selector.matchers : [];
}

function negated(value: Value): Value {
  if (value.type === 'scalar') return { type: 'scalar', value: -value.value };
  if (value.type !== 'vector') {
    throw new QuerySyntaxError(
      'unary expression only allowed on expressions of type scalar or instant vector',
    );
  }
  return {
    type: 'vector',
    samples: value.samples.map(sample => ({
      ...sample,
      labels: withoutName(sample.labels),
      value: -sample.value,
    })),
  };
}

function samplesOf(value: Value, time: number): readonly Sample[] {
  if (value.type === 'vector') return value.samples;
  if (value.type === 'scalar')
    return [{ labels: {}, value: value.value, time }];
  throw new QuerySyntaxError(
    `invalid expression type "${value.type}" for range query, must be scalar or instant vector`,
  );
}

/** Evaluates an expression at every step of a range. */
export function evaluateRange(
  expression: Expression,
  reader: SampleReader,
  range: QueryRange,
): readonly SeriesWindow[] {
  const evaluation = new Evaluation(reader, range);
  const series = new Map<string, { labels: Labels; points: Point[] }>();
  for (let time = range.start; time <= range.end; time += range.step) {
    const value = evaluation.at(expression, time);
    for (const sample of samplesOf(value, time)) {
      const key = labelsKey(sample.labels);
      const entry = series.get(key) ?? { labels: sample.labels, points: [] };
      const isTwice = entry.points[entry.points.length - 1]?.time === time;
      if (isTwice) {
        throw new QueryExecutionError(
          'vector cannot contain metrics with the same labelset',
        );
      }
      entry.points.push({ time, value: sample.value });
      series.set(key, entry);
    }
  }
  return [...series]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, entry]) => entry);
}
