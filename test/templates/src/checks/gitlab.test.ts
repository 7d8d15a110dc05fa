// SPDX-License-Identifier: Apache-2.0
import { gitlabProblems } from './gitlab';

const entry = `
spec: {}
---
include: [{ local: .gitlab/ci/jobs.yml }]
stages: [check, release]
variables: { RUN: checks }
default: { timeout: 15 minutes }
`;
const jobs = `
.base:
  image: golang:1.26.0-bookworm
  rules: [{ if: $RUN }]
checks:
  extends: .base
  stage: check
  script:
    - ./scripts/test.sh "$RUN"
release:
  extends: .base
  stage: release
  needs: [checks]
  script: ['docker run docker.io/aquasec/trivy:0.69.3 image "$PORTAL_URL"']
`;
const good = new Map([
  ['.gitlab-ci.yml', entry],
  ['.gitlab/ci/jobs.yml', jobs],
  ['scripts/test.sh', ''],
  ['docs/index.md', 'CI needs `PORTAL_URL`.'],
]);

test('a whole pipeline has no problems, and neither has none', () => {
  expect(gitlabProblems(good)).toEqual([]);
  expect(gitlabProblems(new Map([['.github/ci.yml', '']]))).toEqual([]);
});

test.each([
  ['golang:1.26.0-bookworm', 'golang:latest', 'uses golang:latest'],
  ['trivy:0.69.3', 'trivy:0.69', 'uses docker.io/aquasec/trivy:0.69'],
  ['needs: [checks]', 'needs: [build]', 'needs build'],
  ['stage: release', 'stage: ship', 'in the stage ship'],
  ['scripts/test.sh', 'scripts/lost.sh', 'runs scripts/lost.sh'],
  ['PORTAL_URL', 'FLEET_TOKEN', 'takes FLEET_TOKEN'],
  ['release:', 'image:', 'has a name that GitLab keeps'],
  ['  rules: [{ if: $RUN }]', '', 'runs in pipelines of every kind'],
  ['$RUN"', '$[[ inputs.run ]]"', 'puts inputs into scripts'],
])('%s must not become %s', (from, to, problem) => {
  const files = new Map(good).set(
    '.gitlab/ci/jobs.yml',
    jobs.replace(from, to),
  );
  expect(gitlabProblems(files).join('\n')).toContain(problem);
});

test('workflows for Actions, and jobs that never end, are problems', () => {
  const files = new Map(good)
    .set('.github/workflows/ci.yml', '')
    .set('.gitlab-ci.yml', entry.replace('timeout: 15 minutes', ''));
  expect(gitlabProblems(files)).toEqual([
    '.github/workflows/ci.yml is not for GitLab',
    'Jobs may run for ever',
  ]);
});
