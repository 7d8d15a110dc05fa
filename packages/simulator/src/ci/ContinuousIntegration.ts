// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { parse } from 'yaml';
import { Forge, Push } from '../forge/Forge';
import { ForgeRepository } from '../forge/ForgeRepository';
import type { StatusState } from '../forge/statuses';
import { CommitRecord, subjectOf } from '../git/parseCommits';
import { Scheduler } from '../time/Scheduler';
import { Outbox, ReportTarget } from './Outbox';
import { deliveryOf } from './report';
import { CiEffects } from './CiEffects';
import { evidenceOf } from './evidence/evidence';
import { schedule } from './plan';
import { imageDigest, plannedJobs, Run, runCommit } from './Run';
import { runJobs, withTimes } from './runJobs';
import { RunStore } from './RunStore';
import { nextVersion, versionOfTag } from './version';

/** Settings of the simulated CI. */
export interface CiOptions {
  readonly forge: Forge;
  readonly forgeUrl: string;
  /** Folder for the runs; kept over restarts. */
  readonly directory: string;
  readonly scheduler: Scheduler;
  /** How long the jobs of one run take in all, in milliseconds. */
  readonly runDuration: number;
  /** Where releases are reported; nowhere when it is left out. */
  readonly reports?: ReportTarget;
  /** The entity ref of the person with an address. */
  readonly people: (email: string) => string | undefined;
  readonly log: (line: string) => void;
}

/** How long runs of the seeded history waited and took, in milliseconds. */
const historicQueueing = 20_000;
const historicDuration = 372_000;
const statusContext = 'ci/release';
const mainBranch = 'main';
/** A commit with this in its subject is not built. */
const skipMark = '[skip ci]';

/**
 * Builds what is pushed to the main branch of a repository that has a pipeline
 * document. A run gives its commit a version and an image digest, tags the
 * commit, and reports the release to the portal. Runs of one repository happen
 * one after another; a newer push cancels the run under way and those that wait.
 * A run that a stop cut short is done again at the next start.
 */
export class ContinuousIntegration {
  /** What goes wrong on demand. */
  readonly effects = new CiEffects();
  readonly #queues = new Map<string, Promise<void>>();
  /** Ends the run that is under way, or waits, for a repository. */
  readonly #newest = new Map<string, AbortController>();
  readonly #asked = new Map<string, Promise<void>>();
  #unsubscribe: () => void = () => undefined;
  readonly #stopping = new AbortController();

  private constructor(
    private readonly options: CiOptions,
    readonly runs: RunStore,
    private readonly outbox: Outbox,
  ) {}

  /** Opens CI over its folder and begins to listen for pushes. */
  static async start(options: CiOptions): Promise<ContinuousIntegration> {
    const runs = await RunStore.open(join(options.directory, 'runs'));
    const outbox = new Outbox(options.reports, options.scheduler, options.log);
    const ci = new ContinuousIntegration(options, runs, outbox);
    ci.#unsubscribe = options.forge.onPush(push => ci.#pushed(push));
    return ci;
  }

  /**
   * Reports every release again, those of the seeded history too, and builds
   * what was pushed while CI was away. Repeated reports do no harm: they carry
   * the delivery id they had before.
   */
  async catchUp(): Promise<void> {
    for (const repository of this.options.forge.repositories()) {
      await this.#recordHistory(repository);
      const tip = await repository.git.commit(mainBranch);
      const known =
        tip &&
        this.runs
          .of(repository.fullName)
          .find(run => run.commit.sha === tip.sha);
      if (tip && (!known || known.state === 'running'))
        this.#enqueue(repository, tip.sha);
    }
    const passed = this.runs.list().filter(run => run.state === 'passed');
    for (const run of [...passed].reverse()) this.outbox.add(deliveryOf(run));
  }

  /** Resolves when no run is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#asked.values());
    await Promise.all(this.#queues.values());
  }

  /** Ends runs and deliveries under way; both go on at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#unsubscribe();
    await this.outbox.stop();
    await this.idle();
  }

  #pushed({ repository, branch, after }: Push): void {
    if (branch !== mainBranch || !after) return;
    this.#enqueueIfBuilt(repository, after);
  }

  /** A commit that is not built must not cancel one that is, so that is looked at first. */
  #enqueueIfBuilt(repository: ForgeRepository, sha: string): void {
    const before = this.#asked.get(repository.fullName) ?? Promise.resolve();
    const asked = before.then(async () => {
      const commit = await repository.git.commit(sha);
      if (commit && !subjectOf(commit.message).includes(skipMark))
        this.#enqueue(repository, sha);
    });
    this.#asked.set(
      repository.fullName,
      asked.catch(error =>
        this.options.log(`ci: ${repository.fullName} ${sha}: ${error}`),
      ),
    );
  }

  #enqueue(repository: ForgeRepository, sha: string): void {
    const { fullName } = repository;
    this.#newest.get(fullName)?.abort();
    const superseded = new AbortController();
    this.#newest.set(fullName, superseded);
    const before = this.#queues.get(fullName) ?? Promise.resolve();
    const after = before
      .then(() => this.#build(repository, sha, superseded.signal))
      .catch(error =>
        this.options.log(`ci: run over ${fullName} ${sha} failed: ${error}`),
      );
    this.#queues.set(fullName, after);
  }

  async #build(
    repository: ForgeRepository,
    sha: string,
    superseded: AbortSignal,
  ): Promise<void> {
    const commit = await repository.git.commit(sha);
    const image = await imageName(repository, sha);
    if (this.#stopping.signal.aborted || !commit || !image) return;
    if (subjectOf(commit.message).includes(skipMark)) return;
    const { scheduler } = this.options;
    let run = await this.#begin(repository, commit, image);
    await this.#report(
      repository,
      run,
      'pending',
      'The release is being built',
    );
    if (run.state === 'running') {
      run = await runJobs(run, {
        scheduler,
        times: schedule(sha, this.options.runDuration),
        effects: this.effects,
        store: state => this.runs.store(state),
        signal: AbortSignal.any([this.#stopping.signal, superseded]),
      });
      if (this.#stopping.signal.aborted) return;
    }
    if (run.state === 'running') {
      await tagCommit(repository, run);
      run = { ...run, state: 'passed' };
    }
    run = { ...run, finishedAt: scheduler.now().toISOString() };
    await this.runs.store({ ...run, evidence: evidenceOf(run) });
    if (run.state === 'passed') {
      await this.#report(
        repository,
        run,
        'success',
        `Released as ${run.version}`,
      );
      this.outbox.add(deliveryOf(run));
    } else {
      await this.#report(
        repository,
        run,
        run.state === 'cancelled' ? 'error' : 'failure',
        run.problem ?? 'The run failed',
      );
    }
  }

  async #begin(
    repository: ForgeRepository,
    commit: CommitRecord,
    image: string,
  ): Promise<Run> {
    const released = await releasedVersions(repository);
    const earlier = this.runs
      .of(repository.fullName)
      .find(run => run.commit.sha === commit.sha);
    const own = released.find(({ sha }) => sha === commit.sha)?.version;
    const declared = await repository.git.readFile(commit.sha, 'VERSION');
    const choice = nextVersion(
      declared?.toString(),
      released.map(({ version }) => version),
    );
    const version =
      own ?? (choice.kind === 'version' ? choice.version : '0.0.0');
    const refused = own === undefined && choice.kind === 'refused';
    return this.#newRun(repository, commit, {
      number: earlier?.number ?? this.runs.nextNumber(repository.fullName),
      version,
      image,
      startedAt: this.options.scheduler.now(),
      problem: refused ? choice.reason : undefined,
    });
  }

  #newRun(
    repository: ForgeRepository,
    commit: CommitRecord,
    facts: {
      number: number;
      version: string;
      image: string;
      startedAt: Date;
      problem: string | undefined;
    },
  ): Run {
    const { name } = repository.settings;
    const repositoryUrl = `${this.options.forgeUrl}/${repository.fullName}`;
    const id = `${name}-${facts.number}`;
    const digest = imageDigest(name, facts.version, commit.sha);
    return {
      id,
      number: facts.number,
      repository: repository.fullName,
      repositoryUrl,
      service: `component:default/${name}`,
      commit: runCommit(commit, repositoryUrl, this.options.people),
      state: facts.problem ? 'failed' : 'running',
      ...(facts.problem ? { problem: facts.problem } : {}),
      version: facts.version,
      images: [{ name: facts.image, tag: facts.version, digest }],
      jobs: plannedJobs(),
      startedAt: facts.startedAt.toISOString(),
      url: `${this.options.forgeUrl}/simulation/ci/runs/${id}`,
    };
  }

  /** Makes runs for tags that CI did not make itself: the seeded history. */
  async #recordHistory(repository: ForgeRepository): Promise<void> {
    const known = new Set(
      this.runs.of(repository.fullName).map(run => run.commit.sha),
    );
    for (const { version, sha } of await releasedVersions(repository)) {
      if (known.has(sha)) continue;
      const commit = await repository.git.commit(sha);
      const image = await imageName(repository, sha);
      if (!commit || !image) continue;
      const startedAt = new Date(
        commit.committer.date.getTime() + historicQueueing,
      );
      const number = this.runs.nextNumber(repository.fullName);
      const run = this.#newRun(repository, commit, {
        number,
        version,
        image,
        startedAt,
        problem: undefined,
      });
      const passed: Run = {
        ...withTimes(run, schedule(sha, historicDuration), 'passed'),
        state: 'passed',
        finishedAt: new Date(
          startedAt.getTime() + historicDuration,
        ).toISOString(),
      };
      await this.runs.store({ ...passed, evidence: evidenceOf(passed) });
      await this.#report(repository, run, 'success', `Released as ${version}`);
    }
  }

  async #report(
    repository: ForgeRepository,
    run: Run,
    state: StatusState,
    description: string,
  ): Promise<void> {
    await this.options.forge.reportStatus(repository, {
      sha: run.commit.sha,
      state,
      context: statusContext,
      description,
      targetUrl: run.url,
      creator: 'causeway',
    });
  }
}

/** The image a commit builds: the first one its pipeline document names; undefined when it has none. */
async function imageName(
  repository: ForgeRepository,
  sha: string,
): Promise<string | undefined> {
  const document = await repository.git.readFile(sha, 'delivery.yaml');
  if (!document) return undefined;
  const fallback = `registry.norden.example/${repository.settings.name}`;
  try {
    const named: unknown = parse(document.toString())?.images?.[0];
    return typeof named === 'string' ? named : fallback;
  } catch {
    // A broken pipeline document is the portal's to report; the image can be built all the same.
    return fallback;
  }
}

/** Released versions are tags `v1.2.3`, oldest first. */
async function releasedVersions(repository: ForgeRepository) {
  const tags = await repository.git.references('refs/tags/');
  return tags
    .flatMap(({ name, sha }) => {
      const version = versionOfTag(name);
      return version ? [{ version, sha }] : [];
    })
    .sort((a, b) =>
      a.version.localeCompare(b.version, 'en', { numeric: true }),
    );
}

async function tagCommit(repository: ForgeRepository, run: Run): Promise<void> {
  const reference = `refs/tags/v${run.version}`;
  if (await repository.git.resolve(reference)) return;
  await repository.git.moveReference(reference, undefined, run.commit.sha);
}
