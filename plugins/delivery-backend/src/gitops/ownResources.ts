// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { InputError } from '@backstage/errors';
import { isMap, isSeq, parseDocument } from 'yaml';
import type { Renaming } from './skipAnalysis';

/**
 * What the text of a kustomization.yaml lists as resources and components in its own folder, relative
 * to it, and what it makes of their names. Bases, remote ones and files of other folders belong to others too.
 *
 * @throws InputError when it is no valid YAML
 */
export function ownResources(text: string): {
  readonly files: readonly string[];
  readonly components: readonly string[];
  readonly renaming: Renaming;
} {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new InputError(`It is no valid YAML: ${error.message}`);
  if (!isMap(document.contents))
    return { files: [], components: [], renaming: {} };
  const textAt = (key: string) => {
    const value = document.get(key);
    return typeof value === 'string' ? value : undefined;
  };
  const listedAs = (key: string) => {
    const list = document.get(key);
    const listed: unknown = isSeq(list) ? list.toJSON() : [];
    return (Array.isArray(listed) ? listed : [])
      .filter(name => typeof name === 'string')
      .map(name => posix.normalize(name))
      .filter(isInside);
  };
  return {
    files: listedAs('resources'),
    components: listedAs('components'),
    renaming: {
      namePrefix: textAt('namePrefix'),
      nameSuffix: textAt('nameSuffix'),
      namespace: textAt('namespace'),
    },
  };
}

function isInside(path: string): boolean {
  if (path === '.' || path === './') return false;
  return !path.startsWith('..') && !path.startsWith('/') && !path.includes(':');
}
