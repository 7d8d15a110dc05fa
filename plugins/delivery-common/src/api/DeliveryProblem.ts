// SPDX-License-Identifier: Apache-2.0
import type { Problem } from './views';

/** Why the delivery backend did not do what was asked, in words for a person and a code for programs. */
export class DeliveryProblem extends Error {
  readonly name = 'DeliveryProblem';
  /** HTTP status; 0 when no answer arrived. */
  readonly status: number;
  /** Stable code, for example `ownRelease`; `unreachable` when no answer arrived. */
  readonly code: string;
  /** What to do next. */
  readonly hint?: string;
  readonly details: readonly Record<string, unknown>[];

  constructor(
    message: string,
    options: {
      readonly status: number;
      readonly code: string;
      readonly hint?: string;
      readonly details?: readonly Record<string, unknown>[];
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.status = options.status;
    this.code = options.code;
    this.hint = options.hint;
    this.details = options.details ?? [];
  }

  /** Reads an error answer; one that is not ours (a proxy's page) still gives a sentence. */
  static fromAnswer(status: number, body: unknown): DeliveryProblem {
    if (!isProblem(body)) {
      return new DeliveryProblem(
        `The portal answered with status ${status} and no explanation.`,
        { status, code: 'unexplained' },
      );
    }
    const { error } = body;
    return new DeliveryProblem(error.message, {
      status,
      code: error.code ?? error.name,
      hint: error.hint,
      details: error.details,
    });
  }
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null || !('error' in body)) {
    return false;
  }
  const { error } = body;
  return (
    typeof error === 'object' &&
    error !== null &&
    'message' in error &&
    typeof error.message === 'string' &&
    'name' in error &&
    typeof error.name === 'string'
  );
}
