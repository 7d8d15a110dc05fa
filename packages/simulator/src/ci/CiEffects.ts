// SPDX-License-Identifier: Apache-2.0
import { chance, JobKind } from './plan';

/** What goes wrong in CI for a while. */
export interface CiEffect {
  /** `owner/name`; every repository when left out. */
  readonly repository?: string;
  /** The job that fails. */
  readonly fails: JobKind;
  /** Share of the runs that fail, 0 to 1, drawn by commit; all when left out. */
  readonly flaky?: number;
}

/** Failing runs on demand. Effects compose: a job fails when any of them says so. */
export class CiEffects {
  readonly #effects = new Set<CiEffect>();

  /** Begins an effect on runs that reach the job from now on; `end` takes it back and may be called twice. */
  begin(effect: CiEffect): { end(): void } {
    // An object of its own, so that two equal effects end one by one.
    const own = { ...effect };
    this.#effects.add(own);
    return { end: () => this.#effects.delete(own) };
  }

  /** The effects that are on. */
  list(): readonly CiEffect[] {
    return [...this.#effects];
  }

  /** Whether a kind of job fails for a commit. */
  fails(kind: JobKind, repository: string, sha: string): boolean {
    return this.list().some(
      effect =>
        effect.fails === kind &&
        (effect.repository ?? repository) === repository &&
        chance(`${sha} flaky ${kind}`) < (effect.flaky ?? 1),
    );
  }
}
