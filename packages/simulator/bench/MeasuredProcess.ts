// SPDX-License-Identifier: Apache-2.0
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A process that holds what is measured, seen from the benchmark. */
export class MeasuredProcess<
  Question extends object,
  Answer extends { readonly milliseconds: number },
> {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Error>;

  constructor(file: string) {
    this.#child = fork(file, {
      execArgv: [
        '--expose-gc',
        '--require',
        '@backstage/cli-node/config/nodeTransform.cjs',
      ],
    });
    this.#ended = once(this.#child, 'exit').then(
      ([code]) => new Error(`The measured process ended with ${code}`),
    );
  }

  /** Asks one question; the next waits for its answer. */
  async ask(question: Question): Promise<Answer> {
    const answered = new Promise<Answer>(resolve => {
      const listen = (message: object | Answer) => {
        // What compiles TypeScript tells of every file it loads on the same channel.
        if (!('milliseconds' in message)) return;
        this.#child.off('message', listen);
        resolve(message);
      };
      this.#child.on('message', listen);
    });
    this.#child.send(question);
    const answer = await Promise.race([answered, this.#ended]);
    if (answer instanceof Error) throw answer;
    return answer;
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
