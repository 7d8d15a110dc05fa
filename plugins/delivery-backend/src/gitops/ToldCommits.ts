// SPDX-License-Identifier: Apache-2.0
import {
  parseTrailers,
  trailerFormat,
  trailersOfPromotions,
  type ToldCommit,
} from './commitMessage';
import type { Mirror } from './Mirror';

interface History {
  /** The commit whose history it is. */
  readonly tip: string;
  /** Newest first. */
  readonly commits: readonly ToldCommit[];
}

/**
 * The commits of one branch that say by trailers which promotion they are of. History only grows,
 * so after the first time only what is new in it is read.
 */
export class ToldCommits {
  #known: History | undefined;

  constructor(private readonly mirror: Mirror) {}

  /** Those in the history of a commit of the mirror, newest first. */
  async in(tip: string): Promise<readonly ToldCommit[]> {
    const known = this.#known;
    if (known?.tip === tip) return known.commits;
    // Somebody may have set the branch back, or the mirror is a new one.
    const grew =
      known &&
      (await this.mirror.has(known.tip)) &&
      (await this.mirror.isAncestor(known.tip, tip));
    const found = await this.mirror.log([
      trailerFormat,
      '-F',
      ...trailersOfPromotions.map(trailer => `--grep=${trailer}: `),
      grew ? `${known.tip}..${tip}` : tip,
    ]);
    const news = found.map(parseTrailers);
    const commits = grew ? [...news, ...known.commits] : news;
    this.#known = { tip, commits };
    return commits;
  }
}
