// SPDX-License-Identifier: Apache-2.0
import type { Files } from './Onboarding';

const names = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** The kustomization file of a folder; undefined when it has none. */
export function kustomizationFile(
  files: Files,
  folder: string,
): string | undefined {
  return names.map(name => `${folder}/${name}`).find(path => files.has(path));
}

/** The YAML files directly or deeper in a folder, by path. */
export function yamlFilesBelow(
  files: Files,
  folder: string,
): readonly [path: string, text: string][] {
  return [...files]
    .filter(([path]) => path.startsWith(`${folder}/`) && /\.ya?ml$/.test(path))
    .sort(([left], [right]) => (left < right ? -1 : 1));
}
