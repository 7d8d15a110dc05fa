// SPDX-License-Identifier: Apache-2.0
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCacheFolder, folderOf } from './cacheFolder';
import { collect } from './collect';
import { compile } from './compile';
import { runGo } from './go';
import { withLock } from './lock';
import { exists } from './putInPlace';
import { DataSet, dataSets, Program, ProgramName, trees } from './recipes';

const HEARTBEAT_MILLISECONDS = 30_000;

/** While one step downloads or links, which takes one processor at most, another compiles. */
const AT_A_TIME = 2;

export interface BuildOptions {
  /** Where programs are kept; `~/.cache/causeway/bin` when left out. */
  readonly cacheFolder?: string;
  /** Optional programs to build as well. */
  readonly include?: readonly ProgramName[];
  /** Receives one line per step; silent when left out. */
  readonly progress?: (line: string) => void;
}

/** One command's worth of what is missing. */
interface Step {
  readonly parts: readonly (DataSet | Program)[];
  readonly make: () => Promise<void>;
}

/**
 * Makes sure that everything a cluster needs is in the cache folder.
 *
 * What is there is left alone, so a second call is cheap and needs no Go.
 * Each part is built aside and renamed into place: a killed build leaves
 * nothing half-done that a later run would take for complete.
 *
 * @throws GoMissingError when something must be built and Go is not there.
 * @throws GoCommandError when a build or download fails.
 */
export async function ensureBuilt(options: BuildOptions = {}): Promise<void> {
  const cacheFolder = options.cacheFolder ?? defaultCacheFolder();
  const progress = options.progress ?? (() => {});
  const missing = () => missingSteps(cacheFolder, options.include ?? []);
  if ((await missing()).length === 0) return;

  await runGo(['version'], tmpdir());
  await withLock(
    join(cacheFolder, '.lock'),
    holder => progress(`waiting for the build of process ${holder} to end`),
    async () => {
      const steps = [...(await missing()).entries()];
      const count = steps.length;
      const work = async () => {
        for (let next = steps.shift(); next; next = steps.shift()) {
          const [index, { parts, make }] = next;
          const names = parts.map(titleOf).join(', ');
          const label = `${names} (step ${index + 1} of ${count})`;
          await reported(label, progress, make).catch(error => {
            // What is left would only delay the news.
            steps.length = 0;
            throw error;
          });
        }
      };
      // All have ended when the lock is given back, whatever became of them.
      const ends = await Promise.allSettled(
        Array.from({ length: AT_A_TIME }, work),
      );
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
  );
}

/** Names of what must still be built before a cluster can start. */
export async function missingParts(
  cacheFolder: string = defaultCacheFolder(),
): Promise<readonly string[]> {
  const steps = await missingSteps(cacheFolder, []);
  return steps.flatMap(({ parts }) => parts.map(titleOf));
}

function titleOf({ name, version }: DataSet | Program): string {
  return `${name} ${version}`;
}

/** What to do, the first tree first: all others need what it compiles of Go's own packages. */
async function missingSteps(
  cacheFolder: string,
  include: readonly ProgramName[],
): Promise<readonly Step[]> {
  const missingOf = async <Part extends DataSet | Program>(
    parts: readonly Part[],
  ): Promise<readonly Part[]> => {
    const present = await Promise.all(
      parts.map(part => exists(folderOf(cacheFolder, part))),
    );
    return parts.filter((_, index) => !present[index]);
  };
  const builds = trees.map(async (tree): Promise<Step> => {
    const wanted = tree.programs.filter(
      ({ name, optional }) => !optional || include.includes(name),
    );
    const parts = await missingOf(wanted);
    return { parts, make: () => compile(tree, parts, cacheFolder) };
  });
  const collections = (await missingOf(dataSets)).map(
    (dataSet): Step => ({
      parts: [dataSet],
      make: () => collect(dataSet, cacheFolder),
    }),
  );
  const [first, ...others] = await Promise.all(builds);
  return [first, ...collections, ...others].filter(
    ({ parts }) => parts.length > 0,
  );
}

/** Says when a step begins, that it still runs, and how long it took. */
async function reported(
  label: string,
  progress: (line: string) => void,
  work: () => Promise<void>,
): Promise<void> {
  const started = performance.now();
  const elapsed = () => `${Math.round((performance.now() - started) / 1000)} s`;
  progress(`making ${label}`);
  const heartbeat = setInterval(
    () => progress(`still making ${label}, ${elapsed()} so far`),
    HEARTBEAT_MILLISECONDS,
  );
  try {
    await work();
  } finally {
    clearInterval(heartbeat);
  }
  progress(`made ${label} in ${elapsed()}`);
}
