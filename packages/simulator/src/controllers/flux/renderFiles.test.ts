// SPDX-License-Identifier: Apache-2.0
import { fleetFiles } from '../../world/demo/fleetRepository';
import {
  filesReachedFrom,
  generatedKustomization,
  normalFolder,
} from './renderFiles';

const files = new Map(
  fleetFiles({
    fleetUrl: 'http://forge.example/norden/fleet',
    digestOf: () => `sha256:${'a'.repeat(64)}`,
  }).map(({ path, content }) => [path, String(content)]),
);

describe('filesReachedFrom', () => {
  it('finds the overlay and its base, and nothing of other services', () => {
    const folder = 'services/parcel-vision/overlays/edge-production/jetson';
    expect([...filesReachedFrom(files, folder).keys()].sort()).toEqual([
      'services/parcel-vision/base/deployment.yaml',
      'services/parcel-vision/base/kustomization.yaml',
      'services/parcel-vision/base/service.yaml',
      `${folder}/kustomization.yaml`,
    ]);
  });

  it('survives references that go round, leave the repository, or are remote', () => {
    const odd = new Map([
      [
        'a/kustomization.yaml',
        'resources: [../b, ../../outside, https://example.com/x]',
      ],
      ['b/kustomization.yaml', 'resources: [../a, one.yaml]'],
      ['b/one.yaml', 'kind: X'],
      ['c/two.yaml', 'kind: Y'],
    ]);
    expect([...filesReachedFrom(odd, 'a').keys()].sort()).toEqual([
      'a/kustomization.yaml',
      'b/kustomization.yaml',
      'b/one.yaml',
    ]);
  });
});

describe('generatedKustomization', () => {
  it('takes manifests, and folders that have a kustomization as one', () => {
    const folder = new Map([
      ['cluster/namespaces.yaml', ''],
      ['cluster/apps/web.yml', ''],
      ['cluster/own/kustomization.yaml', ''],
      ['cluster/own/part.yaml', ''],
      ['cluster/README.md', ''],
      ['other/x.yaml', ''],
    ]);
    expect(
      JSON.parse(generatedKustomization(folder, 'cluster')).resources,
    ).toEqual(['apps/web.yml', 'namespaces.yaml', 'own']);
  });
});

describe('normalFolder', () => {
  it.each([
    ['./', ''],
    ['.', ''],
    ['./clusters/a/', 'clusters/a'],
    ['/clusters//a', 'clusters/a'],
  ])('reads %j as %j', (path, folder) => {
    expect(normalFolder(path)).toBe(folder);
  });
});
