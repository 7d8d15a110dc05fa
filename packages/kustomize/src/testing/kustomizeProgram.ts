// SPDX-License-Identifier: Apache-2.0

import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

const version = '5.8.1';

const restrictor = {
  rootOnly: 'LoadRestrictionsRootOnly',
  none: 'LoadRestrictionsNone',
};

/** The kustomize program as people install it. */
export interface KustomizeProgram {
  /** What `kustomize build` prints, run in a folder on the disk. */
  build(
    root: string,
    folder: string,
    loadRestrictions: 'rootOnly' | 'none',
  ): string;
}

/**
 * Builds the kustomize program from its Go module, once per machine. Returns
 * undefined where Go is not installed.
 */
export function kustomizeProgram(): KustomizeProgram | undefined {
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
  const program = path.join(cache, 'causeway', 'bin', `kustomize-${version}`);
  if (!existsSync(program)) {
    if (spawnSync('go', ['version'], { cwd: tmpdir() }).status !== 0)
      return undefined;
    install(program);
  }
  return {
    build: (root, folder, loadRestrictions) =>
      execFileSync(
        program,
        ['build', '--load-restrictor', restrictor[loadRestrictions], folder],
        {
          cwd: root,
          encoding: 'utf8',
          stdio: 'pipe',
        },
      ),
  };
}

/** Built aside and renamed, so that another process never sees half a program. */
function install(program: string): void {
  mkdirSync(path.dirname(program), { recursive: true });
  const aside = mkdtempSync(path.join(path.dirname(program), 'kustomize-'));
  try {
    execFileSync(
      'go',
      ['install', `sigs.k8s.io/kustomize/kustomize/v5@v${version}`],
      {
        cwd: aside,
        env: { ...process.env, GOBIN: aside, GOFLAGS: '' },
        stdio: 'pipe',
      },
    );
    renameSync(path.join(aside, 'kustomize'), program);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
