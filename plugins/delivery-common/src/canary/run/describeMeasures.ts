// SPDX-License-Identifier: Apache-2.0
import type { EngineCheck, EngineCheckState } from './canaryRun';
import type { ObservedAnalysisRun, ObservedRollout } from './observedRollout';

const states: Readonly<Record<string, EngineCheckState>> = {
  Pending: 'running',
  Running: 'running',
  Successful: 'passed',
  Failed: 'failed',
  Error: 'error',
  Inconclusive: 'inconclusive',
};

/**
 * The AnalysisRuns of the run under way. The Rollout tells which there are and how each stands; what
 * was measured is in the AnalysisRuns themselves, which the portal may not be allowed to read.
 */
export function describeMeasures(
  { analyses }: Pick<ObservedRollout, 'analyses'>,
  analysisRun: (name: string) => ObservedAnalysisRun | undefined,
): readonly EngineCheck[] {
  return analyses.map(({ name, status, message }) => {
    const run = analysisRun(name);
    const said = run?.message ?? message;
    return {
      name,
      state: stateOf(run?.phase ?? status),
      ...(said && { message: said }),
      metrics: (run?.metrics ?? []).map(
        ({ phase, message: why, value, successful, ...metric }) => ({
          ...metric,
          state: stateOf(phase),
          ...(why && { message: why }),
          ...(value && { value }),
          passed: successful,
        }),
      ),
    };
  });
}

/** A phase that is not known yet is not over. */
function stateOf(phase: string | undefined): EngineCheckState {
  return states[phase ?? ''] ?? 'running';
}
