// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * All references of a bare repository by name, in git's order, read from its files: one file each,
 * and `packed-refs` for those that have none. Git replaces these files whole, so what is read is
 * what the repository says now; starting git for it would cost far more.
 */
export async function readReferences(
  directory: string,
): Promise<ReadonlyMap<string, string>> {
  // In this order: git packs a reference before it removes its file.
  const loose = await readLoose(directory, 'refs');
  const packed = parsePacked(await readText(join(directory, 'packed-refs')));
  const byName = [...new Map([...packed, ...loose])];
  return new Map(
    byName.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
}

async function readLoose(
  directory: string,
  folder: string,
): Promise<readonly (readonly [string, string])[]> {
  const entries = await readdir(join(directory, folder), {
    withFileTypes: true,
  }).catch(orMissing([]));
  const found = await Promise.all(
    entries.map(async entry => {
      const name = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return readLoose(directory, name);
      const id = (await readText(join(directory, name))).trim();
      // A lock, or a reference to another one, is none.
      return isId(id) && !name.endsWith('.lock') ? [[name, id] as const] : [];
    }),
  );
  return found.flat();
}

function parsePacked(text: string): readonly (readonly [string, string])[] {
  return text.split('\n').flatMap(line => {
    const [id, name] = line.split(' ', 2);
    return isId(id) && name ? [[name, id] as const] : [];
  });
}

function isId(text: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(orMissing(''));
}

/** Git removes files and empty folders while they are read. */
function orMissing<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return error => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return instead;
    throw error;
  };
}
