// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../../runtime/Cluster';
import { timestamp } from '../../runtime/resources';
import { NextVisit, WorkQueue } from '../../runtime/WorkQueue';
import { Conditions } from '../conditions';
import { formatDuration, parseDuration } from '../durations';
import { handledRequest } from '../fluxObjects';
import { visitAsked } from '../gitRepositoryController';
import { StatusDraft } from '../StatusDraft';
import { HelmRelease, helmReleases } from './helmObjects';
import { actionFor, failed, succeeded } from './helmOutcome';

/** How long a Helm action takes here, in milliseconds. */
const actionDuration = 2_000;

async function reconcile(
  cluster: Cluster,
  object: HelmRelease,
  signal: AbortSignal,
): Promise<NextVisit> {
  const { client, scheduler } = cluster;
  const { generation = 1, namespace } = object.metadata;
  const when = () => timestamp(scheduler.now());
  const status = object.status ?? {};
  const draft = new StatusDraft(client, helmReleases, object, status);
  const seen = { observedGeneration: generation, ...handledRequest(object) };
  const action = object.spec.suspend ? undefined : actionFor(object);
  const next = { after: parseDuration(object.spec.interval, 300_000) };
  if (!action) {
    await draft.send(seen);
    return object.spec.suspend ? undefined : next;
  }
  const timeout = formatDuration(parseDuration(object.spec.timeout, 300_000));
  const message = `Running '${action.kind}' action with timeout of ${timeout}`;
  const conditions = new Conditions(status.conditions ?? [], generation, when)
    .without('Stalled', 'Remediated')
    .progressing(message, true);
  await draft.send({ conditions: conditions.list });
  await scheduler.sleep(actionDuration, signal);
  signal.throwIfAborted();
  const outcome = action.version.endsWith('-bad')
    ? failed(object, action, 'context deadline exceeded', when())
    : succeeded(object, action, when());
  const told = outcome.statements.reduce(
    (list, statement) => list.with(statement),
    conditions.without('Reconciling'),
  );
  await draft.send({
    ...outcome.status,
    ...seen,
    conditions: told.list,
    lastAttemptedGeneration: generation,
    lastAttemptedRevision: action.version,
    lastAttemptedConfigDigest: action.configDigest,
    lastAttemptedReleaseAction: action.kind,
    storageNamespace: namespace,
  });
  return next;
}

/**
 * Plays what Flux's helm-controller says of HelmReleases. Nothing is rendered or
 * installed: a release works out, unless the version of its chart ends in `-bad`.
 */
export function startHelmReleaseController(
  cluster: Cluster,
): RunningController {
  const informer = cluster.informers.of(helmReleases);
  const queue = new WorkQueue({
    name: 'helmrelease',
    scheduler: cluster.scheduler,
    log: cluster.log,
    async reconcile(key, signal) {
      const object = informer.get(key);
      if (!object || object.metadata.deletionTimestamp) return undefined;
      return reconcile(cluster, object, signal);
    },
  });
  visitAsked(informer, queue);
  return { stop: () => queue.stop() };
}
