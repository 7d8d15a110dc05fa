// SPDX-License-Identifier: Apache-2.0

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { limitMemory } from './limitMemory';

/** The same folder for the source tree, the build output and an installed package. */
const packageRoot = path.dirname(
  require.resolve('@causeway/kustomize/package.json'),
);

/** The thread's program, see there for its messages. */
export const workerFile = path.join(packageRoot, 'worker', 'buildWorker.cjs');

/** Unpacks and compiles the shipped module; a build may use `maxMemoryBytes`. */
export async function compileKustomize(
  maxMemoryBytes: number,
): Promise<WebAssembly.Module> {
  const packed = await readFile(
    path.join(packageRoot, 'wasm', 'kustomize.wasm.br'),
  );
  const wasm = await promisify(brotliDecompress)(packed);
  return WebAssembly.compile(limitMemory(wasm, maxMemoryBytes));
}
