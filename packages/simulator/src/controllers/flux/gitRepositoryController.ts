// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { EventNote, EventRecorder } from '../runtime/EventRecorder';
import { Informer } from '../runtime/Informer';
import { keyOf, KubernetesObject, timestamp } from '../runtime/resources';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import { ArtifactStore } from './ArtifactStore';
import { Conditions } from './conditions';
import { parseDuration } from './durations';
import {
  Artifact,
  gitRepositories,
  GitRepository,
  handledRequest,
  openRequest,
  requestedAtAnnotation,
} from './fluxObjects';
import {
  FetchedCommit,
  GitCredentials,
  GitSource,
  SourceError,
} from './gitSource';
import { GitSources } from './GitSources';
import { secrets } from './secretToken';
import { StatusDraft } from './StatusDraft';

/** Pauses after failures, as the real controller has them, in milliseconds. */
const firstRetry = 750;
const longestRetry = 15 * 60_000;

/** Settings of the source controller. */
export interface GitRepositoryOptions {
  readonly sources: GitSources;
  readonly artifacts: ArtifactStore;
}

/** Only a new generation or a request is work; the controller's own status writes are not. */
export function asksForWork<T extends KubernetesObject>(
  object: T,
  previous: T | undefined,
): boolean {
  const requested = (one: T) =>
    one.metadata.annotations?.[requestedAtAnnotation];
  return (
    previous === undefined ||
    object.metadata.generation !== previous.metadata.generation ||
    object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
    requested(object) !== requested(previous)
  );
}

/** Puts what asks for work into a queue. */
export function visitAsked<T extends KubernetesObject>(
  informer: Informer<T>,
  queue: WorkQueue,
): void {
  informer.onChange((object, previous) => {
    if (object && asksForWork(object, previous))
      queue.add(keyOf(object.metadata));
    else if (!object && previous) queue.forget(keyOf(previous.metadata));
  });
}

type Status = NonNullable<GitRepository['status']>;

interface Run {
  readonly object: GitRepository;
  readonly draft: StatusDraft<Status>;
  conditions: Conditions;
}

class GitRepositoryController {
  readonly recorder: EventRecorder;
  readonly #failures = new Map<string, number>();

  constructor(
    private readonly cluster: Cluster,
    private readonly informer: Informer<GitRepository>,
    private readonly options: GitRepositoryOptions,
  ) {
    this.recorder = cluster.recorder('source-controller');
  }

  forget(object: GitRepository): void {
    const key = keyOf(object.metadata);
    this.#failures.delete(key);
    if (object.status?.artifact)
      this.options.artifacts.remove(object.status.artifact.url);
  }

  async reconcile(key: string, signal: AbortSignal): Promise<NextVisit> {
    const object = this.informer.get(key);
    if (!object || object.metadata.deletionTimestamp) return undefined;
    const { client, scheduler } = this.cluster;
    const status = object.status ?? {};
    const generation = object.metadata.generation ?? 1;
    const when = () => timestamp(scheduler.now());
    const run: Run = {
      object,
      draft: new StatusDraft(client, gitRepositories, object, status),
      conditions: new Conditions(status.conditions ?? [], generation, when),
    };
    if (object.spec.suspend) {
      await this.#acknowledgeSuspended(run);
      return undefined;
    }
    await this.#announce(run);
    try {
      await this.#follow(run, signal);
      this.#failures.delete(key);
      return { after: parseDuration(object.spec.interval, 60_000) };
    } catch (error) {
      if (!(error instanceof SourceError) || signal.aborted) throw error;
      return { after: await this.#fail(run, key, error) };
    }
  }

  /** The happy path, in the order that others can watch. */
  async #follow(run: Run, signal: AbortSignal): Promise<void> {
    const { object, draft } = run;
    const { artifacts } = this.options;
    const stored = draft.current.artifact;
    const kept = stored && artifacts.has(stored.url) ? stored : undefined;
    if (!kept) {
      run.conditions = run.conditions.progressing(
        stored
          ? 'building artifact: disappeared from storage'
          : 'building artifact',
        true,
      );
      await draft.send({ conditions: run.conditions.list });
    }
    const credentials = await this.#credentials(object);
    const source = this.options.sources.of(object.spec, credentials);
    const commit = await source.fetch(kept !== undefined, signal);
    const failedBefore = run.conditions.get('FetchFailed') !== undefined;
    run.conditions = run.conditions.without('FetchFailed');
    if (kept?.revision === commit.revision) {
      await this.#unchanged(run, kept, failedBefore);
      return;
    }
    await this.#storeNew(run, source, commit, kept);
  }

  async #announce(run: Run): Promise<void> {
    const { object, draft } = run;
    const { generation } = object.metadata;
    const observed = draft.current.observedGeneration ?? -1;
    const changed = generation !== observed;
    const message = changed
      ? `processing object: new generation ${observed} -> ${generation}`
      : 'reconciliation in progress';
    run.conditions = run.conditions.progressing(message, false);
    // A look at the usual time is only told of when it finds something.
    if (changed || openRequest(object))
      await draft.send({ conditions: run.conditions.list });
  }

  async #storeNew(
    run: Run,
    source: GitSource,
    commit: FetchedCommit,
    kept: Artifact | undefined,
  ): Promise<void> {
    const { object, draft } = run;
    const { revision, sha } = commit;
    run.conditions = run.conditions.progressing(
      `building artifact: new upstream revision '${revision}'`,
      true,
    );
    if (kept) {
      run.conditions = run.conditions.with({
        type: 'ArtifactOutdated',
        status: 'True',
        reason: 'NewRevision',
        message: `new upstream revision '${revision}'`,
      });
    }
    await draft.send({ conditions: run.conditions.list });
    const { digest, size } = await source.facts(sha);
    const { namespace, name } = object.metadata;
    const path = `gitrepository/${namespace}/${name}/${sha}.tar.gz`;
    const url = `http://source-controller.flux-system.svc.cluster.local./${path}`;
    const artifact: Artifact = {
      digest,
      lastUpdateTime: timestamp(this.cluster.scheduler.now()),
      path,
      revision,
      size,
      url,
    };
    this.options.artifacts.store(url, () => source.files(sha));
    this.#note(object, {
      type: 'Normal',
      reason: 'NewArtifact',
      message: `stored artifact for commit '${commit.subject}'`,
      annotations: {
        'source.toolkit.fluxcd.io/digest': digest,
        'source.toolkit.fluxcd.io/revision': revision,
      },
    });
    await this.#finish(run, artifact);
    if (kept && kept.url !== url) this.options.artifacts.remove(kept.url);
  }

  async #unchanged(
    run: Run,
    kept: Artifact,
    failedBefore: boolean,
  ): Promise<void> {
    if (failedBefore) {
      const message = `stored artifact for commit '${kept.revision}'`;
      this.#note(run.object, { type: 'Normal', reason: 'Succeeded', message });
    }
    await this.#finish(run, kept);
    this.#note(run.object, {
      type: 'Normal',
      reason: 'GitOperationSucceeded',
      message: `no changes since last reconciliation: observed revision '${kept.revision}'`,
    });
  }

  /** First the conditions, then, in a second write, what they speak of: watchers of the real controller see the same gap. */
  async #finish(
    { object, draft, conditions }: Run,
    artifact: Artifact,
  ): Promise<void> {
    const message = `stored artifact for revision '${artifact.revision}'`;
    const stored = { status: 'True', reason: 'Succeeded', message } as const;
    const done = conditions
      .without('Reconciling', 'ArtifactOutdated')
      .with({ ...stored, type: 'ArtifactInStorage' })
      .with({ ...stored, type: 'Ready' });
    await draft.send({ conditions: done.list });
    await draft.send({
      artifact,
      observedGeneration: object.metadata.generation,
      ...handledRequest(object),
    });
  }

  async #fail(run: Run, key: string, error: SourceError): Promise<number> {
    const { object, draft, conditions } = run;
    const { reason, message } = error;
    this.#note(object, { type: 'Warning', reason, message });
    const failed = conditions
      .with({ type: 'FetchFailed', status: 'True', reason, message })
      .failed(reason, message);
    await draft.send({ conditions: failed.list, ...handledRequest(object) });
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return Math.min(firstRetry * 2 ** failures, longestRetry);
  }

  /** A suspended source does nothing but say that it has seen the change or the request. */
  async #acknowledgeSuspended({
    object,
    draft,
    conditions,
  }: Run): Promise<void> {
    const { generation } = object.metadata;
    const ready = conditions.get('Ready');
    if (generation !== draft.current.observedGeneration && ready) {
      const { type, status, reason = '', message = '' } = ready;
      await draft.send({
        conditions: conditions.with({ type, status, reason, message }).list,
      });
    }
    await draft.send({
      observedGeneration: generation,
      ...handledRequest(object),
    });
  }

  async #credentials(
    object: GitRepository,
  ): Promise<GitCredentials | undefined> {
    const name = object.spec.secretRef?.name;
    if (!name) return undefined;
    const { namespace } = object.metadata;
    const secret = await this.cluster.client.get(secrets, { namespace, name });
    if (!secret) {
      const problem = `failed to get secret '${namespace}/${name}'`;
      throw new SourceError(
        'AuthenticationFailed',
        `${problem}: ${problem}: secrets "${name}" not found`,
      );
    }
    const field = (key: string) =>
      Buffer.from(secret.data?.[key] ?? '', 'base64').toString();
    return { username: field('username'), password: field('password') };
  }

  #note(object: GitRepository, note: EventNote): void {
    this.recorder.note(gitRepositories, object, note);
  }
}

/** Plays Flux's source-controller for GitRepository: really fetches, and tells in the same order what it does. */
export function startGitRepositoryController(
  cluster: Cluster,
  options: GitRepositoryOptions,
): RunningController {
  const informer = cluster.informers.of(gitRepositories);
  const controller = new GitRepositoryController(cluster, informer, options);
  const queue = new WorkQueue({
    name: 'gitrepository',
    scheduler: cluster.scheduler,
    log: cluster.log,
    reconcile: (key, signal) => controller.reconcile(key, signal),
  });
  informer.onChange((object, previous) => {
    if (object && asksForWork(object, previous))
      queue.add(keyOf(object.metadata));
    else if (!object && previous) controller.forget(previous);
  });
  return {
    async stop() {
      await queue.stop();
      await controller.recorder.flush();
    },
  };
}
