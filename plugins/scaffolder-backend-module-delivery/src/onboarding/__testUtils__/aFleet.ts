// SPDX-License-Identifier: Apache-2.0
import { parsePipeline } from '@causeway/plugin-delivery-common';
import type { Files, Onboarding } from '../Onboarding';
import { writePipeline, type RoadOptions } from '../writePipeline';

export const clusters = [
  'cloud-staging',
  'cloud-production',
  'edge-staging',
  'edge-production',
] as const;

const repository = 'https://forge.example/norden/fleet';

/** A fleet of four clusters with one service, which somebody wrote by hand. */
export function aFleet(): Files {
  return new Map([
    ['README.md', '# Fleet\n'],
    ...clusters.flatMap((cluster): [string, string][] => [
      [
        `clusters/${cluster}/flux-system/gotk-sync.yaml`,
        `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: fleet, namespace: flux-system }
spec: { interval: 1m, url: ${repository} }
`,
      ],
      [
        `clusters/${cluster}/kustomization.yaml`,
        `# What ${cluster} has.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - flux-system/gotk-sync.yaml
  - namespaces.yaml # first of all

  - belt-control.yaml
`,
      ],
      [
        `clusters/${cluster}/namespaces.yaml`,
        `apiVersion: v1
kind: Namespace
metadata:
  name: sorting
`,
      ],
      [
        `clusters/${cluster}/belt-control.yaml`,
        `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: belt-control, namespace: flux-system }
spec: { path: ./services/belt-control, prune: true }
`,
      ],
    ]),
  ]);
}

/** An onboarding with the usual road. */
export function anOnboarding(
  service: string,
  options: Partial<RoadOptions> & Pick<Partial<Onboarding>, 'release'> = {},
  files: Files = aFleet(),
): Onboarding {
  const { release, ...road } = options;
  const document = writePipeline(files, {
    image: `registry.example/${service}`,
    namespace: 'sorting',
    hardware: ['jetson', 'raspberry-pi'],
    strategy: 'rolling',
    approvers: 'team-leads',
    ...road,
  });
  return {
    ...onboardingOf(service, document),
    ...(release && { release }),
  };
}

/** An onboarding along a pipeline document. */
export function onboardingOf(service: string, document: string): Onboarding {
  const { pipeline, problems } = parsePipeline(document, {
    service: `component:default/${service}`,
    clusters,
    defaults: { fleet: { repository, branch: 'main' } },
  });
  if (!pipeline) throw new Error(problems[0].message);
  return { service, pipeline, port: 8080 };
}
