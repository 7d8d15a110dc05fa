// SPDX-License-Identifier: Apache-2.0
import { QueryExecutionError, QuerySyntaxError } from './expression';
import { histogramQuantile } from './histogramQuantile';
import { RangeFunction, rangeFunctions } from './overTime';
import { Labels, Sample, Value, withoutName } from './vector';

/** Numbers to numbers, sample by sample; further parameters are scalars. */
const numeric: Readonly<
  Record<string, (value: number, ...parameters: readonly number[]) => number>
> = {
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  exp: Math.exp,
  ln: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  sqrt: Math.sqrt,
  sgn: Math.sign,
  round: (value, to = 1) => Math.floor(value / to + 0.5) * to,
  clamp: (value, low, high) => Math.max(low, Math.min(high, value)),
  clamp_min: (value, low) => Math.max(low, value),
  clamp_max: (value, high) => Math.min(high, value),
};

/** Evaluates a function over the values of its parameters. `time` is the evaluation time in milliseconds. */
export function callFunction(
  name: string,
  parameters: readonly Value[],
  time: number,
): Value {
  const ranged = rangeFunctions[name];
  if (ranged) return overRange(name, ranged, parameters);
  const calculate = numeric[name];
  if (calculate) {
    const [first, ...rest] = parameters;
    const numbers = rest.map(each => scalarOf(name, each));
    return mapped(vectorOf(name, first), value => calculate(value, ...numbers));
  }
  switch (name) {
    case 'time':
      return { type: 'scalar', value: time / 1_000 };
    case 'scalar': {
      const samples = vectorOf(name, parameters[0]);
      const value = samples.length === 1 ? samples[0].value : NaN;
      return { type: 'scalar', value };
    }
    case 'vector': {
      const value = scalarOf(name, parameters[0]);
      return { type: 'vector', samples: [{ labels: {}, value, time }] };
    }
    case 'timestamp':
      return {
        type: 'vector',
        samples: vectorOf(name, parameters[0]).map(sample => ({
          labels: withoutName(sample.labels),
          value: sample.time / 1_000,
          time,
        })),
      };
    case 'sort':
    case 'sort_desc': {
      const sign = name === 'sort' ? 1 : -1;
      const samples = [...vectorOf(name, parameters[0])].sort(
        (left, right) => sign * (left.value - right.value),
      );
      return { type: 'vector', samples };
    }
    case 'histogram_quantile':
      return {
        type: 'vector',
        samples: histogramQuantile(
          scalarOf(name, parameters[0]),
          vectorOf(name, parameters[1]),
        ),
      };
    case 'label_replace':
      return labelReplace(parameters);
    case 'label_join':
      return labelJoin(parameters);
    default:
      throw new QueryExecutionError(`the function ${name} is not simulated`);
  }
}

function overRange(
  name: string,
  calculate: RangeFunction,
  parameters: readonly Value[],
): Value {
  const matrix = parameters[parameters.length - 1];
  if (matrix?.type !== 'matrix') {
    throw new QuerySyntaxError(
      `expected type range vector in call to function "${name}"`,
    );
  }
  const { from, until } = matrix;
  const parameter = parameters.length > 1 ? scalarOf(name, parameters[0]) : NaN;
  const keepsName = name === 'last_over_time';
  const samples: Sample[] = [];
  for (const { labels: own, points } of matrix.series) {
    const value = calculate(points, { from, until }, parameter);
    if (value === undefined) continue;
    const labels = keepsName ? own : withoutName(own);
    samples.push({ labels, value, time: until });
  }
  return { type: 'vector', samples };
}

function labelReplace([
  vector,
  target,
  replacement,
  source,
  pattern,
]: readonly Value[]): Value {
  const [to, text, from, expression] = [
    target,
    replacement,
    source,
    pattern,
  ].map(each => textOf('label_replace', each));
  const matcher = new RegExp(`^(?:${expression})$`, 's');
  return {
    type: 'vector',
    samples: vectorOf('label_replace', vector).map(sample => {
      const found = matcher.exec(sample.labels[from] ?? '');
      if (!found) return sample;
      const value = text.replace(
        /\$(?:\{(\w+)\}|(\w+))/g,
        (_, braced: string, bare: string) => {
          const group = braced ?? bare;
          return found.groups?.[group] ?? found[Number(group)] ?? '';
        },
      );
      return withLabel(sample, to, value);
    }),
  };
}

function labelJoin([vector, target, separator, ...sources]: readonly Value[]) {
  const to = textOf('label_join', target);
  const between = textOf('label_join', separator);
  const names = sources.map(each => textOf('label_join', each));
  return {
    type: 'vector' as const,
    samples: vectorOf('label_join', vector).map(sample =>
      withLabel(
        sample,
        to,
        names.map(each => sample.labels[each] ?? '').join(between),
      ),
    ),
  };
}

/** A label that would be empty is no label. */
function withLabel(sample: Sample, name: string, value: string): Sample {
  const { [name]: _, ...rest } = sample.labels;
  const labels: Labels = value === '' ? rest : { ...rest, [name]: value };
  return { ...sample, labels };
}

function mapped(
  samples: readonly Sample[],
  calculate: (value: number) => number,
): Value {
  return {
    type: 'vector',
    samples: samples.map(sample => ({
      ...sample,
      labels: withoutName(sample.labels),
      value: calculate(sample.value),
    })),
  };
}

function vectorOf(name: string, value: Value | undefined): readonly Sample[] {
  if (value?.type === 'vector') return value.samples;
  throw new QuerySyntaxError(
    `expected type instant vector in call to function "${name}"`,
  );
}

function scalarOf(name: string, value: Value | undefined): number {
  if (value?.type === 'scalar') return value.value;
  throw new QuerySyntaxError(
    `expected type scalar in call to function "${name}"`,
  );
}

function textOf(name: string, value: Value | undefined): string {
  if (value?.type === 'string') return value.value;
  throw new QuerySyntaxError(
    `expected type string in call to function "${name}"`,
  );
}
