// SPDX-License-Identifier: Apache-2.0
import { drawn, escapeXml, JobFacts, modules } from './facts';

interface Case {
  readonly suite: string;
  readonly name: string;
  readonly seconds: number;
  readonly failure: string | undefined;
}

/** The tests of a job as JUnit XML: one suite per module, at least one failure when the job failed. */
export function junitReport(facts: JobFacts): string {
  const cases = casesOf(facts);
  const suites = modules.map(({ name }) =>
    suiteElement(
      name,
      cases.filter(({ suite }) => suite === name),
      facts,
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${escapeXml(`${facts.service} ${facts.job.name}`)}" ${counts(
    cases,
  )}>
${suites.join('\n')}
</testsuites>
`;
}

function casesOf(facts: JobFacts): readonly Case[] {
  const all = modules.flatMap(({ name: suite, about }) =>
    about.flatMap(subject =>
      ['by default', 'under load', 'after a failure'].map(when => ({
        suite: suite as string,
        name: `${subject} ${when}`,
        seconds: drawn(facts, `${suite} ${subject} ${when}`, 0.002, 0.35),
      })),
    ),
  );
  const broken = Math.floor(drawn(facts, 'broken', 0, all.length));
  return all.map((test, index) => ({
    ...test,
    failure:
      facts.failed && (index === broken || index === (broken + 1) % all.length)
        ? `Expected 200, received ${index % 2 ? 503 : 500}`
        : undefined,
  }));
}

function counts(cases: readonly Case[]): string {
  const failures = cases.filter(({ failure }) => failure).length;
  const seconds = cases.reduce((sum, test) => sum + test.seconds, 0);
  return `tests="${
    cases.length
  }" failures="${failures}" errors="0" time="${seconds.toFixed(3)}"`;
}

function suiteElement(
  name: string,
  cases: readonly Case[],
  { startedAt }: JobFacts,
): string {
  const elements = cases.map(test => {
    const opening = `    <testcase name="${escapeXml(
      test.name,
    )}" classname="${escapeXml(name)}" time="${test.seconds.toFixed(3)}"`;
    return test.failure
      ? `${opening}>
      <failure message="${escapeXml(
        test.failure,
      )}" type="AssertionError">${escapeXml(
          `${test.failure}\n    at src/${name}.test.ts:42:18`,
        )}</failure>
    </testcase>`
      : `${opening}/>`;
  });
  return `  <testsuite name="${escapeXml(name)}" ${counts(
    cases,
  )} skipped="0" timestamp="${startedAt
    .toISOString()
    .slice(0, 19)}" hostname="ci">
${elements.join('\n')}
  </testsuite>`;
}
