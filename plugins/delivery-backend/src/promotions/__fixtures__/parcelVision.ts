// SPDX-License-Identifier: Apache-2.0
import type {
  GateDefinition,
  Pipeline,
  Release,
  Stage,
  Target,
} from '@causeway/plugin-delivery-common';

export const service = 'component:default/parcel-vision';
export const mia = 'user:default/mia';
export const jonas = 'user:default/jonas';
export const omar = 'user:default/omar';
export const leads = 'group:default/team-leads';
const image = 'registry.norden.example/parcel-vision';

export function aTarget(cluster: string): Target {
  return {
    cluster,
    path: `services/parcel-vision/overlays/${cluster}`,
    kustomization: { namespace: 'flux-system', name: 'parcel-vision' },
    workload: {
      kind: 'Deployment',
      namespace: 'sorting',
      name: 'parcel-vision',
    },
  };
}

function aStage(name: string, change: Partial<Stage>): Stage {
  return {
    name,
    title: name,
    kind: 'cloud',
    after: [],
    promotion: 'manual',
    gates: [],
    targets: [aTarget(name)],
    ...change,
  };
}

export const approval: GateDefinition = {
  kind: 'approval',
  name: 'approval by team-leads',
  group: leads,
  count: 1,
  expires: 3 * 86_400_000,
};

export const soak: GateDefinition = {
  kind: 'soak',
  name: 'soak in staging',
  stage: 'staging',
  duration: 30_000,
};

/** ci → staging (by itself) → production (approval) → edge (two clusters, no gates). */
export function aPipeline(
  gates: readonly GateDefinition[] = [approval],
): Pipeline {
  return {
    service,
    images: [image],
    fleet: { repository: 'http://forge/norden/fleet', branch: 'main' },
    stages: [
      aStage('ci', { kind: 'ci', targets: [] }),
      aStage('staging', { after: ['ci'], promotion: 'auto' }),
      aStage('production', { after: ['staging'], gates }),
      aStage('edge', {
        after: ['production'],
        targets: [aTarget('edge-north'), aTarget('edge-south')],
      }),
    ],
  };
}

/** Version 2.8.`patch`, written by Mia. */
export function aRelease(patch: number): Release {
  const time = new Date(Date.UTC(2026, 7, 20, 14, patch)).toISOString();
  return {
    id: `release-${patch}`,
    service,
    version: `2.8.${patch}`,
    commit: {
      sha: `${patch}`.padStart(40, '0'),
      message: `Change ${patch}`,
      author: 'Mia Lindqvist',
      authorRef: mia,
      time,
    },
    images: [
      {
        name: image,
        tag: `2.8.${patch}`,
        digest: `sha256:${`${patch}`.padStart(64, '0')}`,
      },
    ],
    reportedAt: time,
  };
}
