// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCases } from './cases';
import { OwnChecks, whyNotChecked } from './checks/ownChecks';
import type { Repository } from './Repository';
import { ScaffolderUnderTest, type Rendered } from './ScaffolderUnderTest';
import { applied } from './suites/applied';
import { checked } from './suites/checked';
import { fleetTemplate } from './suites/fleet';
import { linted } from './suites/linted';
import { monitored } from './suites/monitored';
import { onArm64 } from './suites/onArm64';
import { onGitlab } from './suites/onGitlab';
import { released } from './suites/released';
import { replayed } from './suites/replayed';
import { readTemplates, withDefaults } from './templates';
import { writeRepository } from './writeRepository';

/** Packages are fetched, programs are built and a control plane starts, on machines that may be busy. */
jest.setTimeout(1_200_000);

const caseFiles = readCases();
const services = caseFiles
  .map(({ template }) => template)
  .filter(template => template !== fleetTemplate);
const keyOf = (template: string, name: string) => `${template}: ${name}`;
const withGitlab = caseFiles.flatMap(({ template, cases }) =>
  cases
    .filter(({ values }) => values.ci === 'gitlab')
    .map(({ name }) => keyOf(template, name)),
);
/** Everything that was rendered, by template and case. */
const rendered = new Map<string, Rendered>();
/** That of it which is a service: `golden.test.ts` builds all of a fleet repository. */
const renderedServices = new Map<string, Rendered>();
/** The first case of each template. */
const repositories = new Map<string, Repository>();
const ownChecks = new OwnChecks();
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'generated-'));
  const scaffolder = await ScaffolderUnderTest.start();
  const templates = readTemplates();
  for (const { template: name, cases } of caseFiles) {
    const template = templates.get(name);
    if (!template) throw new Error(`There is no template ${name}.`);
    for (const [index, each] of cases.entries()) {
      const result = await scaffolder.render(
        template,
        withDefaults(template, each.values),
      );
      if ('problems' in result) throw new Error(result.problems.join('\n'));
      const key = keyOf(name, each.name);
      rendered.set(key, result);
      if (name !== fleetTemplate) renderedServices.set(key, result);
      if (index > 0) continue;
      const folder = join(root, name);
      await writeRepository(result, folder);
      repositories.set(name, {
        folder,
        files: result.files,
        // They go on while everything else is looked at.
        checks:
          name === fleetTemplate || whyNotChecked(name)
            ? undefined
            : ownChecks.begin(folder),
      });
    }
  }
  await scaffolder.stop();
});

afterAll(() => rm(root, { recursive: true, force: true }));

function repositoryOf(template: string): Repository {
  const repository = repositories.get(template);
  if (!repository) throw new Error(`${template} was not rendered.`);
  return repository;
}

applied(renderedServices);
monitored(rendered);
checked(services, repositoryOf);
linted([...services, fleetTemplate], repositoryOf);
released(() => repositoryOf('edge-web-service'));
onGitlab(
  withGitlab,
  key => {
    const result = rendered.get(key);
    if (!result) throw new Error(`${key} was not rendered.`);
    return result;
  },
  () => repositoryOf(fleetTemplate),
);
replayed(services, repositoryOf);
onArm64(['edge-cache', 'iot-data-collector'], repositoryOf);
