// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import {
  access,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { defaultCacheFolder, folderOf } from './cacheFolder';
import { runGo } from './go';
import { withLock } from './lock';
import {
  DataSet,
  dataSets,
  ModuleFiles,
  Program,
  ProgramName,
  programs,
} from './recipes';

/** The pinned go.mod and go.sum files. */
const MODULES = join(dirname(require.resolve('../../package.json')), 'modules');
const HEARTBEAT_MILLISECONDS = 30_000;

export interface BuildOptions {
  /** Where programs are kept; `~/.cache/causeway/bin` when left out. */
  readonly cacheFolder?: string;
  /** Optional programs to build as well. */
  readonly include?: readonly ProgramName[];
  /** Receives one line per step; silent when left out. */
  readonly progress?: (line: string) => void;
}

type Item =
  | { readonly kind: 'program'; readonly recipe: Program }
  | { readonly kind: 'data'; readonly recipe: DataSet };

/**
 * Makes sure that everything a cluster needs is in the cache folder.
 *
 * What is there is left alone, so a second call is cheap and needs no Go.
 * Each item is built aside and renamed into place: a killed build leaves
 * nothing half-done that a later run would take for complete.
 *
 * @throws GoMissingError when something must be built and Go is not there.
 * @throws GoCommandError when a build or download fails.
 */
export async function ensureBuilt(options: BuildOptions = {}): Promise<void> {
  const cacheFolder = options.cacheFolder ?? defaultCacheFolder();
  const progress = options.progress ?? (() => {});
  const wanted = itemsWith(options.include ?? []);
  if ((await missingOf(cacheFolder, wanted)).length === 0) return;

  await runGo(['version'], tmpdir());
  await withLock(
    join(cacheFolder, '.lock'),
    holder => progress(`waiting for the build of process ${holder} to end`),
    async () => {
      const missing = await missingOf(cacheFolder, wanted);
      for (const [index, item] of missing.entries()) {
        const label = `${titleOf(item)} (${index + 1} of ${missing.length})`;
        await reported(label, progress, () => make(item, cacheFolder));
      }
    },
  );
}

/** Names of what must still be built before a cluster can start. */
export async function missingParts(
  cacheFolder: string = defaultCacheFolder(),
): Promise<readonly string[]> {
  return (await missingOf(cacheFolder, itemsWith([]))).map(titleOf);
}

function itemsWith(include: readonly ProgramName[]): readonly Item[] {
  const wanted = programs.filter(
    program => !program.optional || include.includes(program.name),
  );
  return [
    ...dataSets.map(recipe => ({ kind: 'data' as const, recipe })),
    ...wanted.map(recipe => ({ kind: 'program' as const, recipe })),
  ];
}

function titleOf({ recipe }: Item): string {
  return `${recipe.name} ${recipe.version}`;
}

async function missingOf(
  cacheFolder: string,
  items: readonly Item[],
): Promise<readonly Item[]> {
  const present = await Promise.all(
    items.map(({ recipe }) => exists(folderOf(cacheFolder, recipe))),
  );
  return items.filter((_, index) => !present[index]);
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

async function make(item: Item, cacheFolder: string): Promise<void> {
  const target = folderOf(cacheFolder, item.recipe);
  // Beside the target, because a rename cannot cross file systems.
  const aside = await mkdtemp(`${target}.building-`);
  try {
    if (item.kind === 'program') await compile(item.recipe, aside);
    else await collect(item.recipe, aside);
    await rename(aside, target);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
}

async function compile(program: Program, folder: string): Promise<void> {
  const variables = Object.entries(program.variables ?? {});
  const settings = variables.map(([name, value]) => `-X ${name}=${value}`);
  await runGo(
    [
      'build',
      '-mod=readonly',
      '-trimpath',
      '-buildvcs=false',
      `-ldflags=${['-s', '-w', ...settings].join(' ')}`,
      '-o',
      join(folder, program.name),
      program.package,
    ],
    join(MODULES, program.module),
  );
}

async function collect(dataSet: DataSet, folder: string): Promise<void> {
  // The number keeps the order of the recipe, in which earlier sources win.
  for (const [index, source] of dataSet.sources.entries()) {
    const target = join(folder, `${index}`);
    await mkdir(target);
    const module = await downloadModule(source);
    for (const file of await yamlFilesOf(module, source.paths)) {
      await copyFile(file, join(target, basename(file)));
    }
  }
}

async function downloadModule(source: ModuleFiles): Promise<string> {
  const answer: unknown = JSON.parse(
    await runGo(['mod', 'download', '-json', source.module], tmpdir()),
  );
  if (!isDownload(answer)) {
    throw new Error(`Go did not say where it put ${source.module}.`);
  }
  if (answer.Sum !== source.sum) {
    throw new Error(
      `${source.module} has the checksum ${answer.Sum}, but ${source.sum} is expected.`,
    );
  }
  return answer.Dir;
}

/** The part of `go mod download -json` that is needed here. */
function isDownload(
  value: unknown,
): value is { readonly Dir: string; readonly Sum: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'Dir' in value &&
    typeof value.Dir === 'string' &&
    'Sum' in value &&
    typeof value.Sum === 'string'
  );
}

async function yamlFilesOf(
  module: string,
  paths: readonly string[],
): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths.map(relative => join(module, relative))) {
    if ((await stat(path)).isFile()) files.push(path);
    else {
      const names = (await readdir(path)).filter(name => /\.ya?ml$/.test(name));
      files.push(...names.sort().map(name => join(path, name)));
    }
  }
  return files;
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
