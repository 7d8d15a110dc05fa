// SPDX-License-Identifier: Apache-2.0

/** Ways in which people break their pipeline document, and the code of the problem they must see. */
export const brokenDocuments: readonly {
  readonly name: string;
  readonly edit: (good: string) => string;
  readonly code: string;
}[] = [
  {
    name: 'a wrong type',
    edit: good => good.replace('targets: [cloud-staging]', 'targets: 7'),
    code: 'wrongType',
  },
  {
    name: 'an unknown stage',
    edit: good => good.replace('stage: edge-staging', 'stage: moon-staging'),
    code: 'unknownStage',
  },
  {
    name: 'a cycle',
    edit: good =>
      good.replace(
        'name: cloud-staging\n',
        'name: cloud-staging\n    after: [edge-staging]\n',
      ),
    code: 'cycle',
  },
  {
    name: 'an unknown cluster',
    edit: good =>
      good.replace('targets: [edge-staging]', 'targets: [edge-stagin]'),
    code: 'unknownCluster',
  },
  {
    name: 'broken YAML',
    edit: good => good.replace('stages:', 'stages: ['),
    code: 'syntax',
  },
];
