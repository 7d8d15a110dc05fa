// SPDX-License-Identifier: Apache-2.0

/** Why something could not be read or done, in a sentence for people. */
export class SimulationProblem extends Error {
  constructor(
    message: string,
    /** HTTP status; 0 when no answer arrived. */
    readonly status: number,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = 'SimulationProblem';
  }
}

/** Whether the portal says that it has no simulated world at all. */
export function isNotConfigured(error: unknown): boolean {
  return error instanceof SimulationProblem && error.status === 501;
}

/** The sentence of an error. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
