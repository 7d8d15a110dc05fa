// SPDX-License-Identifier: Apache-2.0
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { LabelMatcher } from '../SeriesSource';
import { parsePromDuration } from './duration';
import {
  Expression,
  Matching,
  Moment,
  QueryExecutionError,
  QuerySyntaxError,
  Selector,
} from './expression';

const now: Moment = { offset: 0 };

function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling)
    if (child.name !== 'LineComment') children.push(child);
  return children;
}

class Reader {
  constructor(private readonly query: string) {}

  expression(node: SyntaxNode): Expression {
    const children = childrenOf(node);
    switch (node.name) {
      case 'ParenExpr':
        return this.expression(children[0]);
      case 'NumberDurationLiteral':
        return { kind: 'number', value: this.#number(node) };
      case 'StringLiteral':
        return { kind: 'string', value: this.#string(node) };
      case 'VectorSelector':
        return this.#selector(node);
      case 'MatrixSelector':
        return {
          kind: 'range',
          selector: this.#selector(children[0]),
          range: this.#duration(children[1]),
        };
      case 'SubqueryExpr':
        return {
          kind: 'subquery',
          expression: this.expression(children[0]),
          range: this.#duration(children[1]),
          step: children[2] && this.#duration(children[2]),
          moment: now,
        };
      case 'OffsetExpr':
        return shifted(this.expression(children[0]), {
          offset: this.#duration(children[children.length - 1]),
        });
      case 'StepInvariantExpr':
        return shifted(this.expression(children[0]), {
          at: this.#at(children[children.length - 1]),
        });
      case 'UnaryExpr':
        return this.#unary(children);
      case 'FunctionCall':
        return {
          kind: 'call',
          name: this.#text(children[0]),
          parameters: childrenOf(children[1]).map(child =>
            this.expression(child),
          ),
        };
      case 'AggregateExpr':
        return this.#aggregate(children);
      case 'BinaryExpr':
        return this.#binary(children);
      default:
        throw new QueryExecutionError(
          `${this.#text(node)}: ${node.name} is not simulated`,
        );
    }
  }

  #unary([operator, operand]: readonly SyntaxNode[]): Expression {
    const expression = this.expression(operand);
    return this.#text(operator) === '-'
      ? { kind: 'negation', expression }
      : expression;
  }

  #selector(node: SyntaxNode): Selector {
    const matchers: LabelMatcher[] = [];
    for (const child of childrenOf(node)) {
      if (child.name === 'Identifier') {
        const value = this.#text(child);
        matchers.push({ name: '__name__', operator: '=', value });
      } else if (child.name === 'LabelMatchers') {
        for (const matcher of childrenOf(child))
          matchers.push(this.#matcher(matcher));
      }
    }
    const isEmpty = matchers.every(matches => matcherTakes(matches, ''));
    if (isEmpty) {
      throw new QuerySyntaxError(
        'vector selector must contain at least one non-empty matcher',
      );
    }
    return { kind: 'selector', matchers, moment: now };
  }

  #matcher(node: SyntaxNode): LabelMatcher {
    const [name, operator, value] = childrenOf(node);
    if (!operator || !value) {
      // A quoted name alone means the metric.
      return {
        name: '__name__',
        operator: '=',
        value: this.#unquoted(this.#text(name)),
      };
    }
    const label = this.#text(name);
    return {
      name: /^["']/.test(label) ? this.#unquoted(label) : label,
      operator: this.#text(operator) as LabelMatcher['operator'],
      value: this.#string(value),
    };
  }

  #aggregate(children: readonly SyntaxNode[]): Expression {
    const body = children.find(({ name }) => name === 'FunctionCallBody');
    const modifier = children.find(({ name }) => name === 'AggregateModifier');
    const parameters = body ? childrenOf(body) : [];
    const [first, second] = parameters.map(each => this.expression(each));
    const labels = modifier?.getChild('GroupingLabels');
    return {
      kind: 'aggregate',
      operator: this.#text(children[0]),
      parameter: second && first,
      expression: second ?? first,
      without: Boolean(modifier?.getChild('Without')),
      labels: labels ? this.#labels(labels) : [],
    };
  }

  #binary(children: readonly SyntaxNode[]): Expression {
    const modifier = children.find(
      ({ name }) => name === 'MatchingModifierClause',
    );
    const left = this.expression(children[0]);
    const isPower = children[1].name === 'Pow';
    const isSigned =
      children[0].name === 'NumberDurationLiteral' &&
      this.#text(children[0]).startsWith('-');
    if (isPower && isSigned && left.kind === 'number') {
      // A sign binds looser than a power, which the tree does not show.
      const power = this.#power(-left.value, children[children.length - 1]);
      return { kind: 'negation', expression: power };
    }
    return {
      kind: 'binary',
      operator: this.#text(children[1]).toLowerCase(),
      left,
      right: this.expression(children[children.length - 1]),
      bool: children.some(({ name }) => name === 'BoolModifier'),
      matching: modifier
        ? this.#matching(modifier)
        : { on: false, labels: [], include: [] },
    };
  }

  #power(base: number, exponent: SyntaxNode): Expression {
    return {
      kind: 'binary',
      operator: '^',
      left: { kind: 'number', value: base },
      right: this.expression(exponent),
      bool: false,
      matching: { on: false, labels: [], include: [] },
    };
  }

  #matching(node: SyntaxNode): Matching {
    const groups = node
      .getChildren('GroupingLabels')
      .map(each => this.#labels(each));
    const many =
      (node.getChild('GroupLeft') && ('left' as const)) ||
      (node.getChild('GroupRight') && ('right' as const)) ||
      undefined;
    const isNamed = node.getChild('On') || node.getChild('Ignoring');
    const [labels, include] = isNamed ? groups : [[], groups[0]];
    return {
      on: Boolean(node.getChild('On')),
      labels: labels ?? [],
      include: include ?? [],
      ...(many ? { many } : {}),
    };
  }

  #labels(node: SyntaxNode): readonly string[] {
    return childrenOf(node).map(each => this.#text(each));
  }

  #at(node: SyntaxNode): number | 'start' | 'end' {
    const text = this.#text(node);
    if (text.startsWith('start')) return 'start';
    if (text.startsWith('end')) return 'end';
    return this.#number(node) * 1_000;
  }

  #number(node: SyntaxNode): number {
    const text = this.#text(node).replace(/_/g, '');
    if (/^[-+]?inf$/i.test(text)) return text[0] === '-' ? -Infinity : Infinity;
    if (/^[-+]?nan$/i.test(text)) return NaN;
    const value = Number(text);
    if (!Number.isNaN(value)) return value;
    const duration = parsePromDuration(text);
    if (duration === undefined)
      throw new QuerySyntaxError(`bad number or duration syntax: "${text}"`);
    return duration / 1_000;
  }

  #duration(node: SyntaxNode): number {
    const text = this.#text(node);
    const duration = parsePromDuration(text);
    if (duration === undefined)
      throw new QueryExecutionError(`the duration ${text} is not simulated`);
    return duration;
  }

  #string(node: SyntaxNode): string {
    return this.#unquoted(this.#text(node));
  }

  #unquoted(text: string): string {
    const inner = text.slice(1, -1);
    if (text[0] === '`') return inner;
    return inner.replace(/\\(.)/g, (_, escaped: string) => {
      const known: Readonly<Record<string, string>> = {
        n: '\n',
        t: '\t',
        r: '\r',
      };
      return known[escaped] ?? escaped;
    });
  }

  #text(node: SyntaxNode): string {
    return this.query.slice(node.from, node.to);
  }
}

function shifted(
  expression: Expression,
  by: { readonly offset?: number; readonly at?: Moment['at'] },
): Expression {
  switch (expression.kind) {
    case 'selector':
    case 'subquery':
      return { ...expression, moment: { ...expression.moment, ...by } };
    case 'range':
      return {
        ...expression,
        selector: {
          ...expression.selector,
          moment: { ...expression.selector.moment, ...by },
        },
      };
    default:
      throw new QuerySyntaxError(
        'offset and @ modifiers must be preceded by a selector or a subquery',
      );
  }
}

/** Whether a matcher takes a value. Regular expressions are anchored. */
export function matcherTakes(
  { operator, value }: LabelMatcher,
  given: string,
): boolean {
  switch (operator) {
    case '=':
      return given === value;
    case '!=':
      return given !== value;
    default: {
      const matches = anchored(value).test(given);
      return operator === '=~' ? matches : !matches;
    }
  }
}

const compiled = new Map<string, RegExp>();

function anchored(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  let expression: RegExp;
  try {
    expression = new RegExp(`^(?:${pattern})$`, 's');
  } catch (error) {
    throw new QuerySyntaxError(
      `error parsing regexp: ${error instanceof Error ? error.message : error}`,
    );
  }
  if (compiled.size > 500) compiled.clear();
  compiled.set(pattern, expression);
  return expression;
}

/**
 * Reads a PromQL query with the grammar of Prometheus' own editor.
 *
 * @throws QuerySyntaxError when it is none
 * @throws QueryExecutionError when it uses what is not simulated
 */
export function parseQuery(query: string): Expression {
  if (query.trim() === '') throw new QuerySyntaxError('no expression found');
  const tree = parser.parse(query);
  tree.iterate({
    enter(node) {
      if (node.type.isError) {
        const near = query.slice(node.from, node.from + 20);
        throw new QuerySyntaxError(
          `1:${node.from + 1}: parse error: unexpected ${
            near === '' ? 'end of input' : JSON.stringify(near)
          }`,
        );
      }
    },
  });
  const [top] = childrenOf(tree.topNode);
  if (!top) throw new QuerySyntaxError('no expression found');
  return new Reader(query).expression(top);
}
