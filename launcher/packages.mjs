// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { fingerprint, onceFor } from './fingerprint.mjs';
import { repository } from './folders.mjs';
import { progress } from './progress.mjs';

const NEEDED_BYTES = 3 * 1024 ** 3;

const yarn = join(repository, '.yarn', 'releases', 'yarn-4.13.0.cjs');

/** Runs the committed yarn and returns its output; a failure throws with the last lines of it. */
export function runYarn(node, environment, parameters, what) {
  return new Promise((resolve, reject) => {
    const child = spawn(node.executable, [yarn, ...parameters], {
      cwd: repository,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', chunk => (output += chunk));
    child.stderr.on('data', chunk => (output += chunk));
    child.on('error', reject);
    child.on('close', code => {
      if (code === 0) {
        resolve(output);
        return;
      }
      const lines = output.trim().split('\n').slice(-15).join('\n');
      reject(new Failure(`${what} failed:\n${lines}`));
    });
  });
}

function manifests() {
  const workspaces = ['packages', 'plugins', 'test'].flatMap(group =>
    existsSync(join(repository, group))
      ? readdirSync(join(repository, group)).map(name =>
          join(repository, group, name, 'package.json'),
        )
      : [],
  );
  return [
    join(repository, 'yarn.lock'),
    join(repository, '.yarnrc.yml'),
    join(repository, 'package.json'),
    ...workspaces,
  ];
}

/** Installs the packages of the lockfile, unless that was done already. */
export async function installPackages(node, environment) {
  const modules = join(repository, 'node_modules');
  const stamp = join(modules, '.causeway-installed');
  const wanted = fingerprint(manifests());
  await onceFor(stamp, wanted, async () => {
    const { bavail, bsize } = statfsSync(repository);
    if (!existsSync(modules) && bavail * bsize < NEEDED_BYTES) {
      throw new Failure(
        `There is not enough room on the disk: the packages need 3 GiB, and ${(
          (bavail * bsize) /
          1024 ** 3
        ).toFixed(1)} GiB are free at ${repository}.`,
      );
    }
    progress('Installing packages (about 40 s the first time)');
    await runYarn(
      node,
      environment,
      ['install', '--immutable'],
      'Installing the packages',
    );
  });
}
