// SPDX-License-Identifier: Apache-2.0
import { components, packageUrl } from './components';
import { drawn, JobFacts, modules } from './facts';

const lintRules = [
  {
    id: 'no-unused-names',
    text: 'A name that nobody uses is removed.',
    level: 'note',
  },
  { id: 'await-promises', text: 'A promise is awaited.', level: 'error' },
] as const;

const scanRules = [
  {
    id: 'DEMO-2026-0107',
    text: 'small-http before 7.2.0 trusts a forwarded host name.',
    level: 'warning',
  },
  {
    id: 'DEMO-2026-0311',
    text: 'label-grammar before 0.15.0 reads beyond the end of a label.',
    level: 'error',
  },
] as const;

type Rule = (typeof lintRules | typeof scanRules)[number];

/** What the linter or the vulnerability scan found, as SARIF 2.1.0. Errors are there when the job failed. */
export function sarifLog(facts: JobFacts) {
  const scan = facts.job.kind === 'scan';
  const rules: readonly Rule[] = scan ? scanRules : lintRules;
  const found = rules.filter(
    ({ id, level }) =>
      (level === 'error' && facts.failed) ||
      (level !== 'error' && drawn(facts, id, 0, 1) < 0.5),
  );
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: scan ? 'demo-scan' : 'demo-lint',
            version: '1.4.0',
            informationUri: facts.repositoryUrl,
            rules: rules.map(({ id, text, level }) => ({
              id,
              shortDescription: { text },
              defaultConfiguration: { level },
            })),
          },
        },
        invocations: [
          {
            executionSuccessful: true,
            startTimeUtc: facts.startedAt.toISOString(),
            endTimeUtc: facts.finishedAt.toISOString(),
          },
        ],
        versionControlProvenance: [
          { repositoryUri: facts.repositoryUrl, revisionId: facts.sha },
        ],
        results: found.map(rule => ({
          ruleId: rule.id,
          ruleIndex: rules.indexOf(rule),
          level: rule.level,
          message: { text: rule.text },
          locations: [
            {
              physicalLocation: scan ? inComponent(rule) : inFile(facts, rule),
            },
          ],
        })),
      },
    ],
  };
}

function inFile(facts: JobFacts, { id }: Rule) {
  const module = modules[Math.floor(drawn(facts, id, 0, modules.length))];
  return {
    artifactLocation: { uri: `src/${module.name}.ts` },
    region: { startLine: Math.ceil(drawn(facts, `${id} line`, 0, 60)) },
  };
}

function inComponent({ text }: Rule) {
  const component =
    components.find(({ name }) => text.startsWith(name)) ?? components[0];
  return { artifactLocation: { uri: packageUrl(component) } };
}
