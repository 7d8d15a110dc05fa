// SPDX-License-Identifier: Apache-2.0
import type { Kustomize } from '@causeway/kustomize';
import {
  buildProblems,
  builtFolders,
  inventoryProblems,
  orderProblems,
  runbookProblems,
} from '../checks/fleet';
import type { Rendered, ScaffolderUnderTest } from '../ScaffolderUnderTest';

/** The template whose result is no service. */
export const fleetTemplate = 'fleet-repository';

const clusters = [
  'cloud-staging',
  'cloud-production',
  'edge-staging',
  'edge-production',
];

/** Registers what is asked of a fleet repository. */
export function fleet(parts: {
  readonly rendered: () => Rendered;
  readonly kustomize: Kustomize;
  /** Left out: onboarding is not looked at. */
  readonly scaffolder?: () => ScaffolderUnderTest;
}): void {
  const files = () => parts.rendered().files;

  test('builds every kustomization, of pinned charts and without secrets', async () => {
    const folders = builtFolders(files());
    expect(folders).toEqual(
      expect.arrayContaining(clusters.map(name => `clusters/${name}`)),
    );
    const problems = await Promise.all(
      folders.map(folder => buildProblems(parts.kustomize, files(), folder)),
    );
    expect(problems.flat()).toEqual([]);
  });

  test.each(clusters)('%s applies what is there, in order', cluster => {
    expect(orderProblems(files(), cluster)).toEqual([]);
  });

  test('has a runbook for every alert, and an alert for every runbook', () => {
    expect(runbookProblems(files())).toEqual([]);
  });

  test('names the same devices to the portal and to Ansible', () => {
    expect(inventoryProblems(files())).toEqual([]);
  });

  const { scaffolder } = parts;
  if (!scaffolder) return;
  test('takes a service where onboarding wants to put it', async () => {
    const changed = await scaffolder().previewOnboarding(files());
    const service = 'services/dock-lights';
    expect(changed).toEqual(
      [
        ...clusters.slice(0, 3),
        'edge-production/jetson',
        'edge-production/raspberry-pi',
      ]
        .flatMap(place => [
          `clusters/${place}/dock-lights.yaml`,
          `clusters/${place}/kustomization.yaml`,
          `${service}/overlays/${place}/kustomization.yaml`,
        ])
        .concat(
          // Both kinds of device are in one cluster, which has a namespace once.
          [...clusters.slice(0, 3), 'edge-production/jetson'].map(
            place => `clusters/${place}/namespaces.yaml`,
          ),
          ['deployment', 'kustomization', 'service'].map(
            name => `${service}/base/${name}.yaml`,
          ),
          `${service}/delivery.yaml`,
        )
        .sort(),
    );
  });
}
