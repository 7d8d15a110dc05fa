// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** A refusal of the API server. */
export class KubernetesError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
    this.name = 'KubernetesError';
  }
}

/** Whether an error is the API server's, with this status. */
export function isStatus(
  error: unknown,
  status: number,
): error is KubernetesError {
  return error instanceof KubernetesError && error.status === status;
}

/** The refusal in an answer; its body is read. */
export async function refusalOf(
  response: IncomingMessage,
): Promise<KubernetesError> {
  const body = await text(response);
  const code = response.statusCode ?? 500;
  try {
    const status = JSON.parse(body);
    return new KubernetesError(
      code,
      String(status.reason ?? ''),
      String(status.message ?? body),
    );
  } catch {
    return new KubernetesError(
      code,
      '',
      body.slice(0, 300) || `The server answered ${code}`,
    );
  }
}
