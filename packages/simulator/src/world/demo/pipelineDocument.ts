// SPDX-License-Identifier: Apache-2.0
import { imageOf, type DemoService } from './services';

const LOCAL = '  - { name: local, title: Local, kind: local }\n';

const CI_AND_CLOUD = `  - { name: ci, title: CI, kind: ci }
  - name: cloud-staging
    kind: cloud
    promotion: auto
    targets: [cloud-staging]
  - name: cloud-production
    kind: cloud
    targets: [cloud-production]
    gates:
      - approval: { group: team-leads, count: 1, expires: 3d }
      # Short, so that a visitor need not wait; in earnest this would be 24h.
      - soak: { stage: cloud-staging, for: 30s }
`;

const EDGE = `  - name: edge-staging
    kind: edge
    targets: [edge-staging]
  - name: edge-production
    kind: edge
    targets:
      - { cluster: edge-production, variant: jetson }
      - { cluster: edge-production, variant: raspberry-pi }
    gates:
      - soak: { stage: edge-staging, for: 30s }
`;

/** The pipeline document of a demo service: its road, as a person would write it. */
export function pipelineDocument(service: DemoService): string {
  return `apiVersion: causeway.dev/v1
kind: Pipeline
images: [${imageOf(service)}]
namespace: ${service.system}
stages:
${service.hasLocalStage ? LOCAL : ''}${CI_AND_CLOUD}${
    service.deployed['edge-production'] ? EDGE : ''
  }`;
}
