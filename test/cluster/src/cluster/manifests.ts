// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  V1CustomResourceDefinition,
  V1CustomResourceDefinitionVersion,
} from '@kubernetes/client-node';
import { parse } from 'yaml';

/**
 * Joins definitions of the same kind into one that serves all their versions.
 *
 * Where two define the same version the earlier one counts, and the first
 * definition says which version is stored. The controllers of the test cluster
 * are of different ages and watch different versions of the same kinds.
 */
export function mergeDefinitions(
  definitions: readonly V1CustomResourceDefinition[],
): readonly V1CustomResourceDefinition[] {
  const merged = new Map<string, V1CustomResourceDefinition>();
  for (const definition of definitions) {
    const name = definition.metadata?.name ?? '';
    const earlier = merged.get(name);
    merged.set(
      name,
      earlier ? withVersionsOf(earlier, definition) : definition,
    );
  }
  return [...merged.values()];
}

function withVersionsOf(
  earlier: V1CustomResourceDefinition,
  later: V1CustomResourceDefinition,
): V1CustomResourceDefinition {
  const known = new Set(earlier.spec.versions.map(version => version.name));
  const added = later.spec.versions
    .filter(version => !known.has(version.name))
    .map((version): V1CustomResourceDefinitionVersion => {
      return { ...version, storage: false };
    });
  return {
    ...earlier,
    spec: { ...earlier.spec, versions: [...earlier.spec.versions, ...added] },
  };
}

/** Reads and merges the definitions of a data set, in the order of its sources. */
export async function readDefinitions(
  dataSetFolder: string,
): Promise<readonly V1CustomResourceDefinition[]> {
  const texts = await readFiles(dataSetFolder);
  return mergeDefinitions(
    texts.map(text => parse(text) as V1CustomResourceDefinition),
  );
}

/** How many fake nodes and pods kwok advances at the same time. */
const KWOK_CONFIGURATION = `apiVersion: config.kwok.x-k8s.io/v1alpha1
kind: KwokConfiguration
options:
  nodePlayStageParallelism: 8
  podPlayStageParallelism: 8
  nodeLeaseParallelism: 4
`;

/** Writes kwok's settings and stages into one file, so that it needs no Stage kind. */
export async function writeKwokConfig(
  dataSetFolder: string,
  file: string,
): Promise<void> {
  const stages = await readFiles(dataSetFolder);
  await writeFile(file, [KWOK_CONFIGURATION, ...stages].join('\n---\n'));
}

/** Texts of all files, source by source, in the order of their names. */
async function readFiles(dataSetFolder: string): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const source of (await readdir(dataSetFolder)).sort()) {
    const folder = join(dataSetFolder, source);
    for (const name of (await readdir(folder)).sort()) {
      texts.push(await readFile(join(folder, name), 'utf8'));
    }
  }
  return texts;
}
