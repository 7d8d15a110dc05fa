// SPDX-License-Identifier: Apache-2.0
import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { mergeDefinitions } from './manifests';

/** A definition of `plural` whose versions are named, the first one stored. */
function definition(
  plural: string,
  versions: readonly string[],
  description: string,
): V1CustomResourceDefinition {
  return {
    metadata: { name: `${plural}.example.test` },
    spec: {
      group: 'example.test',
      names: { kind: plural, plural },
      scope: 'Namespaced',
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        schema: { openAPIV3Schema: { type: 'object', description } },
      })),
    },
  };
}

function versionsOf({ spec }: V1CustomResourceDefinition) {
  return spec.versions.map(({ name, storage, schema }) => [
    name,
    storage,
    schema?.openAPIV3Schema?.description,
  ]);
}

describe('merging definitions', () => {
  it('serves the versions of all and stores the one of the first', () => {
    const merged = mergeDefinitions([
      definition('buckets', ['v1'], 'new'),
      definition('charts', ['v1'], 'new'),
      definition('buckets', ['v1beta2', 'v1'], 'old'),
    ]);

    expect(merged.map(({ metadata }) => metadata?.name)).toEqual([
      'buckets.example.test',
      'charts.example.test',
    ]);
    expect(versionsOf(merged[0])).toEqual([
      ['v1', true, 'new'],
      ['v1beta2', false, 'old'],
    ]);
    expect(versionsOf(merged[1])).toEqual([['v1', true, 'new']]);
  });
});
