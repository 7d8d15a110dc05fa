// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Clock } from '../time/Scheduler';
import { BareRepository, Reference } from '../git/BareRepository';
import { NewCommit, Signature } from '../git/importCommits';
import { Account, ProtectedBranch } from './accounts';
import { ForgeFaults } from './faults';
import { followPulls } from './followPulls';
import { ForgeRepository } from './ForgeRepository';
import type { CommitStatus, PullRequest, Review } from './records';

/** A branch that moved, told to CI and to webhooks. */
export interface Push {
  readonly repository: ForgeRepository;
  readonly branch: string;
  /** Undefined when the branch is new. */
  readonly before: string | undefined;
  /** Undefined when the branch was removed. */
  readonly after: string | undefined;
  readonly pusher: Account;
}

/** Something that was done to a pull request. */
export interface PullEvent {
  readonly kind: 'pull';
  readonly action: 'opened' | 'edited' | 'closed' | 'reopened' | 'synchronized';
  readonly repository: ForgeRepository;
  readonly pull: PullRequest;
  readonly sender: Account;
}

/** What happens in the forge besides moving branches. */
export type ForgeEvent =
  | PullEvent
  | {
      readonly kind: 'review';
      readonly repository: ForgeRepository;
      readonly pull: PullRequest;
      readonly review: Review;
      readonly sender: Account;
    }
  | {
      readonly kind: 'status';
      readonly repository: ForgeRepository;
      readonly status: CommitStatus;
      readonly sender: Account;
    };

/** The demo forge: repositories on disk, accounts, and who hears of pushes. */
export class Forge {
  readonly faults = new ForgeFaults();
  readonly #repositories = new Map<string, ForgeRepository>();
  readonly #listeners = new Set<(push: Push) => void>();
  readonly #observers = new Set<(event: ForgeEvent) => void>();

  private constructor(
    readonly directory: string,
    readonly accounts: readonly Account[],
    readonly password: string,
    readonly now: Clock,
  ) {}

  /** Opens the forge with every repository found below `directory`. */
  static async open(options: {
    readonly directory: string;
    readonly accounts: readonly Account[];
    readonly password: string;
    readonly clock: Clock;
  }): Promise<Forge> {
    const forge = new Forge(
      options.directory,
      options.accounts,
      options.password,
      options.clock,
    );
    await mkdir(options.directory, { recursive: true });
    for (const owner of await readdir(options.directory)) {
      for (const folder of await readdir(join(options.directory, owner))) {
        const repository = await ForgeRepository.open(
          join(options.directory, owner, folder),
        );
        if (repository)
          forge.#repositories.set(repository.fullName, repository);
      }
    }
    return forge;
  }

  /** All repositories, by number. */
  repositories(): readonly ForgeRepository[] {
    return [...this.#repositories.values()].sort(
      (a, b) => a.settings.id - b.settings.id,
    );
  }

  /** A repository by `owner/name`, with or without `.git`. */
  repository(fullName: string): ForgeRepository | undefined {
    return this.#repositories.get(fullName.replace(/\.git$/, ''));
  }

  /** Makes a repository with its first commits; the branch of the first one is `main`. */
  async createRepository(options: {
    readonly owner: string;
    readonly name: string;
    readonly description: string;
    readonly protections?: readonly ProtectedBranch[];
    readonly commits?: readonly NewCommit[];
  }): Promise<ForgeRepository> {
    const directory = join(
      this.directory,
      options.owner,
      `${options.name}.git`,
    );
    const commits = options.commits ?? [];
    // Git data without settings is what a killed start has left; it is made anew.
    await rm(directory, { recursive: true, force: true });
    if (commits.length > 0) {
      const repository = await BareRepository.create(directory);
      await repository.write(commits);
    }
    const repository = await ForgeRepository.create(directory, {
      id: this.#repositories.size + 1,
      owner: options.owner,
      name: options.name,
      description: options.description,
      createdAt: (commits[0]?.author.date ?? this.now()).toISOString(),
      protections: options.protections ?? [],
    });
    this.#repositories.set(repository.fullName, repository);
    return repository;
  }

  /** An account by login. */
  account(login: string): Account | undefined {
    return this.accounts.find(account => account.login === login);
  }

  /** The account as author or committer, now. */
  signatureOf(account: Account): Signature {
    return { name: account.fullName, email: account.email, date: this.now() };
  }

  /** Calls `listener` for every branch that moves from now on; returns how to stop that. */
  onPush(listener: (push: Push) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `observer` for whatever else happens from now on; returns how to stop that. */
  onEvent(observer: (event: ForgeEvent) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Tells the observers what has happened. */
  announce(event: ForgeEvent): void {
    for (const observer of this.#observers) observer(event);
  }

  /** Stores a status of a commit in the name of an account, and tells of it. */
  async reportStatus(
    repository: ForgeRepository,
    status: Omit<CommitStatus, 'id' | 'createdAt'>,
  ): Promise<CommitStatus> {
    const stored = await repository.addStatus({
      ...status,
      createdAt: this.now().toISOString(),
    });
    const sender = this.account(stored.creator);
    if (sender)
      this.announce({ kind: 'status', repository, status: stored, sender });
    return stored;
  }

  /**
   * Does `work`, which may move branches of a repository, alone, and tells the
   * listeners which ones moved. What git has stored counts, not what was asked.
   */
  async moving<T>(
    repository: ForgeRepository,
    pusher: Account,
    work: () => Promise<T>,
  ): Promise<T> {
    return repository.exclusively(async () => {
      const before = await repository.git.references('refs/heads/');
      try {
        return await work();
      } finally {
        const after = await repository.git.references('refs/heads/');
        const moves = movedBranches(before, after);
        for (const move of moves) {
          for (const listener of this.#listeners)
            listener({ ...move, repository, pusher });
        }
        for (const pull of await followPulls(repository, moves, this.now()))
          this.announce({
            kind: 'pull',
            action: 'synchronized',
            repository,
            pull,
            sender: pusher,
          });
      }
    });
  }
}

/** Branches that differ between two readings. */
export function movedBranches(
  before: readonly Reference[],
  after: readonly Reference[],
): readonly Pick<Push, 'branch' | 'before' | 'after'>[] {
  const old = new Map(before.map(({ name, sha }) => [name, sha]));
  const current = new Map(after.map(({ name, sha }) => [name, sha]));
  return [...new Set([...old.keys(), ...current.keys()])]
    .filter(branch => old.get(branch) !== current.get(branch))
    .map(branch => ({
      branch,
      before: old.get(branch),
      after: current.get(branch),
    }));
}
