// SPDX-License-Identifier: Apache-2.0
import { copyFile, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { folderOf } from './cacheFolder';
import { runGo } from './go';
import { putInPlace } from './putInPlace';
import { DataSet, ModuleFiles } from './recipes';

/** Copies the files of a data set out of Go modules into its folder of the cache. */
export async function collect(
  dataSet: DataSet,
  cacheFolder: string,
): Promise<void> {
  const target = folderOf(cacheFolder, dataSet);
  // Beside the target, because a rename cannot cross file systems.
  const aside = await mkdtemp(`${target}.building-`);
  try {
    // The number keeps the order of the recipe, in which earlier sources win.
    for (const [index, source] of dataSet.sources.entries()) {
      const folder = join(aside, `${index}`);
      await mkdir(folder);
      const module = await downloadModule(source);
      for (const file of await yamlFilesOf(module, source.paths)) {
        await copyFile(file, join(folder, basename(file)));
      }
    }
    await putInPlace(aside, target);
  } finally {
    await rm(aside, { recursive: true, force: true });
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
