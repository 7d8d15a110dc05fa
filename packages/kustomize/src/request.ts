// SPDX-License-Identifier: Apache-2.0

import { posix } from 'node:path';
import type { KustomizeInput } from './createKustomize';
import { KustomizeError } from './KustomizeError';

/**
 * The request as the program reads it: JSON in UTF-8.
 *
 * @throws KustomizeError `invalidInput` for a path that is absolute or leaves
 *   the root, `tooLarge` for more than `maxBytes` of names and contents
 */
export function encodeRequest(
  input: KustomizeInput,
  maxBytes: number,
): Uint8Array {
  const files =
    input.files instanceof Map
      ? input.files
      : new Map(Object.entries(input.files));
  const path = folderIn(input.path);
  let bytes = 0;
  for (const [name, content] of files) {
    checkFileName(name);
    checkFolders(name, files);
    bytes += Buffer.byteLength(name) + Buffer.byteLength(content);
    if (bytes > maxBytes) {
      throw new KustomizeError(
        'tooLarge',
        `The files to build are larger than ${maxBytes} bytes. Pass only the folders this kustomization needs.`,
      );
    }
  }
  return Buffer.from(
    JSON.stringify({
      files: Object.fromEntries(files),
      path,
      loadRestrictions: input.loadRestrictions ?? 'rootOnly',
    }),
  );
}

/** The folder without the leading `./` and trailing `/` that Flux and people write. */
function folderIn(path: string): string {
  const folder = posix.normalize(path).replace(/\/$/, '');
  if (path.includes('\0') || posix.isAbsolute(path) || leavesRoot(folder)) {
    throw new KustomizeError(
      'invalidInput',
      `The path ${JSON.stringify(
        path,
      )} is not a folder of the repository. Give it relative to the root, without leading "/" or "..".`,
    );
  }
  return folder;
}

function checkFileName(name: string): void {
  const usable =
    name !== '.' &&
    name === posix.normalize(name) &&
    !name.includes('\0') &&
    !name.endsWith('/') &&
    !posix.isAbsolute(name) &&
    !leavesRoot(name);
  if (!usable) {
    throw new KustomizeError(
      'invalidInput',
      `The file name ${JSON.stringify(
        name,
      )} cannot be used. File names are relative to the root of the repository, without "." or ".." segments.`,
    );
  }
}

/** A name cannot be a file and a folder. */
function checkFolders(name: string, files: ReadonlyMap<string, string>): void {
  for (
    let end = name.indexOf('/');
    end >= 0;
    end = name.indexOf('/', end + 1)
  ) {
    const folder = name.slice(0, end);
    if (files.has(folder)) {
      throw new KustomizeError(
        'invalidInput',
        `${JSON.stringify(folder)} is given as a file, but ${JSON.stringify(
          name,
        )} lies in it.`,
      );
    }
  }
}

function leavesRoot(path: string): boolean {
  return path === '..' || path.startsWith('../');
}
