// SPDX-License-Identifier: Apache-2.0
import { aCluster } from '../../testing/aCluster';
import { namespaces } from '../workloads/workloads';
import type { Kustomization } from './fluxObjects';
import { substitute, withVariables } from './postBuild';
import { secrets } from './secretToken';

test.each([
  ['${a}/x', '1/x'],
  ['${a}${b}', '1'],
  ['${b:=two}', 'two'],
  ['${b:=}', ''],
  ['$${a}', '${a}'],
  ['$a $ {a} ${a-b} ${1}', '$a $ {a} ${a-b} ${1}'],
])('%s becomes %s', (text, expected) => {
  expect(substitute(text, { a: '1' })).toBe(expected);
});

describe('the variables of a Kustomization', () => {
  const rendering = {
    digest: 'sha256:1',
    manifests: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: '${name}' },
        data: { url: '${url}', count: '${count}' },
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: '${name}',
          annotations: {
            'kustomize.toolkit.fluxcd.io/substitute': 'disabled',
          },
        },
      },
    ],
  };
  const kustomization = (
    postBuild: Kustomization['spec']['postBuild'],
  ): Kustomization => ({
    metadata: {
      name: 'apps',
      namespace: 'flux-system',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-03-01T08:00:00Z',
    },
    spec: {
      interval: '1m',
      prune: true,
      sourceRef: { kind: 'GitRepository', name: 'fleet' },
      postBuild,
    },
  });

  it('come from Secrets and inline, which wins; a manifest may keep out', async () => {
    const cluster = await aCluster();
    const { client } = cluster;
    try {
      await client.create(namespaces, undefined, {
        metadata: { name: 'flux-system' },
      });
      await client.create(secrets, 'flux-system', {
        metadata: { name: 'causeway' },
        data: {
          url: Buffer.from('http://portal').toString('base64'),
          name: Buffer.from('secret').toString('base64'),
        },
      });
      const substituteFrom = [
        { kind: 'Secret' as const, name: 'causeway' },
        { kind: 'ConfigMap' as const, name: 'gone', optional: true },
      ];
      const { manifests } = await withVariables(
        client,
        kustomization({ substitute: { name: 'inline' }, substituteFrom }),
        rendering,
      );
      expect(manifests).toMatchObject([
        { metadata: { name: 'inline' }, data: { url: 'http://portal' } },
        { metadata: { name: '${name}' } },
      ]);
      await expect(
        withVariables(
          client,
          kustomization({
            substituteFrom: [{ kind: 'Secret', name: 'gone' }],
          }),
          rendering,
        ),
      ).rejects.toThrow(/substitute from 'Secret\/gone'/);
    } finally {
      await cluster.stop();
    }
  });
});
