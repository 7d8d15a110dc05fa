// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { installLinters, nixParser } from '../linters/installLinters';
import type { Repository } from '../Repository';
import { run } from '../run';
import { fleetTemplate } from './fleet';

const clean = { code: 0, output: '' };

/** Registers what linters find in the first repository of each template, and in that of a fleet. */
export function linted(
  templates: readonly string[],
  repositoryOf: (template: string) => Repository,
): void {
  const services = templates.filter(name => name !== fleetTemplate);
  let linters: string;

  beforeAll(async () => {
    const { files } = repositoryOf(fleetTemplate);
    linters = await installLinters(files.get('requirements.txt') ?? '');
  });

  /** Runs a linter in the repository of a template. */
  function lint(template: string, program: string, args: readonly string[]) {
    const { folder } = repositoryOf(template);
    const path = `${linters}${delimiter}${process.env.PATH}`;
    return run(join(linters, program), args, folder, {
      PATH: path,
      NO_COLOR: '1',
    });
  }

  function pathsOf(template: string, isWanted: (text: string) => boolean) {
    return [...repositoryOf(template).files]
      .filter(([, text]) => isWanted(text))
      .map(([path]) => path);
  }

  test.each([...templates])('shellcheck: %s', async template => {
    const scripts = pathsOf(template, text => /^#!.*\b(ba)?sh$/m.test(text));
    expect(scripts.length).toBeGreaterThan(0);
    const found = await lint(template, 'shellcheck', ['-f', 'gcc', ...scripts]);
    expect(found).toEqual(clean);
  });

  test.each([...templates])('yamllint: %s', async template => {
    const style = join(repositoryOf(fleetTemplate).folder, '.yamllint.yaml');
    const args = ['--strict', '--format', 'parsable', '-c', style, '.'];
    expect(await lint(template, 'yamllint', args)).toEqual(clean);
  });

  test.each(services)('hadolint: %s', async template => {
    const args = ['--format', 'gnu', 'Dockerfile'];
    expect(await lint(template, 'hadolint', args)).toEqual(clean);
  });

  test.each(services)('Nix can be parsed: %s', async template => {
    const args = [nixParser, 'flake.nix'];
    expect(await lint(template, 'python', args)).toEqual(clean);
  });

  test.each(services)('k6 has all that its script uses: %s', async template => {
    expect(
      await typesOfLoad(join(repositoryOf(template).folder, 'load/k6.js')),
    ).toEqual(clean);
  });

  test('a mistake is found in each of these languages', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mistakes-'));
    const write = (name: string, text: string) =>
      writeFile(join(folder, name), text);
    await Promise.all([
      write('script.sh', '#!/bin/bash\nrm $1\n'),
      write('Dockerfile', 'FROM node\nRUN cd /tmp\n'),
      write('flake.nix', '{ a = ; }'),
      write('k6.js', "import http from 'k6/http';\nhttp.fetch('/');\n"),
    ]);
    const file = (name: string) => join(folder, name);
    const outcomes = await Promise.all([
      lint(fleetTemplate, 'shellcheck', [file('script.sh')]),
      lint(fleetTemplate, 'hadolint', [file('Dockerfile')]),
      lint(fleetTemplate, 'python', [nixParser, file('flake.nix')]),
      typesOfLoad(file('k6.js')),
    ]);
    await rm(folder, { recursive: true });
    expect(outcomes.map(({ output }) => output)).toEqual([
      expect.stringContaining('SC2086'),
      expect.stringContaining('DL3003'),
      expect.stringContaining('flake.nix:1: can not be parsed'),
      expect.stringContaining("Property 'fetch' does not exist"),
    ]);
  });

  test('every playbook can be read, and Ansible finds nothing to better', async () => {
    const { files, folder } = repositoryOf(fleetTemplate);
    const playbooks = [...files.keys()].filter(path =>
      path.startsWith('ansible/playbooks/'),
    );
    expect(playbooks.length).toBeGreaterThan(5);
    const ended = await run('make', ['playbooks'], folder, {
      PATH: `${linters}${delimiter}${process.env.PATH}`,
    });
    expect([ended.code, ended.code === 0 ? '' : ended.output]).toEqual([0, '']);
  });
}

/** What TypeScript says of a k6 script, by the types that k6 publishes. */
async function typesOfLoad(script: string) {
  const types = dirname(require.resolve('@types/k6/package.json'));
  const settings = {
    compilerOptions: {
      allowJs: true,
      checkJs: true,
      noEmit: true,
      target: 'es2022',
      module: 'esnext',
      moduleResolution: 'bundler',
      types: [types],
      paths: { k6: [types], 'k6/*': [`${types}/*`] },
    },
    files: [script],
  };
  const config = `${script}.tsconfig.json`;
  await writeFile(config, JSON.stringify(settings));
  const compiler = require.resolve('typescript/bin/tsc');
  const ended = await run(process.execPath, [compiler, '-p', config], '/');
  await rm(config);
  return ended;
}
