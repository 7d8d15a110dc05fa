// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RenderingCache } from '../controllers/flux/RenderingCache';

/** The cache of renderings for the kustomize that is installed; none when its identity cannot be read. */
export async function renderingCache(
  directory: string,
): Promise<RenderingCache | undefined> {
  try {
    const kustomize = dirname(
      require.resolve('@causeway/kustomize/package.json'),
    );
    const identity = await readFile(join(kustomize, 'wasm', 'kustomize.json'));
    const version = createHash('sha256')
      .update(identity)
      .digest('hex')
      .slice(0, 16);
    const cache = new RenderingCache(join(directory, version));
    await cache.tidy();
    return cache;
  } catch {
    return undefined;
  }
}
