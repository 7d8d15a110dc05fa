// SPDX-License-Identifier: Apache-2.0
import type { NewCommit } from '../../git/importCommits';
import { pipelineDocument } from './pipelineDocument';
import { people, type DemoService } from './services';

const DAY_MS = 24 * 60 * 60 * 1000;

function readme(service: DemoService): string {
  return `# ${service.name}

${service.description}.

A service of the demo organisation. A push to \`main\` makes CI build it, give it the next version and
report the release to the portal; \`VERSION\` holds the version to continue from, \`delivery.yaml\` the
road it travels.
`;
}

function catalogInfo(service: DemoService, forgeUrl: string): string {
  return `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ${service.name}
  description: ${service.description}
  annotations:
    causeway.dev/pipeline: ./delivery.yaml
    backstage.io/kubernetes-id: ${service.name}
    backstage.io/source-location: url:${forgeUrl}/norden/${service.name}/src/branch/main/
  links:
    - url: ${forgeUrl}/norden/${service.name}
      title: Source
spec:
  type: service
  lifecycle: production
  owner: group:default/${service.owner}
  system: ${service.system}
`;
}

const DOCKERFILE = `FROM gcr.io/distroless/static:nonroot
COPY service /service
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/service"]
`;

/**
 * The history of a service's repository: one tagged commit per version, oldest first.
 * @param now the moment that `daysAgo` counts from
 */
export function serviceHistory(
  service: DemoService,
  forgeUrl: string,
  now: Date,
): NewCommit[] {
  return service.history.map(({ version, author, subject, daysAgo }, index) => {
    const date = new Date(now.getTime() - daysAgo * DAY_MS);
    const firstFiles =
      index === 0
        ? [
            { path: 'README.md', content: readme(service) },
            {
              path: 'catalog-info.yaml',
              content: catalogInfo(service, forgeUrl),
            },
            { path: 'delivery.yaml', content: pipelineDocument(service) },
            { path: 'Dockerfile', content: DOCKERFILE },
          ]
        : [];
    return {
      branch: 'main',
      author: { ...people[author], date },
      message: subject,
      tag: `v${version}`,
      changes: [
        ...firstFiles,
        { path: 'VERSION', content: `${version}\n` },
        {
          path: `changes/${version}.md`,
          content: `# ${version}\n\n${subject}.\n`,
        },
      ],
    };
  });
}
