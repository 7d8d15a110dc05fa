// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { InputError } from '@backstage/errors';
import { parseAllDocuments } from 'yaml';
import type { Mirror, TreeFile } from './Mirror';

/** More than any overlay needs, and little enough to build quickly. */
const maximumFiles = 1_000;

const kustomizationName = /^(kustomization\.ya?ml|Kustomization)$/;

/**
 * The files that building a folder needs, by path: its kustomization, what that names, and so on
 * for bases and components. Every text in a kustomization that is the path of a file or folder of
 * the commit counts as named, so that no field of kustomize has to be known here. Undefined when
 * the folder has no kustomization.
 *
 * @param edited - texts that count instead of those of the commit, by path
 * @throws InputError when more than 1,000 files are needed
 */
export async function overlayFiles(
  mirror: Mirror,
  tree: readonly TreeFile[],
  folder: string,
  edited: ReadonlyMap<string, string> = new Map(),
): Promise<Map<string, string> | undefined> {
  const byPath = new Map(tree.map(file => [file.path, file]));
  const kustomizations = new Map(
    tree
      .filter(({ path }) => kustomizationName.test(posix.basename(path)))
      .map(({ path }) => [posix.dirname(path), path]),
  );
  const start = kustomizations.get(posix.normalize(folder).replace(/\/$/, ''));
  if (start === undefined) return undefined;
  const found = new Map<string, string>();
  let next = [start];
  while (next.length > 0) {
    const read = await readAll(mirror, byPath, next);
    const level = [...read].map(
      ([path, text]) => [path, edited.get(path) ?? text] as const,
    );
    for (const [path, text] of level) found.set(path, text);
    if (found.size > maximumFiles) {
      throw new InputError(
        `${folder} of the fleet repository needs more than ${maximumFiles} files.`,
      );
    }
    const named = level
      .filter(([path]) => kustomizationName.test(posix.basename(path)))
      .flatMap(([path, text]) =>
        namedPaths(text).map(name => posix.join(posix.dirname(path), name)),
      )
      .map(path => path.replace(/\/$/, ''))
      .map(path => (byPath.has(path) ? path : kustomizations.get(path)));
    next = [...new Set(named)].filter(
      (path): path is string => path !== undefined && !found.has(path),
    );
  }
  return found;
}

async function readAll(
  mirror: Mirror,
  byPath: ReadonlyMap<string, TreeFile>,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const files = paths.flatMap(path => byPath.get(path) ?? []);
  const contents = await mirror.read(files.map(({ blob }) => blob));
  return new Map(
    files.map(({ path }, index) => [path, contents[index].toString()]),
  );
}

/** Every text in the YAML, and what stands behind `=` in the `key=file` form of generators. */
function namedPaths(text: string): readonly string[] {
  const names: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string')
      names.push(value, value.replace(/^[^=]*=/, ''));
    else if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === 'object' && value !== null) {
      Object.values(value).forEach(walk);
    }
  };
  for (const document of parseAllDocuments(text)) {
    if (document.errors.length === 0) walk(document.toJS());
  }
  return names.filter(name => name.length < 500 && !name.includes('\n'));
}
