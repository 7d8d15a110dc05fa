// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BareRepository } from '../git/BareRepository';
import { ProtectedBranch } from './accounts';

/** What the forge knows of a repository beside its Git data. */
export interface RepositorySettings {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly description: string;
  readonly createdAt: string;
  readonly protections: readonly ProtectedBranch[];
}

/** A pull request as it is stored. */
export interface PullRequest {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly head: string;
  readonly base: string;
  readonly state: 'open' | 'closed';
  readonly mergeCommit?: string;
  readonly mergedBy?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly closedAt?: string;
  /** Head and base when it was closed; an open one follows its branches. */
  readonly closedHead?: string;
  readonly closedBase?: string;
}

/** State of a commit status, worst last. */
export type StatusState =
  | 'success'
  | 'pending'
  | 'warning'
  | 'failure'
  | 'error';

/** One report of some check about a commit. */
export interface CommitStatus {
  readonly id: number;
  readonly sha: string;
  readonly state: StatusState;
  readonly context: string;
  readonly description: string;
  readonly targetUrl: string;
  readonly creator: string;
  readonly createdAt: string;
}

/** An address that is told about pushes. */
export interface Hook {
  readonly id: number;
  readonly url: string;
  readonly secret: string;
  readonly active: boolean;
  readonly createdAt: string;
}

interface Records {
  readonly pulls: readonly PullRequest[];
  readonly statuses: readonly CommitStatus[];
  readonly hooks: readonly Hook[];
}

const noRecords: Records = { pulls: [], statuses: [], hooks: [] };

/**
 * A repository of the forge: its Git data and, beside it on disk, pull requests,
 * statuses and hooks. Writes are done one after another, each file is replaced
 * whole, so a killed process leaves the old or the new state.
 */
export class ForgeRepository {
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly git: BareRepository,
    readonly settings: RepositorySettings,
    private records: Records,
  ) {}

  /** Opens a repository of the data folder; undefined when the folder holds none. */
  static async open(directory: string): Promise<ForgeRepository | undefined> {
    const settings = await readJson<RepositorySettings>(
      join(directory, 'forge', 'settings.json'),
    );
    if (!settings) return undefined;
    const records = await readJson<Records>(
      join(directory, 'forge', 'records.json'),
    );
    return new ForgeRepository(
      new BareRepository(directory),
      settings,
      records ?? noRecords,
    );
  }

  /** Makes an empty repository. */
  static async create(
    directory: string,
    settings: RepositorySettings,
  ): Promise<ForgeRepository> {
    await mkdir(join(directory, 'forge'), { recursive: true });
    const git = await BareRepository.create(directory);
    await replaceJson(join(directory, 'forge', 'settings.json'), settings);
    return new ForgeRepository(git, settings, noRecords);
  }

  get fullName(): string {
    return `${this.settings.owner}/${this.settings.name}`;
  }

  get pulls(): readonly PullRequest[] {
    return this.records.pulls;
  }

  get statuses(): readonly CommitStatus[] {
    return this.records.statuses;
  }

  get hooks(): readonly Hook[] {
    return this.records.hooks;
  }

  /** Runs `work` after all earlier work on this repository has ended. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Adds or replaces the pull request with this number. */
  async storePull(pull: PullRequest): Promise<void> {
    const others = this.records.pulls.filter(
      ({ number }) => number !== pull.number,
    );
    await this.#store({
      ...this.records,
      pulls: [...others, pull].sort((a, b) => a.number - b.number),
    });
  }

  /** Adds a status and returns it with its number. */
  async addStatus(status: Omit<CommitStatus, 'id'>): Promise<CommitStatus> {
    const stored = {
      ...status,
      id: (this.records.statuses.at(-1)?.id ?? 0) + 1,
    };
    await this.#store({
      ...this.records,
      statuses: [...this.records.statuses, stored],
    });
    return stored;
  }

  /** Adds a hook and returns it with its number. */
  async addHook(hook: Omit<Hook, 'id'>): Promise<Hook> {
    const stored = { ...hook, id: (this.records.hooks.at(-1)?.id ?? 0) + 1 };
    await this.#store({
      ...this.records,
      hooks: [...this.records.hooks, stored],
    });
    return stored;
  }

  /** Removes a hook; false when there is none with this number. */
  async removeHook(id: number): Promise<boolean> {
    const hooks = this.records.hooks.filter(hook => hook.id !== id);
    if (hooks.length === this.records.hooks.length) return false;
    await this.#store({ ...this.records, hooks });
    return true;
  }

  /** The latest status of each context of a commit. */
  latestStatuses(sha: string): readonly CommitStatus[] {
    const latest = new Map<string, CommitStatus>();
    for (const status of this.records.statuses) {
      if (status.sha === sha) latest.set(status.context, status);
    }
    return [...latest.values()];
  }

  async #store(records: Records): Promise<void> {
    this.records = records;
    await replaceJson(
      join(this.git.directory, 'forge', 'records.json'),
      records,
    );
  }
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

let writes = 0;

/** Replaces a file in one step, so that readers and a crash never meet half of it. */
export async function replaceJson(file: string, value: unknown): Promise<void> {
  writes += 1;
  const draft = `${file}.${process.pid}.${writes}`;
  await writeFile(draft, `${JSON.stringify(value, undefined, 1)}\n`);
  await rename(draft, file);
}
