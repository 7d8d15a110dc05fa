// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../surroundings/until';

const run = promisify(execFile);

/** Long enough to lose some races; what is refused for good shall be said soon. */
const PUSH_PATIENCE_MS = 30_000;

/** A clone of a repository of the forge, used like a person uses one. */
export class GitWorkingCopy {
  readonly #directory: string;

  static async clone(
    forge: string,
    repository: string,
    user: { name: string; login: string; password: string },
  ): Promise<GitWorkingCopy> {
    const directory = await mkdtemp(join(tmpdir(), 'causeway-clone-'));
    const url = new URL(`/norden/${repository}.git`, forge);
    url.username = user.login;
    url.password = user.password;
    await run('git', ['clone', '--quiet', url.href, directory]);
    const copy = new GitWorkingCopy(directory);
    await copy.git('config', 'user.name', user.name);
    await copy.git('config', 'user.email', `${user.login}@norden.example`);
    return copy;
  }

  private constructor(directory: string) {
    this.#directory = directory;
  }

  async git(...parameters: string[]): Promise<string> {
    const { stdout } = await run('git', parameters, {
      cwd: this.#directory,
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout.trim();
  }

  /** Commits one file and pushes it. Returns the commit. */
  push(file: string, content: string, message: string): Promise<string> {
    return this.pushAll({ [file]: content }, message);
  }

  /** Commits files, content by path, and pushes them. Returns the commit. */
  async pushAll(
    files: Readonly<Record<string, string>>,
    message: string,
  ): Promise<string> {
    for (const [file, content] of Object.entries(files)) {
      await writeFile(join(this.#directory, file), content);
      await this.git('add', file);
    }
    await this.git('commit', '--quiet', '--message', message);
    await this.#publish(message);
    return this.git('rev-parse', 'HEAD');
  }

  /** A file as it is in the working copy. */
  read(file: string): Promise<string> {
    return readFile(join(this.#directory, file), 'utf8');
  }

  async pull(): Promise<void> {
    await this.git('pull', '--quiet', '--rebase');
  }

  /** Others push, too; what they were faster with goes before. */
  async #publish(message: string): Promise<void> {
    await until(
      `the commit "${message}" to be pushed`,
      async () => {
        try {
          await this.git('push', '--quiet', 'origin', 'HEAD:main');
          return true;
        } catch (error) {
          await this.pull();
          throw error;
        }
      },
      PUSH_PATIENCE_MS,
    );
  }

  remove(): Promise<void> {
    return rm(this.#directory, { recursive: true, force: true });
  }
}
