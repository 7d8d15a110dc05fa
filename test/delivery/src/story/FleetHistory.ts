// SPDX-License-Identifier: Apache-2.0
import type { Surroundings } from '../surroundings/Surroundings';
import { GitWorkingCopy } from './GitWorkingCopy';

/** The fleet repository's branch as anybody who clones it sees it. */
export class FleetHistory {
  readonly #copy: GitWorkingCopy;

  static async clone({
    forge,
    forgePassword,
  }: Pick<Surroundings, 'forge' | 'forgePassword'>): Promise<FleetHistory> {
    const reader = {
      name: 'Reader',
      login: 'causeway',
      password: forgePassword,
    };
    return new FleetHistory(await GitWorkingCopy.clone(forge, 'fleet', reader));
  }

  private constructor(copy: GitWorkingCopy) {
    this.#copy = copy;
  }

  /** Subjects of the branch, newest first. `path` keeps only commits that touch it. */
  async subjects(path = '.'): Promise<readonly string[]> {
    await this.#copy.pull();
    return (await this.#copy.git('log', '--format=%s', '--', path)).split('\n');
  }

  /**
   * The promotions that commits name in their trailer, newest first; a commit of nobody's has none.
   * `path` keeps only commits that touch it.
   */
  async promotions(path = '.'): Promise<readonly string[]> {
    await this.#copy.pull();
    const log = await this.#copy.git(
      'log',
      '--format=%(trailers:key=Causeway-Promotion,valueonly)',
      '--',
      path,
    );
    return log.split('\n').filter(Boolean);
  }

  /** A file as it was at the last look at the history. */
  read(path: string): Promise<string> {
    return this.#copy.read(path);
  }

  remove(): Promise<void> {
    return this.#copy.remove();
  }
}
