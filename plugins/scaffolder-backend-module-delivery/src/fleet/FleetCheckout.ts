// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { serializeDirectoryContents } from '@backstage/plugin-scaffolder-node';
import type { FileChange, Files } from '../onboarding/Onboarding';
import type { FleetAccess } from './access';
import { git } from './git';

/** Larger files are no manifests. */
const LARGEST_FILE = 1_000_000;

/** A clone of the fleet repository that lives as long as one step of a template. */
export class FleetCheckout {
  private constructor(
    private readonly access: FleetAccess,
    private readonly branch: string,
    private readonly directory: string,
    /** What the repository holds of clusters, infrastructure and services. */
    readonly files: Files,
  ) {}

  /** Clones the newest commit of a branch. `directory` is empty and the caller's to remove. */
  static async clone(options: {
    readonly access: FleetAccess;
    readonly branch: string;
    readonly directory: string;
  }): Promise<FleetCheckout> {
    const { access, branch, directory } = options;
    await git(access, [
      'clone',
      '--depth=1',
      '--single-branch',
      `--branch=${branch}`,
      '--',
      access.cloneUrl,
      directory,
    ]);
    return new FleetCheckout(
      access,
      branch,
      directory,
      await readFiles(directory, [
        'clusters/**',
        'infrastructure/**',
        'services/**',
      ]),
    );
  }

  /**
   * Commits changes and pushes them, to the branch that was cloned or to a new one. The remote
   * refuses when the branch has moved meanwhile; then nothing was changed.
   */
  async push(
    changes: readonly FileChange[],
    commit: {
      readonly message: string;
      readonly author: { readonly name: string; readonly email: string };
      /** Left out: the branch that was cloned. */
      readonly branch?: string;
    },
  ): Promise<string> {
    const { access, directory } = this;
    for (const { path, content } of changes) {
      const file = join(directory, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    const here = ['-C', directory];
    const paths = changes.map(({ path }) => path);
    await git(access, [...here, 'add', '--', ...paths]);
    await git(
      access,
      [...here, 'commit', `--message=${commit.message}`],
      commit.author,
    );
    const branch = commit.branch ?? this.branch;
    await git(access, [...here, 'push', 'origin', `HEAD:refs/heads/${branch}`]);
    return (await git(access, [...here, 'rev-parse', 'HEAD'])).trim();
  }
}

/** The text files below a folder that match, by their paths. Symbolic links are not followed. */
export async function readFiles(
  directory: string,
  globPatterns: string[],
): Promise<Files> {
  const found = await serializeDirectoryContents(directory, { globPatterns });
  return new Map(
    found
      .filter(
        ({ symlink, content }) =>
          !symlink && content.length < LARGEST_FILE && !content.includes(0),
      )
      .map(({ path, content }) => [path, content.toString('utf8')]),
  );
}

/** A text file; undefined when there is none. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
