// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  V1CustomResourceDefinition,
  V1CustomResourceDefinitionVersion,
} from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';

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
    texts.flatMap(text =>
      parseAllDocuments(text)
        .map(document => document.toJS() as V1CustomResourceDefinition | null)
        .filter(definition => definition !== null),
    ),
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

/** Lets a Job fail whose pods carry the annotation; a stage with a weight goes before those without. */
const FAILING_JOB = `apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata:
  name: pod-of-job-fails
spec:
  resourceRef:
    apiGroup: v1
    kind: Pod
  selector:
    matchExpressions:
    - key: '.metadata.deletionTimestamp'
      operator: 'DoesNotExist'
    - key: '.metadata.ownerReferences.[].kind'
      operator: 'In'
      values: ['Job']
    - key: '.metadata.annotations["simulator.causeway.dev/fault"]'
      operator: 'In'
      values: ['crash']
    - key: '.status.phase'
      operator: 'In'
      values: ['Pending', 'Running']
  weight: 1
  next:
    statusTemplate: |
      {{ $now := Now }}
      containerStatuses:
      {{ range .spec.containers }}
      - image: {{ .image | Quote }}
        name: {{ .name | Quote }}
        ready: false
        restartCount: 0
        state:
          terminated:
            exitCode: 1
            finishedAt: {{ $now | Quote }}
            reason: Error
            startedAt: {{ $now | Quote }}
      {{ end }}
      phase: Failed
`;

/** Writes kwok's settings and stages into one file, so that it needs no Stage kind. */
export async function writeKwokConfig(
  dataSetFolder: string,
  file: string,
): Promise<void> {
  const stages = await readFiles(dataSetFolder);
  await writeFile(
    file,
    [KWOK_CONFIGURATION, FAILING_JOB, ...stages].join('\n---\n'),
  );
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
