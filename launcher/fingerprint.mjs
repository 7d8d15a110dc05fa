// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const SKIPPED = new Set(['node_modules', 'dist', 'dist-types', 'coverage']);

function* filesBelow(path) {
  if (!existsSync(path)) {
    return;
  }
  if (statSync(path).isFile()) {
    yield path;
    return;
  }
  for (const name of readdirSync(path).sort()) {
    if (!SKIPPED.has(name)) {
      yield* filesBelow(join(path, name));
    }
  }
}

/** A hash over the names and contents of files and of all files below folders. */
export function fingerprint(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of filesBelow(path)) {
      hash.update(file).update('\0').update(readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex');
}

/** Runs `work` unless the stamp file says it was done for this fingerprint. Returns whether it ran. */
export async function onceFor(stampFile, value, work) {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === value) {
    return false;
  }
  await work();
  writeFileSync(stampFile, value);
  return true;
}
