// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { BatchAnswers, type GitObject } from './BatchAnswers';

/** The process has ended before it answered. */
export class CatFileEnded extends Error {
  constructor(lastWords: string) {
    super(lastWords || 'git cat-file has ended.');
    this.name = 'CatFileEnded';
  }
}

interface Question {
  readonly name: string;
  resolve(object: GitObject | undefined): void;
  reject(error: Error): void;
}

/** Bytes of the largest object that is read. */
const maximumSize = 64 * 1024 * 1024;

/**
 * One process `git cat-file --batch`, which answers questions in their order until its input ends.
 * It keeps Node running only while somebody waits for an answer, and ends with Node.
 */
export class CatFile {
  readonly #child;
  readonly #answers = new BatchAnswers(maximumSize);
  readonly #questions: Question[] = [];
  #problem: Error | undefined;
  #lastWords = '';
  readonly #ended: Promise<void>;

  constructor(environment: NodeJS.ProcessEnv) {
    const child = spawn('git', ['cat-file', '--batch'], {
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    // Why it can not be written to is told by its end.
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (piece: Buffer) => this.#receive(piece));
    child.stderr.on('data', (piece: Buffer) => {
      this.#lastWords = (this.#lastWords + piece.toString()).slice(-500);
    });
    this.#ended = new Promise(resolve => {
      const end = (words: string) => {
        this.#fail(new CatFileEnded(words));
        resolve();
      };
      child.on('error', error => end(error.message));
      child.on('close', () => end(this.#lastWords.trim()));
    });
    this.#hold(false);
  }

  /** Whether it can be asked nothing more. */
  get isOver(): boolean {
    return this.#problem !== undefined;
  }

  /** Whether nobody waits for an answer. */
  get isIdle(): boolean {
    return this.#questions.length === 0;
  }

  /**
   * The object of this name; undefined when there is none.
   * @throws CatFileEnded when the process ends without an answer
   */
  ask(name: string): Promise<GitObject | undefined> {
    if (this.#problem) return Promise.reject(this.#problem);
    if (this.isIdle) this.#hold(true);
    return new Promise((resolve, reject) => {
      this.#questions.push({ name, resolve, reject });
      this.#child.stdin.write(`${name}\n`);
    });
  }

  /** Lets it answer what was asked, then end; resolves when it has. */
  async end(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #receive(piece: Buffer): void {
    this.#answers.push(piece);
    try {
      for (const question of [...this.#questions]) {
        const answer = this.#answers.next(question.name);
        if (answer === 'waiting') return;
        this.#questions.shift();
        if (this.isIdle) this.#hold(false);
        question.resolve(answer.object);
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      this.kill();
    }
  }

  #fail(problem: Error): void {
    this.#problem ??= problem;
    this.#hold(false);
    for (const { reject } of this.#questions.splice(0)) reject(this.#problem);
  }

  #hold(isHeld: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    const streams = [stdin, stdout, stderr].filter(
      each => each instanceof Socket,
    );
    for (const each of [this.#child, ...streams]) {
      if (isHeld) each.ref();
      else each.unref();
    }
  }
}
