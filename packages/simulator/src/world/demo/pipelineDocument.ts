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
    # Faults may be brought about on its devices; see the page Drills of the fleet.
    drills: {}
  - name: edge-production
    kind: edge
    targets:
      - { cluster: edge-production, variant: jetson }
      - { cluster: edge-production, variant: raspberry-pi }
    gates:
      - soak: { stage: edge-staging, for: 30s }
`;

const DEVICE_HEALTH = `      # Of few devices, for a short time; in earnest this would be 95 and 1h.
      - deviceHealth: { stage: edge-staging, healthyPercent: 60, for: 30s }
`;

const WAVE = `    strategy:
      wave:
        # Short, so that a visitor can watch it; in earnest this would be 30m, 15m and 24h.
        firstSoak: 1m
        soak: 30s
        watch: 30m
        sitePercent: 25
`;

const CANARY = `    strategy:
      canary:
        # Short, so that a visitor can watch it; in earnest this would be 30m.
        soak: 2m
        longestWait: 30m
        limits: { errorPercent: 0.1, p95Milliseconds: 500 }
        checks:
          - title: Answers within 250 ms
            part: http_request_duration_seconds_bucket{namespace="{{namespace}}",pod=~"{{pod_regex}}",le="0.25"}
            of: http_request_duration_seconds_count{namespace="{{namespace}}",pod=~"{{pod_regex}}"}
            atLeast: 95
`;

const blueGreen = ({ name }: DemoService) => `    strategy:
      blueGreen:
        smokeTest: ${name}-smoke
        # Short, so that a visitor can watch it; in earnest this would be 10m and 30m.
        watch: 6m
        keep: 10m
        promotion: manual
        limits: { errorPercent: 0.2, p95Milliseconds: 500 }
`;

/** How new versions come into cloud production, where that is not all at once. */
function strategyOf(service: DemoService): string {
  if (service.canaryIn?.includes('cloud-production')) return CANARY;
  return service.blueGreenIn?.includes('cloud-production')
    ? blueGreen(service)
    : '';
}

/** The pipeline document of a demo service: its road, as a person would write it. */
export function pipelineDocument(service: DemoService): string {
  return `apiVersion: causeway.dev/v1
kind: Pipeline
images: [${imageOf(service)}]
namespace: ${service.system}
stages:
${service.hasLocalStage ? LOCAL : ''}${CI_AND_CLOUD}${strategyOf(service)}${
    service.deployed['edge-production'] ? EDGE : ''
  }${service.waveIn?.includes('edge-production') ? DEVICE_HEALTH + WAVE : ''}`;
}
