// SPDX-License-Identifier: Apache-2.0
import { stableUuid } from '../stableUuid';
import { components, packageUrl } from './components';
import type { JobFacts } from './facts';

/** What is inside the image that a build job has made, as a CycloneDX 1.6 bill of materials. */
export function bill(facts: JobFacts) {
  const { service, version, image, job } = facts;
  const self = `pkg:oci/${service}@${encodeURIComponent(image.digest)}?arch=${
    job.matrix?.architecture
  }&tag=${version}`;
  const purls = components.map(packageUrl);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${stableUuid(`${facts.sha} ${job.name}`)}`,
    version: 1,
    metadata: {
      timestamp: facts.finishedAt.toISOString(),
      component: {
        type: 'container',
        'bom-ref': self,
        name: image.name,
        version,
        purl: self,
        properties: Object.entries(job.matrix ?? {}).map(([name, value]) => ({
          name: `causeway:${name}`,
          value,
        })),
      },
    },
    components: components.map(
      ({ name, version: release, licence }, index) => ({
        type: 'library',
        'bom-ref': purls[index],
        name,
        version: release,
        licenses: [{ license: { id: licence } }],
        purl: purls[index],
      }),
    ),
    dependencies: [
      { ref: self, dependsOn: purls },
      ...purls.map(ref => ({ ref, dependsOn: [] })),
    ],
  };
}
