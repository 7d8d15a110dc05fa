// SPDX-License-Identifier: Apache-2.0

const PATIENCE_MILLISECONDS = 120_000;

/** Asks again until the answer is right, for what the API promises only in the end. */
export async function eventually<T>(
  ask: () => Promise<T>,
  isRight: (answer: T) => boolean,
): Promise<T> {
  const end = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (Date.now() > end) {
      throw new Error(`still not right: ${JSON.stringify(answer)}`);
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
