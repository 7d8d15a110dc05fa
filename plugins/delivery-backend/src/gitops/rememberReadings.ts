// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';

/** Reads something at a commit. */
export type Read<Question, Answer> = (
  commit: string,
  question: Question,
) => Promise<Answer>;

/**
 * The same reader, which remembers its last answers by the question's content. What a commit holds never
 * changes, and waves ask the same question of it every few seconds. Failures are not remembered.
 */
export function rememberReadings<Question, Answer>(
  read: Read<Question, Answer>,
  remembered = 20,
): Read<Question, Answer> {
  const answers = new Map<string, Promise<Answer>>();
  return (commit, question) => {
    const key = createHash('sha256')
      .update(JSON.stringify([commit, question]))
      .digest('hex');
    const known = answers.get(key);
    if (known) return known;
    const answer = read(commit, question);
    answers.set(key, answer);
    answer.catch(() => answers.delete(key));
    const [oldest] = answers.keys();
    if (answers.size > remembered) answers.delete(oldest);
    return answer;
  };
}
