// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';

/** The smallest useful pipeline document of a service, to copy and adapt. */
export function exampleDocument(service: string): string {
  const { name } = parseEntityRef(service);
  return `# delivery.yaml
apiVersion: causeway.dev/v1
kind: Pipeline
images: [registry.example.com/${name}]
namespace: ${name}
stages:
  - { name: ci, kind: ci }
  - { name: staging, kind: cloud, promotion: auto, targets: [staging] }
  - name: production
    kind: cloud
    targets: [production]
    gates:
      - approval: { group: team-leads, count: 1 }
      - soak: { stage: staging, for: 30m }
`;
}
