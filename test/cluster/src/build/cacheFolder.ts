// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DataSet, ProgramName, programs } from './recipes';

/**
 * Folder that keeps built programs between runs and check-outs.
 *
 * Follows the XDG base directory rule: `$XDG_CACHE_HOME`, else `~/.cache`.
 */
export function defaultCacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const base = environment.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 'causeway', 'bin');
}

/** Folder of one program or data set inside the cache. */
export function folderOf(
  cacheFolder: string,
  item: { readonly name: string; readonly version: string },
): string {
  return join(cacheFolder, `${item.name}-${item.version}`);
}

/** Path of an executable, whether it has been built or not. */
export function programPath(cacheFolder: string, name: ProgramName): string {
  const program = programs.find(candidate => candidate.name === name);
  if (!program) throw new Error(`There is no recipe for ${name}.`);
  return join(folderOf(cacheFolder, program), name);
}

/** Folder of YAML files, whether it has been filled or not. */
export function dataSetPath(cacheFolder: string, dataSet: DataSet): string {
  return folderOf(cacheFolder, dataSet);
}
