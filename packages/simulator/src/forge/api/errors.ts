// SPDX-License-Identifier: Apache-2.0
import type { ErrorRequestHandler } from 'express';
import { BranchMovedError } from '../../git/importCommits';

/** A refusal with the status and sentence that Gitea would give. */
export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
    this.name = 'ApiError';
  }

  /** What Gitea says about anything that is not there or may not be seen. */
  static notFound(message = 'not found'): ApiError {
    return new ApiError(404, message);
  }
}

/** Answers refusals in Gitea's shape: `{ message, url }`. */
export function errorResponses(
  baseUrl: () => string,
  log: (line: string) => void,
): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const refusal = asRefusal(error);
    if (!refusal)
      log(`forge: ${request.method} ${request.path}: ${error.stack ?? error}`);
    response.status(refusal?.status ?? 500).json({
      message: refusal?.message ?? 'Internal server error',
      url: `${baseUrl()}/api/swagger`,
    });
  };
}

function asRefusal(
  error: unknown,
): { status: number; message: string } | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof BranchMovedError)
    return { status: 409, message: error.message };
  if (error instanceof Error && 'type' in error && 'status' in error) {
    // The body parser's own errors: too large, not JSON.
    return { status: Number(error.status), message: error.message };
  }
  return undefined;
}
