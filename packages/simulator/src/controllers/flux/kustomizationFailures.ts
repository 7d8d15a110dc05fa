// SPDX-License-Identifier: Apache-2.0
import { EventNote } from '../runtime/EventRecorder';
import { ApplyError } from './Applier';
import { formatDuration } from './durations';
import { HealthCheckError } from './HealthChecker';
import { BuildError } from './Renderer';

/** Something newer has come while the health of what was applied was waited for. */
export class HealthCheckCanceledError extends Error {
  /** `trigger` is what has something new: `GitRepository/namespace/name`. */
  constructor(readonly trigger: string) {
    super(`New reconciliation triggered by ${trigger}`);
    this.name = 'HealthCheckCanceledError';
  }
}

/** What a Kustomization says of an attempt that came to nothing. */
export interface Failure {
  /** Reason and message of the condition `Ready`. */
  readonly reason: string;
  readonly message: string;
  /** Message of the condition `Healthy`, when the failure is one of health. */
  readonly healthy?: string;
  /** How the event differs from a warning with that message. */
  readonly event?: Pick<EventNote, 'type' | 'message'>;
}

/** The failure that an error after so many milliseconds stands for; undefined when it is nobody's fault but ours. */
export function failureOf(error: unknown, took: number): Failure | undefined {
  if (error instanceof BuildError)
    return { reason: 'BuildFailed', message: error.message };
  if (error instanceof ApplyError)
    return { reason: 'ReconciliationFailed', message: error.message };
  if (error instanceof HealthCheckError)
    return {
      reason: 'HealthCheckFailed',
      message: `health check failed after ${formatDuration(took)}: ${
        error.message
      }`,
      healthy: error.message,
    };
  if (error instanceof HealthCheckCanceledError)
    return {
      reason: 'HealthCheckCanceled',
      message: error.message,
      event: {
        type: 'Normal',
        message: `Health checks canceled due to new reconciliation triggered by ${error.trigger}`,
      },
    };
  return undefined;
}
