// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BareRepository } from '../git/BareRepository';
import { ProtectedBranch } from './accounts';
import { BranchProtection, seededProtection } from './protections';
import type { CommitStatus, Hook, PullRequest, Secret } from './records';

/** What the forge knows of a repository beside its Git data. */
export interface RepositorySettings {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly description: string;
  readonly createdAt: string;
  /** The protections it began with. */
  readonly protections: readonly ProtectedBranch[];
}

interface Records {
  readonly pulls: readonly PullRequest[];
  readonly statuses: readonly CommitStatus[];
  readonly hooks: readonly Hook[];
  /** Left out until somebody changes one. */
  readonly protections?: readonly BranchProtection[];
  /** Left out until somebody sets one. */
  readonly secrets?: readonly Secret[];
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

  get secrets(): readonly Secret[] {
    return this.records.secrets ?? [];
  }

  get protections(): readonly BranchProtection[] {
    return (
      this.records.protections ??
      this.settings.protections.map(branch =>
        seededProtection(branch, this.settings.createdAt),
      )
    );
  }

  /** The protection of a branch; undefined when it has none. */
  protectionOf(branch: string): BranchProtection | undefined {
    return this.protections.find(protection => protection.branch === branch);
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

  /** Replaces the hook with the same number. */
  async replaceHook(hook: Hook): Promise<void> {
    const hooks = this.records.hooks.map(other =>
      other.id === hook.id ? hook : other,
    );
    await this.#store({ ...this.records, hooks });
  }

  /** Adds or replaces the protection of a branch. */
  async storeProtection(protection: BranchProtection): Promise<void> {
    const others = this.protections.filter(
      ({ branch }) => branch !== protection.branch,
    );
    await this.#store({
      ...this.records,
      protections: [...others, protection],
    });
  }

  /** Removes the protection of a branch; false when there is none. */
  async removeProtection(branch: string): Promise<boolean> {
    const protections = this.protections.filter(
      protection => protection.branch !== branch,
    );
    if (protections.length === this.protections.length) return false;
    await this.#store({ ...this.records, protections });
    return true;
  }

  /** Removes a hook; false when there is none with this number. */
  async removeHook(id: number): Promise<boolean> {
    const hooks = this.records.hooks.filter(hook => hook.id !== id);
    if (hooks.length === this.records.hooks.length) return false;
    await this.#store({ ...this.records, hooks });
    return true;
  }

  /** Adds or replaces a secret; false when there was one of this name. */
  async storeSecret(secret: Secret): Promise<boolean> {
    const others = this.secrets.filter(({ name }) => name !== secret.name);
    const isNew = others.length === this.secrets.length;
    await this.#store({ ...this.records, secrets: [...others, secret] });
    return isNew;
  }

  /** Removes a secret; false when there is none of this name. */
  async removeSecret(wanted: string): Promise<boolean> {
    const secrets = this.secrets.filter(({ name }) => name !== wanted);
    if (secrets.length === this.secrets.length) return false;
    await this.#store({ ...this.records, secrets });
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
