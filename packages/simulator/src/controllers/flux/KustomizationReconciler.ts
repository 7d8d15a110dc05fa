// SPDX-License-Identifier: Apache-2.0
import { Cluster } from '../runtime/Cluster';
import { Informer } from '../runtime/Informer';
import { keyOf, timestamp } from '../runtime/resources';
import { NextVisit } from '../runtime/WorkQueue';
import { Applier } from './Applier';
import { Files } from './ArtifactStore';
import { Conditions } from './conditions';
import { formatDuration, parseDuration } from './durations';
import {
  GitRepository,
  InventoryEntry,
  Kustomization,
  kustomizations,
  KustomizationStatus,
  handledRequest,
} from './fluxObjects';
import { HealthChecker } from './HealthChecker';
import { expressionProblem } from './healthExpressions';
import { inventoryOf, ObjectIdentity, subjectName } from './inventory';
import type { KustomizationOptions } from './kustomizationController';
import { ensureFinalizer, finalize } from './kustomizationFinalizer';
import {
  healthSubjects,
  timeoutOf,
  unmetDependency,
  withHistory,
} from './kustomizationStatus';
import { KustomizationNotes } from './KustomizationNotes';
import {
  Failure,
  failureOf,
  HealthCheckCanceledError,
} from './kustomizationFailures';
import { withVariables } from './postBuild';
import { Rendering } from './Renderer';
import { StatusDraft } from './StatusDraft';

/** How soon a missing artifact or an unready dependency is looked at again, in milliseconds. */
const waitForOthers = 30_000;

interface Run {
  readonly object: Kustomization;
  readonly revision: string;
  readonly files: Files;
  readonly draft: StatusDraft<KustomizationStatus>;
  readonly started: Date;
  readonly signal: AbortSignal;
  conditions: Conditions;
  rendering?: Rendering;
}

/** One look at a Kustomization: `reconcile` sorts what may go wrong, `#apply` is the happy path. */
export class KustomizationReconciler {
  readonly #notes: KustomizationNotes;
  readonly #applier: Applier;
  readonly #health: HealthChecker;
  readonly #healthChecks = new Map<string, AbortController>();

  constructor(
    private readonly cluster: Cluster,
    private readonly informer: Informer<Kustomization>,
    private readonly sources: Informer<GitRepository>,
    private readonly options: KustomizationOptions,
  ) {
    this.#notes = new KustomizationNotes(
      cluster.recorder('kustomize-controller'),
    );
    this.#applier = new Applier(cluster.client);
    this.#health = new HealthChecker(
      cluster.client,
      cluster.scheduler,
      options.healthInterval ?? 5_000,
    );
  }

  /** Resolves when everything that was told of has been sent. */
  flush(): Promise<void> {
    return this.#notes.flush();
  }

  /** Gives up the health checks of a Kustomization because its source has something new. */
  cancelHealthCheck(key: string, source: GitRepository): void {
    const { namespace, name } = source.metadata;
    const trigger = `GitRepository/${namespace}/${name}`;
    this.#healthChecks.get(key)?.abort(new HealthCheckCanceledError(trigger));
  }

  async reconcile(key: string, signal: AbortSignal): Promise<NextVisit> {
    const object = this.informer.get(key);
    if (!object) return undefined;
    const { client, scheduler } = this.cluster;
    if (object.metadata.deletionTimestamp) {
      await finalize(client, this.#applier, object);
      return undefined;
    }
    await ensureFinalizer(client, object);
    const status = object.status ?? {};
    const draft = new StatusDraft(client, kustomizations, object, status);
    const generation = object.metadata.generation ?? 1;
    const conditions = new Conditions(status.conditions ?? [], generation, () =>
      timestamp(scheduler.now()),
    );
    if (object.spec.suspend) {
      await draft.send({
        observedGeneration: generation,
        ...handledRequest(object),
      });
      return undefined;
    }
    const problem = expressionProblem(object.spec.healthCheckExprs ?? []);
    if (problem) {
      await this.#stall(draft, conditions, object, problem);
      return undefined;
    }
    const artifact = this.#sourceOf(object)?.status?.artifact;
    const files =
      artifact && (await this.options.artifacts.files(artifact.url));
    if (!artifact || !files) {
      await this.#notYet(
        draft,
        conditions,
        'ArtifactFailed',
        'Source artifact not found, retrying in 30s',
      );
      return { after: waitForOthers };
    }
    const obstacle = unmetDependency(object, artifact.revision, name =>
      this.informer.get(name),
    );
    if (obstacle) {
      await this.#notYet(draft, conditions, 'DependencyNotReady', obstacle);
      this.#notes.note(object, {
        reason: 'DependencyNotReady',
        message: 'Dependencies do not meet ready condition, retrying in 30s',
      });
      return { after: waitForOthers };
    }
    const run: Run = {
      object,
      revision: artifact.revision,
      files,
      draft,
      conditions,
      started: scheduler.now(),
      signal,
    };
    return this.#attempt(run);
  }

  async #attempt(run: Run): Promise<NextVisit> {
    const { scheduler } = this.cluster;
    const { interval, retryInterval } = run.object.spec;
    const usual = parseDuration(interval, 600_000);
    try {
      await this.#apply(run);
      return { after: usual };
    } catch (error) {
      if (run.signal.aborted) throw error;
      const took = scheduler.now().getTime() - run.started.getTime();
      const failure = failureOf(error, took);
      if (!failure) throw error;
      await this.#fail(run, failure);
      return { after: parseDuration(retryInterval, usual) };
    }
  }

  /** The happy path. Every `#tell` is a state others can watch. */
  async #apply(run: Run): Promise<void> {
    const { object, draft, revision, files, signal } = run;
    await this.#tell(run, 'Fetching manifests');
    await this.#tell(run, 'Building manifests');
    await draft.send({ lastAttemptedRevision: revision });
    const rendering = await this.options.renderer.render(
      files,
      object.spec.path ?? './',
      signal,
    );
    const { client } = this.cluster;
    run.rendering = await withVariables(client, object, rendering);
    await this.#tell(run, 'Detecting drift');
    const applied = await this.#applier.apply(object, run.rendering.manifests);
    this.#notes.applied(run, applied);
    const entries = inventoryOf(run.rendering);
    await this.#prune(run, entries);
    const subjects = healthSubjects(object.spec, run.rendering);
    if (subjects.length > 0) await this.#checkHealth(run, entries, subjects);
    await this.#succeed(run, entries);
  }

  /** Tells what is under way. `Ready` is unknown from the first word on. */
  async #tell(run: Run, activity: string): Promise<void> {
    const message = `${activity} for revision ${
      run.revision
    } with a timeout of ${formatDuration(timeoutOf(run.object))}`;
    run.conditions = run.conditions
      .with({
        type: 'Reconciling',
        status: 'True',
        reason: 'Progressing',
        message,
      })
      .with({
        type: 'Ready',
        status: 'Unknown',
        reason: 'Progressing',
        message: 'Reconciliation in progress',
      });
    if (activity === 'Running health checks') {
      run.conditions = run.conditions.with({
        type: 'Healthy',
        status: 'Unknown',
        reason: 'Progressing',
        message,
      });
    }
    await run.draft.send({ conditions: run.conditions.list });
  }

  async #prune(run: Run, entries: readonly InventoryEntry[]): Promise<void> {
    const { object, draft } = run;
    const wanted = new Set(entries.map(({ id }) => id));
    const dropped = (draft.current.inventory?.entries ?? []).filter(
      ({ id }) => !wanted.has(id),
    );
    if (!object.spec.prune || dropped.length === 0) return;
    const pruned = await this.#applier.prune(object, dropped);
    if (pruned.length > 0)
      this.#notes.changes(
        run,
        pruned.map(identity => `${subjectName(identity)} deleted`),
      );
  }

  async #checkHealth(
    run: Run,
    entries: readonly InventoryEntry[],
    subjects: readonly ObjectIdentity[],
  ): Promise<void> {
    await this.#tell(run, 'Running health checks');
    await run.draft.send({ inventory: { entries } });
    const passed = await this.#waitForHealth(run, subjects);
    const message = `Health check passed in ${formatDuration(passed)}`;
    run.conditions = run.conditions.with({
      type: 'Healthy',
      status: 'True',
      reason: 'Succeeded',
      message,
    });
    await run.draft.send({ conditions: run.conditions.list });
    this.#notes.note(run.object, {
      reason: 'Progressing',
      message,
      revision: run.revision,
    });
  }

  async #waitForHealth(
    { object, signal }: Run,
    subjects: readonly ObjectIdentity[],
  ): Promise<number> {
    const key = keyOf(object.metadata);
    const canceling = new AbortController();
    this.#healthChecks.set(key, canceling);
    try {
      return await this.#health.wait(
        subjects,
        object.spec.healthCheckExprs ?? [],
        timeoutOf(object),
        AbortSignal.any([signal, canceling.signal]),
      );
    } finally {
      this.#healthChecks.delete(key);
    }
  }

  /** First the conditions, then, in a second write, the revision they speak of, as the real controller does. */
  async #succeed(run: Run, entries: readonly InventoryEntry[]): Promise<void> {
    const { object, draft, revision } = run;
    const reason = 'ReconciliationSucceeded';
    const done = run.conditions
      .without(
        'Reconciling',
        ...(healthSubjects(object.spec, run.rendering).length > 0
          ? []
          : ['Healthy']),
      )
      .with({
        type: 'Ready',
        status: 'True',
        reason,
        message: `Applied revision: ${revision}`,
      });
    await draft.send({ conditions: done.list });
    await draft.send({
      history: this.#history(run, reason),
      inventory: { entries },
      lastAppliedRevision: revision,
      observedGeneration: object.metadata.generation,
      ...handledRequest(object),
    });
    const took = this.cluster.scheduler.now().getTime() - run.started.getTime();
    const next = formatDuration(parseDuration(object.spec.interval, 600_000));
    this.#notes.note(object, {
      reason,
      message: `Reconciliation finished in ${formatDuration(
        took,
      )}, next run in ${next}`,
      revision,
    });
  }

  async #fail(run: Run, failure: Failure): Promise<void> {
    const { reason, message, healthy, event } = failure;
    this.#notes.note(run.object, {
      type: 'Warning',
      reason,
      message,
      revision: run.revision,
      ...event,
    });
    const failed = run.conditions.failed(reason, message);
    const conditions = healthy
      ? failed.with({
          type: 'Healthy',
          status: 'False',
          reason,
          message: healthy,
        })
      : failed;
    await run.draft.send({ conditions: conditions.list });
    if (run.rendering)
      await run.draft.send({ history: this.#history(run, reason) });
    await run.draft.send(handledRequest(run.object));
  }

  /** Nothing but another spec helps. */
  async #stall(
    draft: StatusDraft<KustomizationStatus>,
    conditions: Conditions,
    object: Kustomization,
    problem: string,
  ): Promise<void> {
    const statement = {
      reason: 'InvalidCELExpression',
      message: `Reconciliation failed terminally due to configuration error: ${problem}`,
    };
    this.#notes.note(object, { type: 'Warning', ...statement });
    await draft.send({
      conditions: conditions
        .without('Reconciling')
        .with({ type: 'Stalled', status: 'True', ...statement })
        .with({ type: 'Ready', status: 'False', ...statement }).list,
      observedGeneration: object.metadata.generation,
      ...handledRequest(object),
    });
  }

  async #notYet(
    draft: StatusDraft<KustomizationStatus>,
    conditions: Conditions,
    reason: string,
    message: string,
  ): Promise<void> {
    await draft.send({
      conditions: conditions.with({
        type: 'Ready',
        status: 'False',
        reason,
        message,
      }).list,
    });
  }

  #history({ draft, rendering, revision, started }: Run, status: string) {
    const ended = this.cluster.scheduler.now();
    return withHistory(draft.current.history, {
      digest: rendering?.digest ?? '',
      status,
      revision,
      started,
      ended,
    });
  }

  #sourceOf({ spec, metadata }: Kustomization): GitRepository | undefined {
    return this.sources.get(
      keyOf({
        namespace: spec.sourceRef.namespace ?? metadata.namespace,
        name: spec.sourceRef.name,
      }),
    );
  }
}
