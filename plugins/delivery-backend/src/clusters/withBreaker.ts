// SPDX-License-Identifier: Apache-2.0
import {
  BrokenCircuitError,
  circuitBreaker,
  ConsecutiveBreaker,
  handleWhenResult,
} from 'cockatiel';
import type { Answer, ClusterTransport } from './ClusterTransport';
import { recordIn, textIn } from './fields';

/** When a cluster that keeps failing is left alone. */
export interface BreakerLimits {
  /** Failures in a row, over all kinds and questions. */
  readonly failures: number;
  /** Milliseconds until one question is let through again. */
  readonly rest: number;
}

/**
 * A transport that stops asking a cluster which keeps failing: the last failure is then the answer,
 * at once. Only failures of the cluster count; a refusal or a missing object is a good answer.
 */
export function withBreaker(
  transport: ClusterTransport,
  limits: BreakerLimits,
): ClusterTransport {
  const breaker = circuitBreaker(handleWhenResult(isBreakdown), {
    breaker: new ConsecutiveBreaker(limits.failures),
    halfOpenAfter: limits.rest,
  });
  let last: Answer<never> | undefined;
  async function guarded<T>(ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
    try {
      const answer = await breaker.execute(ask);
      if (!answer.ok) last = answer;
      return answer;
    } catch (error) {
      if (error instanceof BrokenCircuitError && last) return last;
      throw error;
    }
  }
  return {
    list: (path, page, signal) =>
      guarded(() => transport.list(path, page, signal)),
    watch: (path, version, signal) =>
      guarded(() => transport.watch(path, version, signal)),
    probe: signal => guarded(() => transport.probe(signal)),
    get: (path, signal) => guarded(() => transport.get(path, signal)),
    patch: (path, body, options, signal) =>
      guarded(() => transport.patch(path, body, options, signal)),
    close: () => transport.close(),
  };
}

function isBreakdown(answer: unknown): boolean {
  const kind = textIn(recordIn(answer, 'failure'), 'kind');
  return kind === 'unreachable' || kind === 'failing' || kind === 'busy';
}
