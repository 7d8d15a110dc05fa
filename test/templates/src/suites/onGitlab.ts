// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitlabScripts } from '../checks/gitlab';
import { installLinters } from '../linters/installLinters';
import type { Repository } from '../Repository';
import { run } from '../run';
import type { Rendered } from '../ScaffolderUnderTest';
import { writeRepository } from '../writeRepository';

const checks = [
  'checks',
  'manifests',
  'licences',
  'images: [amd64]',
  'images: [arm64]',
];

/** Registers what GitLab's own schema and rules, and linters, make of pipelines for GitLab, by case. */
export function onGitlab(
  keys: readonly string[],
  resultOf: (key: string) => Rendered,
  fleet: () => Repository,
): void {
  let root: string;
  let linters: string;

  beforeAll(async () => {
    linters = await installLinters(fleet().files.get('requirements.txt') ?? '');
    root = await mkdtemp(join(tmpdir(), 'gitlab-'));
    for (const [index, key] of keys.entries())
      await clone(resultOf(key), folderOf(key, index));
  });

  afterAll(() => rm(root, { recursive: true, force: true }));

  function folderOf(key: string, index = keys.indexOf(key)) {
    return join(root, `${index}`);
  }

  test.each([...keys])(
    "GitLab's schema takes its pipeline, and main runs all of it: %s",
    async key => {
      expect(await jobsIn(folderOf(key))).toEqual([...checks, 'release']);
    },
  );

  test.each([...keys])('yamllint: pipeline of %s', async key => {
    const style = join(fleet().folder, '.yamllint.yaml');
    const found = await run(
      join(linters, 'yamllint'),
      ['--strict', '-c', style, '.gitlab-ci.yml', '.gitlab'],
      folderOf(key),
    );
    expect(found).toEqual({ code: 0, output: '' });
  });

  test.each([...keys])('shellcheck: pipeline of %s', async key => {
    const folder = join(folderOf(key), 'scripts of jobs');
    await mkdir(folder);
    const scripts = gitlabScripts(resultOf(key).files);
    expect(scripts.size).toBeGreaterThan(10);
    for (const [name, text] of scripts)
      await writeFile(
        join(folder, `${name}.sh`),
        `#!/bin/sh\nset -e\n${text}\n`,
      );
    const found = await run(
      join(linters, 'shellcheck'),
      ['-f', 'gcc', ...[...scripts.keys()].map(name => `${name}.sh`)],
      folder,
    );
    expect(found).toEqual({ code: 0, output: '' });
  });

  test('a branch is not released, and inputs choose what else runs', async () => {
    const folder = folderOf(keys[0]);
    git(folder, 'switch', '--quiet', '--create', 'branch');
    expect(await jobsIn(folder)).toEqual(checks);
    expect(await jobsIn(folder, 'run=security')).toEqual(['security']);
    expect(await jobsIn(folder, 'run=promote')).toEqual(['promote']);
    await expect(jobsIn(folder, 'run=everything')).rejects.toThrow('run');
    await expect(jobsIn(folder, 'digest=sha256:no')).rejects.toThrow('digest');
  });

  test("a mistake is found by GitLab's schema", async () => {
    const folder = folderOf(keys[0]);
    const path = join(folder, '.gitlab/ci/images.yml');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('  needs:', '  need:'));
    await expect(jobsIn(folder)).rejects.toThrow(
      "'need' property is not expected to be here",
    );
    await writeFile(path, text);
  });
}

/** Writes a repository as a clone of one on GitLab, whose default branch is main. */
async function clone(result: Rendered, folder: string): Promise<void> {
  await mkdir(folder);
  await writeRepository(result, folder);
  git(folder, 'remote', 'add', 'origin', 'git@gitlab.example:norden/lights');
  const head = 'refs/remotes/origin/main';
  git(folder, 'symbolic-ref', 'refs/remotes/origin/HEAD', head);
}

function git(folder: string, ...args: readonly string[]): void {
  execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
}

/**
 * The jobs that a push to the branch at hand would run, or a pipeline with an input.
 *
 * @throws Error with what is wrong with the pipeline
 */
async function jobsIn(
  folder: string,
  input?: string,
): Promise<readonly string[]> {
  const program = require.resolve('gitlab-ci-local/dist/index.js');
  const args = ['--list-csv', ...(input ? ['--input', input] : [])];
  const ended = await run(process.execPath, [program, ...args], folder, {
    NO_COLOR: '1',
  });
  if (ended.code !== 0) throw new Error(ended.output);
  return [...ended.output.matchAll(/^([^;\n]+);(?!stage;)/gm)].map(
    ([, name]) => name,
  );
}
