// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Kustomize } from '@causeway/kustomize';

/** Builds a folder with kustomize. */
export type Render = Kustomize['build'];

/**
 * The same builder, which remembers its last results by the content of the files. Building depends
 * on nothing else, and a person looks at the same plan several times, at the same branch.
 * Failures are not remembered.
 */
export function rememberRenders(render: Render, remembered = 50): Render {
  const results = new Map<string, string>();
  return async (input, options) => {
    const key = keyOf(input);
    const known = results.get(key);
    if (known !== undefined) return known;
    const result = await render(input, options);
    results.set(key, result);
    const [oldest] = results.keys();
    if (results.size > remembered) results.delete(oldest);
    return result;
  };
}

function keyOf({ files, path, loadRestrictions }: Parameters<Render>[0]) {
  const contents = files instanceof Map ? [...files] : Object.entries(files);
  return createHash('sha256')
    .update(JSON.stringify([path, loadRestrictions, contents.sort()]))
    .digest('hex');
}
