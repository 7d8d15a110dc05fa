// SPDX-License-Identifier: Apache-2.0
import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

function example(
  description: string,
  action: string,
  input: object,
): TemplateExample {
  const id = action.split(':').at(-1) ?? action;
  return {
    description,
    example: stringify({ steps: [{ id, name: description, action, input }] }),
  };
}

const repository = { url: '${{ parameters.repository.url }}' };
const values = {
  name: '${{ parameters.name }}',
  owner: '${{ parameters.owner }}',
  system: '${{ parameters.system }}',
  image: 'registry.example.com/${{ parameters.name }}',
};

export const onboardExamples = [
  example(
    'Add a service whose pipeline document is in the workspace',
    'delivery:service:onboard',
    { ...values, manifests: 'deploy' },
  ),
  example(
    'Propose to adopt a service that has no pipeline document',
    'delivery:service:onboard',
    {
      ...values,
      hardware: ['jetson', 'raspberry-pi'],
      strategy: 'canary',
      release: { tag: '1.4.0', digest: `sha256:${'0'.repeat(64)}` },
      pullRequest: true,
    },
  ),
];

export const registerExamples = [
  example(
    'Let the CI of a repository sign its release reports',
    'delivery:service:register',
    { name: values.name, repository },
  ),
];

export const reportExamples = [
  example(
    'Report what an adopted service runs already',
    'delivery:release:report',
    {
      name: values.name,
      repository,
      version: '1.4.0',
      commit: {
        sha: '0'.repeat(40),
        message: 'Count parcels twice',
        author: 'Mia Lindqvist <mia@norden.example>',
        time: '2026-05-07T13:50:00Z',
      },
      images: [
        {
          name: values.image,
          tag: '1.4.0',
          digest: `sha256:${'0'.repeat(64)}`,
        },
      ],
    },
  ),
];
