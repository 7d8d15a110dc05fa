// SPDX-License-Identifier: Apache-2.0
import { conditionOf, keyOf, timestamp } from '../runtime/resources';
import { formatDuration, parseDuration } from './durations';
import { HistoryEntry, Kustomization } from './fluxObjects';
import { manifestIdentity, ObjectIdentity } from './inventory';
import type { Rendering } from './Renderer';

const historyLimit = 5;
const shortestTimeout = 30_000;

/** How long one reconcile may take: what is asked for, else the interval without 30 s, never under 30 s. */
export function timeoutOf({ spec }: Kustomization): number {
  const interval = parseDuration(spec.interval, 600_000);
  return Math.max(
    parseDuration(spec.timeout, interval - shortestTimeout),
    shortestTimeout,
  );
}

/** The history with one more reconcile; one of the same digest and outcome is counted, not listed again. */
export function withHistory(
  history: readonly HistoryEntry[] | undefined,
  done: {
    readonly digest: string;
    readonly status: string;
    readonly revision: string;
    readonly started: Date;
    readonly ended: Date;
  },
): readonly HistoryEntry[] {
  const when = timestamp(done.ended);
  const same = history?.find(
    ({ digest, lastReconciledStatus }) =>
      digest === done.digest && lastReconciledStatus === done.status,
  );
  const entry: HistoryEntry = {
    digest: done.digest,
    firstReconciled: same?.firstReconciled ?? when,
    lastReconciled: when,
    lastReconciledDuration: formatDuration(
      done.ended.getTime() - done.started.getTime(),
    ),
    lastReconciledStatus: done.status,
    totalReconciliations: (same?.totalReconciliations ?? 0) + 1,
    metadata: { revision: done.revision },
  };
  return [entry, ...(history ?? []).filter(other => other !== same)].slice(
    0,
    historyLimit,
  );
}

/**
 * Why a Kustomization must wait for another one, in the real controller's words;
 * undefined when it need not. One that follows the same source must have applied
 * the same revision.
 */
export function unmetDependency(
  { metadata, spec }: Kustomization,
  revision: string,
  find: (key: string) => Kustomization | undefined,
): string | undefined {
  for (const { name, namespace = metadata.namespace } of spec.dependsOn ?? []) {
    const dependency = find(keyOf({ namespace, name }));
    const subject = `dependency '${namespace}/${name}'`;
    if (!dependency) {
      return `${subject} not found: kustomizations.kustomize.toolkit.fluxcd.io "${name}" not found`;
    }
    const { status } = dependency;
    const ready = conditionOf(status?.conditions, 'Ready')?.status === 'True';
    if (!ready || status?.observedGeneration !== dependency.metadata.generation)
      return `${subject} is not ready`;
    const sameSource = dependency.spec.sourceRef.name === spec.sourceRef.name;
    if (sameSource && status?.lastAppliedRevision !== revision)
      return `${subject} revision is not up to date`;
  }
  return undefined;
}

/** What the health of a Kustomization depends on: all that is applied, or what `healthChecks` names. */
export function healthSubjects(
  { wait, healthChecks = [] }: Kustomization['spec'],
  rendering: Rendering | undefined,
): readonly ObjectIdentity[] {
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
