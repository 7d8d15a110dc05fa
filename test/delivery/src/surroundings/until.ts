// SPDX-License-Identifier: Apache-2.0

const PAUSE_MS = 200;

/**
 * Asks again until the answer is not undefined. A question that throws is asked again too; its last
 * error is part of the failure.
 * @param what is waited for, as the failure shall say it
 */
export async function until<T>(
  what: string,
  question: () => Promise<T | undefined>,
  patienceMs = 300_000,
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  let trouble: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await question();
      if (answer !== undefined) {
        return answer;
      }
      trouble = undefined;
    } catch (error) {
      trouble = error;
    }
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`Waited ${patienceMs / 1000} s in vain: ${what}`, {
    cause: trouble,
  });
}
