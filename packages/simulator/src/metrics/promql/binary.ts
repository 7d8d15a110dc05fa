// SPDX-License-Identifier: Apache-2.0
import { Matching, QueryExecutionError } from './expression';
import {
  dropLabels,
  Labels,
  labelsKey,
  pickLabels,
  Sample,
  Value,
  withoutName,
} from './vector';

const arithmetic: Readonly<Record<string, (l: number, r: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '^': (left, right) => left ** right,
  atan2: Math.atan2,
};
const comparisons: Readonly<Record<string, (l: number, r: number) => boolean>> =
  {
    '==': (left, right) => left === right,
    '!=': (left, right) => left !== right,
    '>': (left, right) => left > right,
    '<': (left, right) => left < right,
    '>=': (left, right) => left >= right,
    '<=': (left, right) => left <= right,
  };

/** How an operator is applied. */
export interface Operation {
  readonly operator: string;
  readonly bool: boolean;
  readonly matching: Matching;
}

/** The result for two numbers; undefined when a comparison filters it out. */
function combine(
  { operator, bool }: Operation,
  left: number,
  right: number,
  kept: number,
): number | undefined {
  const calculate = arithmetic[operator];
  if (calculate) return calculate(left, right);
  const compare = comparisons[operator];
  if (!compare)
    throw new QueryExecutionError(`the operator ${operator} is not simulated`);
  const holds = compare(left, right);
  if (bool) return holds ? 1 : 0;
  return holds ? kept : undefined;
}

/** Applies a binary operator to two values. */
export function applyOperator(
  operation: Operation,
  left: Value,
  right: Value,
): Value {
  const { operator, bool } = operation;
  if (left.type === 'scalar' && right.type === 'scalar') {
    if (comparisons[operator] && !bool) {
      throw new QueryExecutionError(
        'comparisons between scalars must use BOOL modifier',
      );
    }
    const value = combine(operation, left.value, right.value, left.value);
    return { type: 'scalar', value: value ?? NaN };
  }
  if (left.type === 'vector' && right.type === 'vector') {
    return {
      type: 'vector',
      samples: ['and', 'or', 'unless'].includes(operator)
        ? combineSets(operation, left.samples, right.samples)
        : matchVectors(operation, left.samples, right.samples),
    };
  }
  if (left.type === 'vector' && right.type === 'scalar')
    return withScalar(operation, left.samples, number => [number, right.value]);
  if (left.type === 'scalar' && right.type === 'vector')
    return withScalar(operation, right.samples, number => [left.value, number]);
  throw new QueryExecutionError(
    `binary expression must contain only scalar and instant vector types`,
  );
}

function withScalar(
  operation: Operation,
  samples: readonly Sample[],
  sides: (value: number) => readonly [number, number],
): Value {
  const keepsName = !arithmetic[operation.operator] && !operation.bool;
  return {
    type: 'vector',
    samples: samples.flatMap(sample => {
      const value = combine(operation, ...sides(sample.value), sample.value);
      if (value === undefined) return [];
      const labels = keepsName ? sample.labels : withoutName(sample.labels);
      return [{ ...sample, labels, value }];
    }),
  };
}

function groupOf({ on, labels }: Matching, given: Labels): Labels {
  return on ? pickLabels(given, labels) : dropLabels(given, labels);
}

function combineSets(
  { operator, matching }: Operation,
  left: readonly Sample[],
  right: readonly Sample[],
): readonly Sample[] {
  const keyOf = ({ labels }: Sample) => labelsKey(groupOf(matching, labels));
  const rightKeys = new Set(right.map(keyOf));
  if (operator === 'and')
    return left.filter(each => rightKeys.has(keyOf(each)));
  if (operator === 'unless')
    return left.filter(each => !rightKeys.has(keyOf(each)));
  const leftKeys = new Set(left.map(keyOf));
  return [...left, ...right.filter(each => !leftKeys.has(keyOf(each)))];
}

function matchVectors(
  operation: Operation,
  left: readonly Sample[],
  right: readonly Sample[],
): readonly Sample[] {
  const { matching, operator, bool } = operation;
  const swapped = matching.many === 'right';
  const [many, one] = swapped ? [right, left] : [left, right];
  const ones = new Map<string, Sample>();
  for (const sample of one) {
    const key = labelsKey(groupOf(matching, sample.labels));
    if (ones.has(key)) {
      throw new QueryExecutionError(
        `found duplicate series for the match group on the ${
          swapped ? 'left' : 'right'
        } hand-side of the operation; many-to-many matching not allowed: matching labels must be unique on one side`,
      );
    }
    ones.set(key, sample);
  }
  const keepsName = !arithmetic[operator] && !bool;
  const results = new Map<string, Sample>();
  for (const sample of many) {
    const group = groupOf(matching, sample.labels);
    const partner = ones.get(labelsKey(group));
    if (!partner) continue;
    const [mine, theirs] = swapped
      ? [partner.value, sample.value]
      : [sample.value, partner.value];
    const value = combine(operation, mine, theirs, mine);
    if (value === undefined) continue;
    const labels = resultLabels(operation, { sample, partner, keepsName });
    const key = labelsKey(labels);
    if (results.has(key)) {
      throw new QueryExecutionError(
        'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
      );
    }
    results.set(key, { labels, value, time: sample.time });
  }
  return [...results.values()];
}

function resultLabels(
  { matching }: Operation,
  {
    sample,
    partner,
    keepsName,
  }: {
    readonly sample: Sample;
    readonly partner: Sample;
    readonly keepsName: boolean;
  },
): Labels {
  const own = keepsName ? sample.labels : withoutName(sample.labels);
  if (!matching.many) {
    if (matching.on) return groupOf(matching, own);
    const kept = dropLabels(own, matching.labels);
    return keepsName && own.__name__ !== undefined
      ? { ...kept, __name__: own.__name__ }
      : kept;
  }
  const labels: Record<string, string> = { ...own };
  for (const name of matching.include) {
    const value = partner.labels[name];
    if (value === undefined) delete labels[name];
    else labels[name] = value;
  }
  return labels;
}
