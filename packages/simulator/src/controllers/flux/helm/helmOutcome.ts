// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Statement } from '../conditions';
import { HelmRelease, HelmReleaseStatus, Snapshot } from './helmObjects';

/** What there is to do for a HelmRelease. */
export interface HelmAction {
  readonly kind: 'install' | 'upgrade';
  readonly chart: string;
  readonly version: string;
  readonly configDigest: string;
}

/** What comes of an action: the next status, and its conditions. */
export interface HelmOutcome {
  readonly status: Partial<HelmReleaseStatus>;
  readonly statements: readonly Statement[];
}

const keptSnapshots = 5;

function sha256(value: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(value));
  return `sha256:${digest.digest('hex')}`;
}

/** What a HelmRelease asks for that has not been tried yet; undefined when that is nothing. */
export function actionFor({
  spec,
  status = {},
}: HelmRelease): HelmAction | undefined {
  const { chart, version = '*' } = spec.chart.spec;
  const configDigest = sha256(spec.values ?? {});
  const deployed = status.history?.some(one => one.status === 'deployed');
  const tried =
    status.lastAttemptedRevision === version &&
    status.lastAttemptedConfigDigest === configDigest;
  if (tried) return undefined;
  return {
    kind: deployed ? 'upgrade' : 'install',
    chart,
    version,
    configDigest,
  };
}

function snapshotOf(
  { metadata, spec, status = {} }: HelmRelease,
  { chart, version, configDigest }: HelmAction,
  outcome: Snapshot['status'],
  when: string,
): Snapshot {
  const [last] = status.history ?? [];
  const namespace = spec.targetNamespace ?? metadata.namespace ?? 'default';
  return {
    name: spec.releaseName ?? metadata.name,
    namespace,
    version: (last?.version ?? 0) + 1,
    status: outcome,
    chartName: chart,
    chartVersion: version,
    configDigest,
    digest: sha256([chart, version, configDigest]),
    firstDeployed: last?.firstDeployed ?? when,
    lastDeployed: when,
  };
}

function nameOf({
  namespace,
  name,
  version,
  chartName,
  chartVersion,
}: Snapshot) {
  return `${namespace}/${name}.v${version} with chart ${chartName}@${chartVersion}`;
}

/** What an action that works out leads to. */
export function succeeded(
  object: HelmRelease,
  action: HelmAction,
  when: string,
): HelmOutcome {
  const release = snapshotOf(object, action, 'deployed', when);
  const earlier = (object.status?.history ?? []).map(one =>
    one.status === 'deployed'
      ? ({ ...one, status: 'superseded' } as const)
      : one,
  );
  const reason =
    action.kind === 'install' ? 'InstallSucceeded' : 'UpgradeSucceeded';
  const message = `Helm ${action.kind} succeeded for release ${nameOf(
    release,
  )}`;
  return {
    status: {
      history: [release, ...earlier].slice(0, keptSnapshots),
      failures: 0,
      installFailures: 0,
      upgradeFailures: 0,
    },
    statements: [
      { type: 'Ready', status: 'True', reason, message },
      { type: 'Released', status: 'True', reason, message },
    ],
  };
}

/**
 * What an action that fails leads to: with retries asked for, the last failure
 * of an upgrade is rolled back; then nothing happens until the spec changes.
 */
export function failed(
  object: HelmRelease,
  action: HelmAction,
  problem: string,
  when: string,
): HelmOutcome {
  const { spec, status = {} } = object;
  const release = snapshotOf(object, action, 'failed', when);
  const reason = action.kind === 'install' ? 'InstallFailed' : 'UpgradeFailed';
  const message = `Helm ${action.kind} failed for release ${release.namespace}/${release.name} with chart ${action.chart}@${action.version}: ${problem}`;
  const { retries = 0, remediateLastFailure = retries > 0 } =
    spec[action.kind]?.remediation ?? {};
  const failures = (status.failures ?? 0) + 1;
  const counts = {
    failures,
    ...(action.kind === 'install'
      ? { installFailures: failures }
      : { upgradeFailures: failures }),
  };
  const released = {
    type: 'Released',
    status: 'False',
    reason,
    message,
  } as const;
  const exhausted = {
    type: 'Stalled',
    status: 'True',
    reason: 'RetriesExceeded',
    message: `Failed to ${action.kind} after ${failures} attempt(s)`,
  } as const;
  const good = status.history?.find(one => one.status === 'deployed');
  if (!good || !remediateLastFailure)
    return {
      status: {
        ...counts,
        history: [release, ...(status.history ?? [])].slice(0, keptSnapshots),
      },
      statements: [released, { ...released, type: 'Ready' }, exhausted],
    };
  const rolledBack = {
    ...good,
    version: release.version + 1,
    lastDeployed: when,
  };
  const remediated = {
    type: 'Remediated',
    status: 'True',
    reason: 'RollbackSucceeded',
    message: `Helm rollback to previous release ${nameOf(good)} succeeded`,
  } as const;
  const earlier = (status.history ?? []).map(one =>
    one === good ? ({ ...one, status: 'superseded' } as const) : one,
  );
  return {
    status: {
      ...counts,
      history: [rolledBack, release, ...earlier].slice(0, keptSnapshots),
    },
    statements: [
      released,
      remediated,
      { ...remediated, type: 'Ready', status: 'False' },
      exhausted,
    ],
  };
}
