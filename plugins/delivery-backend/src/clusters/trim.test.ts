// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { aDeployment, aGitRepository, aKustomization } from './testing/objects';
import { trimDeployment, trimGitRepository, trimKustomization } from './trim';

describe('trimming', () => {
  it('keeps of a Deployment what its health depends on', () => {
    expect(trimDeployment(aDeployment())).toEqual({
      namespace: 'sorting',
      name: 'parcel-vision',
      generation: 1,
      deleting: false,
      paused: false,
      images: ['registry.norden.example/parcel-vision:2.8.1'],
      desired: 2,
      conditions: [
        {
          type: 'Progressing',
          status: 'True',
          reason: 'NewReplicaSetAvailable',
        },
      ],
      observedGeneration: 1,
      total: 2,
      updated: 2,
      ready: 2,
      available: 2,
    });
  });

  it('keeps of a Kustomization what Flux says, and takes its own namespace for the source', () => {
    const object = aKustomization();
    expect(trimKustomization(object)).toMatchObject({
      source: { kind: 'GitRepository', namespace: 'sources', name: 'fleet' },
      suspended: false,
      lastAppliedRevision: object.status.lastAppliedRevision,
      conditions: [{ type: 'Ready', status: 'True' }],
    });
    const near = {
      ...object,
      spec: { sourceRef: { kind: 'Bucket', name: 'b' } },
    };
    expect(trimKustomization(near)?.source.namespace).toBe('flux-system');
  });

  it('keeps of a GitRepository what it stored', () => {
    const object = aGitRepository();
    expect(trimGitRepository(object)).toMatchObject({
      revision: object.status.artifact.revision,
      suspended: false,
    });
  });

  it.each([
    ['Deployment', trimDeployment],
    ['Kustomization', trimKustomization],
    ['GitRepository', trimGitRepository],
  ])(
    'answers undefined to whatever is no %s, and never throws',
    (_name, trim) => {
      fc.assert(
        fc.property(fc.jsonValue(), value => {
          expect(trim(value)).toBeUndefined();
          expect(
            trim({ metadata: value, spec: value, status: value }),
          ).toBeUndefined();
        }),
      );
    },
  );
});
