// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { conditionOf, matchesLabels } from '../runtime/resources';
import { meets } from '../workloads/nodeAffinity';
import { Job, LabelSelection, Node } from '../workloads/workloads';
import {
  controllerLabel,
  nodeLabel,
  Plan,
  planLabel,
  planNameLabel,
  versionLabel,
} from './planObjects';

/** What there is to do for a plan. */
export interface UpgradePlan {
  /** Nodes that are worked on, with those that begin now. */
  readonly applying: readonly string[];
  /** Of those, the ones that have no job yet. */
  readonly preparing: readonly string[];
  /** Nodes whose job has completed: they are marked and made schedulable. */
  readonly finished: readonly string[];
  /** Jobs that have failed for good. */
  readonly failed: readonly Job[];
  /** Jobs of an earlier state of the plan. */
  readonly outdated: readonly Job[];
}

/** A plan without a selector is for no node, and a node without a host name for no plan. */
function selects(
  selector: LabelSelection | undefined,
  { metadata }: Node,
): boolean {
  const labels = metadata.labels ?? {};
  if (!selector || labels['kubernetes.io/hostname'] === undefined) return false;
  return (
    matchesLabels(selector.matchLabels, labels) &&
    (selector.matchExpressions ?? []).every(one => meets(one, labels))
  );
}

/** A version as labels can hold it. */
export function labelValueOf(version: string): string {
  return version.replace(/\+/g, '-');
}

/** What nodes are marked with. What runs is no part of it: another command in the same version is not run again. */
export function hashOf({ spec }: Plan, version: string): string {
  return createHash('sha224')
    .update(version)
    .update(spec.serviceAccountName ?? '')
    .digest('hex');
}

/** Whether a job has ended: well, badly, or not yet. */
export function endOf({ status }: Job): 'Complete' | 'Failed' | undefined {
  const holds = (type: string) =>
    conditionOf(status?.conditions, type)?.status === 'True';
  if (holds('Complete')) return 'Complete';
  return holds('Failed') ? 'Failed' : undefined;
}

/**
 * Compares a plan with the nodes and with its jobs. A node that is worked on
 * keeps its place until its job has completed, however long that takes: a node
 * that is away and a job that has failed hold one each.
 */
export function planUpgrade(
  { metadata, spec, status }: Plan,
  hash: string,
  nodes: readonly Node[],
  jobs: readonly Job[],
): UpgradePlan {
  const label = planLabel(metadata.name);
  // Neither by name nor by age, but always the same.
  const turn = (node: Node) =>
    createHash('sha256')
      .update(node.metadata.uid + metadata.uid + hash)
      .digest('hex');
  const isOurs = (job: Job) => job.metadata.labels?.[label] === hash;
  const jobsByNode = new Map(
    jobs
      .filter(isOurs)
      .map(job => [job.metadata.labels?.[nodeLabel] ?? '', job]),
  );
  const stateOf = ({ metadata: node }: Node) => node.labels?.[label];
  const open = nodes
    .filter(
      node =>
        selects(spec.nodeSelector, node) &&
        ![hash, 'disabled'].includes(stateOf(node) ?? ''),
    )
    .sort((a, b) => (turn(a) < turn(b) ? -1 : 1))
    .map(node => node.metadata.name);
  const withEnd = (end: ReturnType<typeof endOf>) => (name: string) => {
    const job = jobsByNode.get(name);
    return job !== undefined && endOf(job) === end;
  };
  const finished = open.filter(withEnd('Complete'));
  const unfinished = open.filter(name => !finished.includes(name));
  const before = status?.applying ?? [];
  const held = unfinished.filter(
    name => jobsByNode.has(name) || before.includes(name),
  );
  const free = Math.max(0, (spec.concurrency ?? 0) - held.length);
  const starting = unfinished
    .filter(name => !held.includes(name))
    .slice(0, free);
  const applying = [...held, ...starting].sort();
  return {
    applying,
    preparing: applying.filter(name => !jobsByNode.has(name)),
    finished,
    failed: held.filter(withEnd('Failed')).flatMap(name => {
      const job = jobsByNode.get(name);
      return job ? [job] : [];
    }),
    outdated: jobs.filter(job => !isOurs(job)),
  };
}

/**
 * What the kubelet of a node says otherwise than before after the plan has run there: its own version after
 * one of K3s, the operating system after one of the image `os-upgrade`. Undefined after all others.
 */
export function nodeInfoAfter({ spec }: Plan): object | undefined {
  const name = /(?:^|\/)([^/:@]+)(?:[:@][^/]*)?$/.exec(spec.upgrade.image)?.[1];
  switch (name) {
    case 'k3s-upgrade':
      return { kubeletVersion: spec.version };
    case 'os-upgrade':
      return {
        osImage: `Simulated OS ${spec.version}`,
        kernelVersion: `6.18.0-${spec.version}`,
      };
    default:
      return undefined;
  }
}

/** The name of the job of a plan on a node; long ones are cut and told apart by a digest. */
export function jobNameOf(plan: string, node: string, hash: string): string {
  const [short] = node.split('.');
  const whole = `apply-${plan}-on-${short}-with-${hash}`;
  if (whole.length <= 63) return whole;
  const digest = createHash('sha256').update(whole).digest('hex');
  return /[a-z0-9]/.test(whole[56])
    ? `${whole.slice(0, 57)}-${digest.slice(0, 5)}`
    : `${whole.slice(0, 56)}-${digest.slice(0, 6)}`;
}

/** The job that upgrades a node. */
export function jobOf(
  { metadata, spec }: Plan,
  node: string,
  version: string,
  hash: string,
): object {
  const labels = {
    [controllerLabel]: 'system-upgrade-controller',
    [nodeLabel]: node,
    [planNameLabel]: metadata.name,
    [versionLabel]: version,
    [planLabel(metadata.name)]: hash,
  };
  const container = (
    name: string,
    { image, command, args }: Plan['spec']['upgrade'],
  ) => ({
    name,
    // An image without a tag is taken in the version of the plan.
    image: /[:@][^/]*$/.test(image) ? image : `${image}:${version}`,
    ...(command ? { command } : {}),
    ...(args ? { args } : {}),
  });
  return {
    metadata: { name: jobNameOf(metadata.name, node, hash), labels },
    spec: {
      backoffLimit: 99,
      ttlSecondsAfterFinished: 900,
      ...(spec.jobActiveDeadlineSecs
        ? { activeDeadlineSeconds: spec.jobActiveDeadlineSecs }
        : {}),
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          hostNetwork: true,
          hostPID: true,
          nodeSelector: { 'kubernetes.io/hostname': node },
          tolerations: [
            {
              key: 'node.kubernetes.io/unschedulable',
              operator: 'Exists',
              effect: 'NoSchedule',
            },
            ...(spec.tolerations ?? []),
          ],
          ...(spec.serviceAccountName
            ? { serviceAccountName: spec.serviceAccountName }
            : {}),
          ...(spec.prepare
            ? { initContainers: [container('prepare', spec.prepare)] }
            : {}),
          containers: [container('upgrade', spec.upgrade)],
        },
      },
    },
  };
}
