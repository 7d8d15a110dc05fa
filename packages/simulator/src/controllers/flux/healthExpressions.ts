// SPDX-License-Identifier: Apache-2.0
import { celEnv, CelInput, isCelError, parse, plan } from '@bufbuild/cel';
import { KubernetesObject } from '../runtime/resources';
import type { HealthCheckExpressions } from './fluxObjects';
import type { Health } from './health';

const environment = celEnv();
type Compiled = ReturnType<typeof plan>;
const compiled = new Map<string, Compiled>();

function compile(expression: string): Compiled {
  const known = compiled.get(expression);
  if (known) return known;
  const fresh = plan(environment, parse(expression));
  compiled.set(expression, fresh);
  return fresh;
}

/** Why expressions cannot be used; undefined when they can. */
export function expressionProblem(
  expressions: readonly HealthCheckExpressions[],
): string | undefined {
  for (const { apiVersion, kind, ...named } of expressions) {
    for (const [name, expression] of Object.entries(named)) {
      try {
        compile(expression);
      } catch (error) {
        return `failed to parse the expression ${name} of ${apiVersion}/${kind}: ${error}`;
      }
    }
  }
  return undefined;
}

/**
 * The health of a live object by CEL expressions over it. One that its
 * controller has not seen yet is in progress, and so is one that has not got the
 * fields which the expressions read.
 */
export function healthByExpressions(
  object: KubernetesObject,
  { inProgress, failed, current }: HealthCheckExpressions,
): Health {
  const { generation, deletionTimestamp } = object.metadata;
  if (deletionTimestamp) return 'Terminating';
  const { observedGeneration } =
    (object as { status?: { observedGeneration?: number } }).status ?? {};
  if (observedGeneration !== undefined && observedGeneration !== generation)
    return 'InProgress';
  const bindings = object as unknown as Record<string, CelInput>;
  const holds = (expression: string | undefined) => {
    if (expression === undefined) return false;
    const answer = compile(expression)(bindings);
    return !isCelError(answer) && answer === true;
  };
  if (holds(inProgress)) return 'InProgress';
  if (holds(failed)) return 'Failed';
  return holds(current) ? 'Current' : 'InProgress';
}
