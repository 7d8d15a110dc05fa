// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { parse } from 'yaml';
import { Files } from './ArtifactStore';

const kustomizationNames = [
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
];

/** The fields of a kustomization that may name folders outside its own. */
const referenceFields = [
  'resources',
  'bases',
  'components',
  'crds',
  'configurations',
  'generators',
  'transformers',
  'validators',
];

/** The path of the kustomization of a folder; undefined when it has none. */
export function kustomizationOf(
  files: Files,
  folder: string,
): string | undefined {
  return kustomizationNames
    .map(name => posix.join(folder, name))
    .find(path => files.has(path));
}

/** A folder of the source as files name it: without `./` and slashes at the ends. */
export function normalFolder(path: string): string {
  const folder = posix.normalize(path).replace(/^\/+|\/+$/g, '');
  return folder === '.' ? '' : folder;
}

function isBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

function referencesOf(content: string): readonly string[] {
  try {
    const document: unknown = parse(content);
    if (typeof document !== 'object' || document === null) return [];
    return referenceFields.flatMap(field => {
      const value = (document as Record<string, unknown>)[field];
      return Array.isArray(value)
        ? value.filter((item): item is string => typeof item === 'string')
        : [];
    });
  } catch {
    // Broken YAML names nothing; kustomize itself will say what is wrong with it.
    return [];
  }
}

/**
 * The files a build of `folder` can need: everything below it and below the
 * folders that kustomizations refer to, step by step. A build of fewer files is
 * faster, and equal files give equal output, so that it need not be done again.
 * What kustomize needs beyond these makes the build fail, and the caller then
 * builds from all files.
 */
export function filesReachedFrom(files: Files, folder: string): Files {
  const reached = new Map<string, string>();
  const pending = [folder];
  const visited = new Set<string>();
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    if (visited.has(place)) continue;
    visited.add(place);
    for (const [path, content] of files) {
      if (!isBelow(path, place) || reached.has(path)) continue;
      reached.set(path, content);
      if (!kustomizationNames.includes(posix.basename(path))) continue;
      for (const reference of referencesOf(content)) {
        const target = normalFolder(posix.join(posix.dirname(path), reference));
        if (!target.startsWith('..') && !reference.includes('://'))
          pending.push(target);
      }
    }
  }
  return reached;
}

/**
 * The kustomization Flux makes for a folder without one: all manifests below it,
 * and folders with a kustomization of their own as one resource each.
 */
export function generatedKustomization(files: Files, folder: string): string {
  const own = [...files.keys()]
    .filter(path => kustomizationNames.includes(posix.basename(path)))
    .map(path => posix.dirname(path));
  const roots = own.filter(
    place =>
      isBelow(place, folder) &&
      !own.some(other => other !== place && isBelow(place, other)),
  );
  const manifests = [...files.keys()].filter(
    path =>
      isBelow(path, folder) &&
      /\.ya?ml$/.test(path) &&
      !roots.some(root => isBelow(path, root)),
  );
  const resources = [...roots, ...manifests]
    .map(path => posix.relative(folder, path))
    .sort();
  return JSON.stringify({
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources,
  });
}
