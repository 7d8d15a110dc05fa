// SPDX-License-Identifier: Apache-2.0
import { kustomizationFile } from './kustomizationFile';
import type { Files } from './Onboarding';

/** What a usual road needs to know. */
export interface RoadOptions {
  readonly image: string;
  readonly namespace: string;
  /** Kinds of device at edge production; none: the service has no edge stages. */
  readonly hardware: readonly string[];
  /** How cloud production gets new versions. */
  readonly strategy: 'rolling' | 'canary' | 'blueGreen';
  /** Whether new versions reach the devices of edge production some first. */
  readonly wave?: boolean;
  /** Group that approves production. */
  readonly approvers: string;
}

const cloudStaging = `  - name: cloud-staging
    kind: cloud
    promotion: auto
    targets: [cloud-staging]
`;

const edgeStaging = `  - name: edge-staging
    kind: edge
    targets: [edge-staging]
`;

/** The usual road, through those of the usual clusters that the fleet repository has. */
export function writePipeline(files: Files, options: RoadOptions): string {
  const exists = (cluster: string) =>
    [
      `clusters/${cluster}`,
      ...options.hardware.map(each => `clusters/${cluster}/${each}`),
    ].some(folder => kustomizationFile(files, folder) !== undefined);
  const stages = [
    ...(exists('cloud-staging') ? [cloudStaging] : []),
    ...(exists('cloud-production')
      ? [cloudProduction(options, exists('cloud-staging'))]
      : []),
    ...(options.hardware.length > 0 && exists('edge-staging')
      ? [edgeStaging]
      : []),
    ...(options.hardware.length > 0 && exists('edge-production')
      ? [edgeProduction(options, exists('edge-staging'))]
      : []),
  ];
  return `apiVersion: causeway.dev/v1
kind: Pipeline
images: [${options.image}]
namespace: ${options.namespace}
stages:
  - { name: ci, title: CI, kind: ci }
${stages.join('')}`;
}

function cloudProduction(options: RoadOptions, hasStaging: boolean): string {
  return `  - name: cloud-production
    kind: cloud
    targets: [cloud-production]
    gates:
      - approval: { group: ${options.approvers} }
${hasStaging ? '      - soak: { stage: cloud-staging, for: 30m }\n' : ''}${
    options.strategy === 'rolling'
      ? ''
      : `    strategy: { ${options.strategy}: {} }\n`
  }`;
}

function edgeProduction(options: RoadOptions, hasStaging: boolean): string {
  const targets = options.hardware
    .map(
      variant => `      - { cluster: edge-production, variant: ${variant} }\n`,
    )
    .join('');
  return `  - name: edge-production
    kind: edge
    targets:
${targets}${options.wave ? '    strategy: { wave: {} }\n' : ''}${
    hasStaging
      ? `    gates:
      - soak: { stage: edge-staging, for: 30m }
`
      : ''
  }`;
}
