// SPDX-License-Identifier: Apache-2.0
import {
  edgeCoreUpgradeKind,
  hasEdgeRole,
  neededKinds,
  versionsOf,
  whyHeld,
  whyNotUpgradeEdgeCore,
} from '@causeway/plugin-delivery-common';
import type {
  DeviceActionContext,
  DeviceActionExecutor,
  DeviceActionTurn,
} from '@causeway/plugin-delivery-node';
import { listIn, recordIn, textIn } from '../../clusters/fields';
import { attemptMetadata, attemptName, objectEvidence } from './attemptObject';
import { holdOf, nodeGone, readNode, type ReadNode } from './nodes';
import {
  notBegun,
  notToldYet,
  tellsVersion,
  underWay,
  upgraded,
  vanished,
} from './upgradeEnds';

/** How EdgeCore is upgraded by KubeEdge. Nothing of it comes from a request. */
export interface EdgeCoreUpgradeSettings {
  /** Of the installation package, without a tag: KubeEdge adds the version. */
  readonly image: string;
  /** Digests that the image must have, by architecture; not checked when left out. */
  readonly digests?: { readonly arm64?: string; readonly amd64?: string };
  /** What the device looks at before it begins. */
  readonly checks: readonly string[];
  /** Whether somebody at the device has to agree. */
  readonly requireConfirmation: boolean;
  /** Between two steps of it, in seconds. */
  readonly timeoutSeconds: number;
  readonly clusters?: readonly string[];
}

const needed = neededKinds['nodeupgradejobs.operations.kubeedge.io'];
const jobs = `/apis/${needed.api}/nodeupgradejobs`;
const jobKind = 'NodeUpgradeJob';
/** Steps of a job; after each its time begins anew. */
const steps = 5;

/**
 * Upgrades EdgeCore by a NodeUpgradeJob for one node, named by the action and its attempt. KubeEdge can
 * not change a job that is there and runs none twice, so a job that is done stays, for whoever wants to
 * look; one that nobody has begun is taken away at the end. It has worked when the kubelet tells the
 * version and is ready: that the job is done proves nothing.
 *
 * Version and image become a part of a command line on the device, and before KubeEdge 1.21.2, 1.22.2 and
 * 1.23.1 they were not looked at there (CVE-2026-62371). So the version has the pattern of its kind and
 * the image is checked with the configuration, whether KubeEdge's own webhook is installed or not.
 */
export function upgradeEdgeCore(
  settings: EdgeCoreUpgradeSettings,
): DeviceActionExecutor {
  return {
    kind: edgeCoreUpgradeKind({
      ...settings,
      timeout: settings.timeoutSeconds * steps * 1000,
    }),
    async prepare(context) {
      const node = await readNode(context);
      return { version: node?.version ?? '' };
    },
    async advance(context) {
      const node = await readNode(context);
      if (!node) {
        await takeAwayUnbegun(context);
        return nodeGone(context);
      }
      const job = await context.cluster.get(jobPath(context));
      if (job !== undefined) return follow(settings, context, { node, job });
      return context.progress
        ? afterJob(context, node)
        : begin(settings, context, node);
    },
    withdraw: takeAwayUnbegun,
  };
}

function jobPath(context: DeviceActionContext): string {
  return `${jobs}/${encodeURIComponent(attemptName(context))}`;
}

async function begin(
  settings: EdgeCoreUpgradeSettings,
  context: DeviceActionContext,
  node: ReadNode,
): Promise<DeviceActionTurn> {
  const obstacle = obstacleOf(context, node) ?? (await make(settings, context));
  return obstacle === undefined
    ? underWay('The NodeUpgradeJob waits for KubeEdge.')
    : notBegun(obstacle);
}

/** KubeEdge fails a job on a node that is none of its own or not ready, and never tries again. */
function obstacleOf(
  { parameters }: DeviceActionContext,
  node: ReadNode,
): string | undefined {
  if (!hasEdgeRole(node.labels)) {
    return 'The Node has no empty label node-role.kubernetes.io/edge, so KubeEdge does not take it for one of its own.';
  }
  if (!node.ready) return 'The device is not ready.';
  // Somebody may have pinned it while this was waiting.
  const refusal =
    whyHeld({ operatorHold: holdOf(node) }) ??
    whyNotUpgradeEdgeCore(edgeVersionOf(node), String(parameters.version));
  return refusal?.message;
}

/** Makes the job. Returns why that was not possible. */
async function make(
  settings: EdgeCoreUpgradeSettings,
  context: DeviceActionContext,
): Promise<string | undefined> {
  const made = await context.cluster.create(jobs, manifest(settings, context));
  switch (made.kind) {
    case 'missing':
      return needed.without;
    case 'busy':
      return made.message;
    default:
      return undefined;
  }
}

/** How the job is on the device. */
interface NodeTask {
  /** Undefined while KubeEdge has not looked at the job. */
  readonly phase?: string;
  readonly reason?: string;
  /** Steps that were done or have failed, in order. */
  readonly steps: readonly string[];
}

function taskOf(job: unknown, node: string): NodeTask {
  const status = recordIn(job, 'status');
  const task = listIn(status, 'nodeStatus').find(
    each => textIn(each, 'nodeName') === node,
  );
  // A job may fail as a whole, and then say nothing of its nodes.
  const told = task ?? status;
  return {
    phase: textIn(told, 'phase'),
    reason: textIn(told, 'reason'),
    steps: listIn(task, 'actionFlow').flatMap(
      each => textIn(each, 'action') ?? [],
    ),
  };
}

function follow(
  settings: EdgeCoreUpgradeSettings,
  context: DeviceActionContext,
  read: { readonly node: ReadNode; readonly job: unknown },
): DeviceActionTurn {
  const { node, job } = read;
  const task = taskOf(job, context.node);
  switch (task.phase) {
    case 'Successful':
      return hasVersion(context, node)
        ? upgraded(context, node, proofOf(context, node), [
            objectEvidence(
              context,
              jobKind,
              job,
              'It was successful on the device.',
            ),
          ])
        : notToldYet(node, toldBy(node));
    case 'Failure':
      return failed(context, job, sayFailure(task));
    case 'Unknown':
      return failed(context, job, 'The device has not answered in time.');
    case 'InProgress':
      return underWay(sayProgress(settings, task));
    default:
      return underWay('The NodeUpgradeJob waits for KubeEdge.');
  }
}

function sayProgress(
  { requireConfirmation }: EdgeCoreUpgradeSettings,
  { steps: done }: NodeTask,
): string {
  const last = done.at(-1);
  const waits = last === 'Check' || last === 'WaitingConfirmation';
  if (requireConfirmation && waits) {
    return 'Waiting for confirmation on the device: somebody there has to agree, by keadm ctl confirm.';
  }
  return last === undefined
    ? 'The device has begun.'
    : `The device has done: ${done.join(', ')}.`;
}

function sayFailure({ reason, steps: done }: NodeTask): string {
  const why = reason ? `: ${reason.slice(0, 400)}` : '';
  const back = done.includes('RollBack')
    ? ' KubeEdge has gone back to the version before.'
    : '';
  return `The upgrade failed on the device${why.replace(/\.$/, '')}.${back}`;
}

function failed(
  context: DeviceActionContext,
  job: unknown,
  message: string,
): DeviceActionTurn {
  return {
    state: 'failed',
    message,
    evidence: [objectEvidence(context, jobKind, job, message)],
    retry: false,
  };
}

/** The job was there and is not any more: it was done, or somebody has taken it away. */
function afterJob(
  context: DeviceActionContext,
  node: ReadNode,
): DeviceActionTurn {
  return hasVersion(context, node)
    ? upgraded(context, node, proofOf(context, node))
    : vanished(context, jobKind, toldBy(node));
}

function hasVersion(
  { parameters }: DeviceActionContext,
  node: ReadNode,
): boolean {
  return node.ready && edgeVersionOf(node) === parameters.version;
}

function proofOf({ parameters }: DeviceActionContext, node: ReadNode) {
  return tellsVersion(`EdgeCore ${parameters.version}`, node);
}

function toldBy({ version }: ReadNode): string {
  return version ?? 'no version';
}

function edgeVersionOf({ version }: ReadNode): string | undefined {
  return versionsOf(version).edgeVersion;
}

/** A job that the device has begun goes on there whatever becomes of it here, so it stays to be looked at. */
async function takeAwayUnbegun(context: DeviceActionContext): Promise<void> {
  const path = jobPath(context);
  const job = await context.cluster.get(path);
  if (job === undefined) return;
  const { phase = 'Init' } = taskOf(job, context.node);
  if (phase === 'Init' || phase === 'Pending') {
    await context.cluster.remove(path);
  }
}

function manifest(
  settings: EdgeCoreUpgradeSettings,
  context: DeviceActionContext,
): object {
  const { node, parameters } = context;
  return {
    apiVersion: needed.api,
    kind: jobKind,
    metadata: attemptMetadata(context),
    spec: {
      version: parameters.version,
      image: settings.image,
      ...(settings.digests && { imageDigestGatter: settings.digests }),
      nodeNames: [node],
      // What KubeEdge takes when they are left out is not what its manual says.
      concurrency: 1,
      failureTolerate: '0',
      timeoutSeconds: settings.timeoutSeconds,
      checkItems: settings.checks,
      requireConfirmation: settings.requireConfirmation,
    },
  };
}
