// SPDX-License-Identifier: Apache-2.0
import { timestamp } from '../runtime/resources';
import { formatDuration, parseDuration } from './durations';
import { HistoryEntry, Kustomization } from './fluxObjects';

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
