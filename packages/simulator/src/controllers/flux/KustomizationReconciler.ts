// SPDX-License-Identifier: Apache-2.0
import { Cluster } from '../runtime/Cluster';
import { EventNote, EventRecorder } from '../runtime/EventRecorder';
import { Informer } from '../runtime/Informer';
import { keyOf, timestamp } from '../runtime/resources';
import { NextVisit } from '../runtime/WorkQueue';
import { Applied, Applier, ApplyError } from './Applier';
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
import { HealthCheckError, HealthChecker } from './HealthChecker';
import {
  inventoryOf,
  manifestIdentity,
  ObjectIdentity,
  subjectName,
} from './inventory';
import type { KustomizationOptions } from './kustomizationController';
import { timeoutOf, unmetDependency, withHistory } from './kustomizationStatus';
import { BuildError, Rendering } from './Renderer';
import { StatusDraft } from './StatusDraft';

const finalizer = 'finalizers.fluxcd.io';
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
  readonly recorder: EventRecorder;
  readonly #applier: Applier;
  readonly #health: HealthChecker;

  constructor(
    private readonly cluster: Cluster,
    private readonly informer: Informer<Kustomization>,
    private readonly sources: Informer<GitRepository>,
    private readonly options: KustomizationOptions,
  ) {
    this.recorder = cluster.recorder('kustomize-controller');
    this.#applier = new Applier(cluster.client);
    this.#health = new HealthChecker(
      cluster.client,
      cluster.scheduler,
      options.healthInterval ?? 5_000,
    );
  }

  async reconcile(key: string, signal: AbortSignal): Promise<NextVisit> {
    const object = this.informer.get(key);
    if (!object) return undefined;
    if (object.metadata.deletionTimestamp) {
      await this.#finalize(object);
      return undefined;
    }
    await this.#ensureFinalizer(object);
    const { client, scheduler } = this.cluster;
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
      this.#note(
        object,
        'Normal',
        'DependencyNotReady',
        'Dependencies do not meet ready condition, retrying in 30s',
      );
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
    const { interval, retryInterval } = run.object.spec;
    const usual = parseDuration(interval, 600_000);
    try {
      await this.#apply(run);
      return { after: usual };
    } catch (error) {
      if (run.signal.aborted) throw error;
      const failure = describeFailure(error);
      if (!failure) throw error;
      await this.#fail(run, failure.reason, failure.message);
      return { after: parseDuration(retryInterval, usual) };
    }
  }

  /** The happy path. Every `#tell` is a state others can watch. */
  async #apply(run: Run): Promise<void> {
    const { object, draft, revision, files, signal } = run;
    await this.#tell(run, 'Fetching manifests');
    await this.#tell(run, 'Building manifests');
    await draft.send({ lastAttemptedRevision: revision });
    run.rendering = await this.options.renderer.render(
      files,
      object.spec.path ?? './',
      signal,
    );
    await this.#tell(run, 'Detecting drift');
    const applied = await this.#applier.apply(object, run.rendering.manifests);
    this.#noteApplied(run, applied);
    const entries = inventoryOf(run.rendering);
    await this.#prune(run, entries);
    const subjects = this.#subjectsOf(run);
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
      this.#noteChanges(
        run,
        pruned.map(identity => `${subjectName(identity)} deleted`),
      );
  }

  #subjectsOf({ object, rendering }: Run): readonly ObjectIdentity[] {
    const { wait, healthChecks = [] } = object.spec;
    if (wait) return (rendering?.manifests ?? []).map(manifestIdentity);
    return healthChecks.map(
      ({ apiVersion = 'apps/v1', kind, namespace, name }) => ({
        apiVersion,
        kind,
        namespace,
        name,
      }),
    );
  }

  async #checkHealth(
    run: Run,
    entries: readonly InventoryEntry[],
    subjects: readonly ObjectIdentity[],
  ): Promise<void> {
    await this.#tell(run, 'Running health checks');
    await run.draft.send({ inventory: { entries } });
    const passed = await this.#health.wait(
      subjects,
      timeoutOf(run.object),
      run.signal,
    );
    const message = `Health check passed in ${formatDuration(passed)}`;
    run.conditions = run.conditions.with({
      type: 'Healthy',
      status: 'True',
      reason: 'Succeeded',
      message,
    });
    this.#note(run.object, 'Normal', 'Progressing', message, run.revision);
  }

  /** First the conditions, then, in a second write, the revision they speak of, as the real controller does. */
  async #succeed(run: Run, entries: readonly InventoryEntry[]): Promise<void> {
    const { object, draft, revision } = run;
    const reason = 'ReconciliationSucceeded';
    const done = run.conditions
      .without(
        'Reconciling',
        ...(this.#subjectsOf(run).length > 0 ? [] : ['Healthy']),
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
    this.#note(
      object,
      'Normal',
      reason,
      `Reconciliation finished in ${formatDuration(took)}, next run in ${next}`,
      revision,
    );
  }

  async #fail(run: Run, reason: string, message: string): Promise<void> {
    const took = formatDuration(
      this.cluster.scheduler.now().getTime() - run.started.getTime(),
    );
    const text =
      reason === 'HealthCheckFailed'
        ? `health check failed after ${took}: ${message}`
        : message;
    this.#note(run.object, 'Warning', reason, text, run.revision);
    const failed = run.conditions.failed(reason, text);
    const conditions =
      reason === 'HealthCheckFailed'
        ? failed.with({ type: 'Healthy', status: 'False', reason, message })
        : failed;
    await run.draft.send({ conditions: conditions.list });
    if (run.rendering)
      await run.draft.send({ history: this.#history(run, reason) });
    await run.draft.send(handledRequest(run.object));
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

  async #ensureFinalizer({ metadata }: Kustomization): Promise<void> {
    if (metadata.finalizers?.includes(finalizer)) return;
    const finalizers = [...(metadata.finalizers ?? []), finalizer];
    await this.cluster.client.patch(kustomizations, metadata, {
      metadata: { finalizers },
    });
  }

  /** Before a Kustomization goes, what it has applied goes, unless it is suspended or does not prune. */
  async #finalize(object: Kustomization): Promise<void> {
    const { metadata, spec, status } = object;
    if (!metadata.finalizers?.includes(finalizer)) return;
    if (spec.prune && !spec.suspend)
      await this.#applier.prune(object, status?.inventory?.entries ?? []);
    const finalizers = metadata.finalizers.filter(other => other !== finalizer);
    await this.cluster.client.patch(kustomizations, metadata, {
      metadata: { finalizers },
    });
  }

  #noteApplied(run: Run, applied: readonly Applied[]): void {
    const changed = applied.filter(({ outcome }) => outcome !== 'unchanged');
    if (changed.length > 0) {
      this.#noteChanges(
        run,
        changed.map(
          ({ identity, outcome }) => `${subjectName(identity)} ${outcome}`,
        ),
      );
    }
  }

  #noteChanges({ object, revision }: Run, changes: readonly string[]): void {
    this.#note(object, 'Normal', 'Progressing', changes.join('\n'), revision);
  }

  #note(
    object: Kustomization,
    type: EventNote['type'],
    reason: string,
    message: string,
    revision?: string,
  ): void {
    const annotations = revision
      ? { 'kustomize.toolkit.fluxcd.io/revision': revision }
      : undefined;
    this.recorder.note(kustomizations, object, {
      type,
      reason,
      message,
      annotations,
    });
  }
}

function describeFailure(
  error: unknown,
): { reason: string; message: string } | undefined {
  if (error instanceof BuildError)
    return { reason: 'BuildFailed', message: error.message };
  if (error instanceof ApplyError)
    return { reason: 'ReconciliationFailed', message: error.message };
  if (error instanceof HealthCheckError)
    return { reason: 'HealthCheckFailed', message: error.message };
  return undefined;
}
