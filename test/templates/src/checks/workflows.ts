// SPDX-License-Identifier: Apache-2.0
import { parse } from 'yaml';

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
}

const pinned = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/;

/** What is wrong with the workflows of a repository, one sentence each. */
export function workflowProblems(
  files: ReadonlyMap<string, string>,
): readonly string[] {
  return [...files]
    .filter(([path]) => path.startsWith('.github/workflows/'))
    .flatMap(([path, text]) => {
      const workflow: Workflow = parse(text);
      return [
        ...(workflow.permissions?.contents === 'read'
          ? []
          : [`${path} has more rights than reading, for all its jobs`]),
        ...('pull_request_target' in workflow.on
          ? [`${path} runs strangers' code with our rights`]
          : []),
        ...Object.entries(workflow.jobs).flatMap(([name, job]) =>
          jobProblems(`${path} ${name}`, job, workflow, files),
        ),
      ];
    });
}

function jobProblems(
  where: string,
  job: Job,
  { jobs }: Workflow,
  files: ReadonlyMap<string, string>,
): readonly string[] {
  const unknown = [job.needs ?? []].flat().filter(need => !(need in jobs));
  return [
    ...unknown.map(need => `${where} needs ${need}, which is not there`),
    ...(job['timeout-minutes'] ? [] : [`${where} may run for ever`]),
    ...job.steps.flatMap(({ uses, run }) => [
      ...(uses && !isPinned(uses, files) ? [`${where} uses ${uses}`] : []),
      // Text of people in a script is a way in; it goes through the environment.
      ...(run?.includes('${{') ? [`${where} puts values into a script`] : []),
      ...scriptsOf(run ?? '')
        .filter(script => !files.has(script))
        .map(script => `${where} runs ${script}, which is not there`),
    ]),
  ];
}

function isPinned(uses: string, files: ReadonlyMap<string, string>): boolean {
  return uses.startsWith('./')
    ? files.has(`${uses.slice(2)}/action.yml`)
    : pinned.test(uses);
}

function scriptsOf(run: string): readonly string[] {
  return [...run.matchAll(/\.\/(scripts\/[\w-]+\.sh)/g)].map(
    ([, path]) => path,
  );
}
