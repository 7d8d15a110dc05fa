// SPDX-License-Identifier: Apache-2.0
import {
  isServer,
  k3sUpgradeKind,
  whyHeld,
  whyNotUpgradeK3s,
  type ActionMemory,
} from '@causeway/plugin-delivery-common';
import type {
  DeviceActionContext,
  DeviceActionExecutor,
  DeviceActionTurn,
} from '@causeway/plugin-delivery-node';
import { listIn, recordIn, textIn } from '../../clusters/fields';
import { namespaced } from '../../clusters/namespaced';
import {
  attemptMetadata,
  attemptName,
  nameOf,
  objectEvidence,
} from './attemptObject';
import { holdOf, nodeGone, nodePath, readNode, type ReadNode } from './nodes';
import {
  notBegun,
  notToldYet,
  underWay,
  upgraded,
  vanished,
} from './upgradeEnds';

/** How K3s is upgraded by system-upgrade-controller. Nothing of it comes from a request. */
export interface K3sUpgradeSettings {
  /** That the controller watches, and its Jobs run in. */
  readonly namespace: string;
  /** Of the Jobs; needs what the controller's manual says. */
  readonly serviceAccount: string;
  /** Without a tag: the controller takes the one of the version. */
  readonly image: string;
  readonly servers: boolean;
  /** How long the Job may take, in seconds. */
  readonly timeoutSeconds: number;
  readonly clusters?: readonly string[];
}

const api = '/apis/upgrade.cattle.io/v1';
const plans = `${api}/plans`;
const hostnameLabel = 'kubernetes.io/hostname';
/** For the controller to notice and to come to its end, beyond the time of the Job. */
const slack = 5 * 60;

/**
 * Upgrades K3s on one device by a Plan of its own, named by the action and its attempt, so that it is
 * found after a crash and no other Plan is touched. It has worked when the kubelet tells the version and
 * is ready, and the controller is through with the node: taken away sooner, the Plan would take its Job
 * with it and leave the node cordoned.
 *
 * A Plan works on every node that it selects and that does not have its mark, whenever that comes to be.
 * So none outlives its attempt: it is taken away at every end, and only then the mark from the node.
 */
export function upgradeK3s(settings: K3sUpgradeSettings): DeviceActionExecutor {
  return {
    kind: k3sUpgradeKind({
      ...settings,
      timeout: (settings.timeoutSeconds + slack) * 1000,
    }),
    async prepare(context) {
      const node = await readNode(context);
      return {
        version: node?.version ?? '',
        cordoned: node?.unschedulable ?? false,
      };
    },
    async advance(context, memory) {
      const node = await readNode(context);
      if (!node) {
        await takeAway(settings, context);
        return nodeGone(context);
      }
      const plan = await context.cluster.get(planPath(settings, context));
      if (plan !== undefined) {
        return follow(settings, context, { node, plan, memory });
      }
      return context.progress
        ? afterPlan(context, node)
        : begin(settings, context, node);
    },
    async withdraw(context) {
      await takeAway(settings, context);
    },
  };
}

function planPath(
  { namespace }: K3sUpgradeSettings,
  context: DeviceActionContext,
): string {
  return namespaced(plans, { namespace, name: attemptName(context) });
}

/** Looks whether it may be done, and makes the Plan. Whatever is in the way, nothing was done. */
async function begin(
  settings: K3sUpgradeSettings,
  context: DeviceActionContext,
  node: ReadNode,
): Promise<DeviceActionTurn> {
  const obstacle =
    (await obstacleOf(settings, context, node)) ??
    (await make(settings, context, node));
  return obstacle === undefined
    ? underWay('The Plan waits for its controller.')
    : notBegun(obstacle);
}

async function obstacleOf(
  { namespace }: K3sUpgradeSettings,
  { cluster, parameters, node: name }: DeviceActionContext,
  node: ReadNode,
): Promise<string | undefined> {
  if ((await cluster.get(api)) === undefined) {
    return 'The cluster knows no Plans: system-upgrade-controller is not installed there.';
  }
  const server = await cluster.get('/version');
  // Somebody may have pinned it while this was waiting.
  const refusal =
    whyHeld({ operatorHold: holdOf(node) }) ??
    whyNotUpgradeK3s({
      present: node.version,
      wanted: String(parameters.version),
      apiServer: textIn(server, 'gitVersion') ?? '',
      isServer: isServer(node.labels),
    });
  if (refusal) return refusal.message;
  const hostname = textIn(node.labels, hostnameLabel);
  const twins =
    hostname === undefined
      ? []
      : await cluster.list('/api/v1/nodes', {
          labels: `${hostnameLabel}=${hostname}`,
        });
  if (twins.length !== 1) {
    return `A Plan chooses its node by the label ${hostnameLabel}, and ${
      twins.length === 0 ? 'this one has none' : 'another one has the same'
    }.`;
  }
  const others = await cluster.list(
    `${api}/namespaces/${encodeURIComponent(namespace)}/plans`,
  );
  const busy = others.find(plan =>
    listIn(recordIn(plan, 'status'), 'applying').includes(name),
  );
  return busy === undefined
    ? undefined
    : `The Plan ${nameOf(busy)} works on the device now.`;
}

/** Makes the Plan. Returns why that was not possible. */
async function make(
  settings: K3sUpgradeSettings,
  context: DeviceActionContext,
  node: ReadNode,
): Promise<string | undefined> {
  const { namespace } = settings;
  const made = await context.cluster.create(
    `${api}/namespaces/${encodeURIComponent(namespace)}/plans`,
    manifest(settings, context, node),
  );
  if (made.kind === 'missing') {
    return `The cluster has no namespace ${namespace} for the Plan.`;
  }
  return made.kind === 'busy' ? made.message : undefined;
}

async function follow(
  settings: K3sUpgradeSettings,
  context: DeviceActionContext,
  {
    node,
    plan,
    memory,
  }: {
    readonly node: ReadNode;
    readonly plan: unknown;
    readonly memory: ActionMemory;
  },
): Promise<DeviceActionTurn> {
  const failure = failureOf(plan);
  if (failure !== undefined) {
    await takeAway(settings, context);
    const closed =
      node.unschedulable && memory.cordoned !== true
        ? ' The device is cordoned still: look at it, then uncordon it.'
        : '';
    return {
      state: 'failed',
      message: `${failure} The device runs ${
        node.version ?? 'nobody knows what'
      }.${closed}`,
      evidence: [objectEvidence(context, 'Plan', plan, failure)],
      retry: false,
    };
  }
  const version = String(context.parameters.version);
  const status = recordIn(plan, 'status');
  const hash = textIn(status, 'latestHash');
  const isThrough = hash !== undefined && node.labels[markOf(context)] === hash;
  if (isThrough && node.version === version && node.ready) {
    await takeAway(settings, context);
    const seen = `The controller is through with ${context.node}.`;
    return upgraded(context, 'K3s', node, [
      objectEvidence(context, 'Plan', plan, seen),
    ]);
  }
  if (isThrough) return notToldYet(node);
  return underWay(
    listIn(status, 'applying').includes(context.node)
      ? 'The controller works on the device.'
      : 'The Plan waits for its controller.',
  );
}

/** The Plan was there and is not any more: it was done, or somebody has taken it away. */
async function afterPlan(
  context: DeviceActionContext,
  node: ReadNode,
): Promise<DeviceActionTurn> {
  await unmark(context, node);
  return node.ready && node.version === context.parameters.version
    ? upgraded(context, 'K3s', node)
    : vanished(context, 'Plan', node);
}

/** First the Plan, then its mark: a Plan that finds no mark begins anew. */
async function takeAway(
  settings: K3sUpgradeSettings,
  context: DeviceActionContext,
): Promise<void> {
  const { cluster } = context;
  const path = planPath(settings, context);
  await cluster.remove(path);
  const isGone = (await cluster.get(path)) === undefined;
  const node = isGone ? await readNode(context) : undefined;
  if (node) await unmark(context, node);
}

async function unmark(
  context: DeviceActionContext,
  node: ReadNode,
): Promise<void> {
  const mark = markOf(context);
  if (node.labels[mark] === undefined) return;
  // Whatever else changes at the Node meanwhile, this label is of nobody else.
  await context.cluster.patch(nodePath(context.node), {
    metadata: { labels: { [mark]: null } },
  });
}

/** The label by which the controller knows that a node has what the Plan asks for. */
function markOf(context: DeviceActionContext): string {
  return `plan.upgrade.cattle.io/${attemptName(context)}`;
}

/** Why the Plan will come to nothing, in the controller's own words. */
function failureOf(plan: unknown): string | undefined {
  const conditions = listIn(recordIn(plan, 'status'), 'conditions');
  const denied = (type: string) =>
    conditions.find(
      each =>
        textIn(each, 'type') === type && textIn(each, 'status') === 'False',
    );
  const invalid = denied('Validated') ?? denied('LatestResolved');
  if (invalid) {
    return `The controller does not take the Plan: ${wordsOf(invalid)}`;
  }
  const incomplete = denied('Complete');
  return textIn(incomplete, 'reason') === 'JobFailed'
    ? `The upgrade failed on the device: ${wordsOf(incomplete)}`
    : undefined;
}

function wordsOf(condition: unknown): string {
  const words =
    textIn(condition, 'message') || textIn(condition, 'reason') || 'no reason';
  return `${words.slice(0, 400).replace(/\.$/, '')}.`;
}

/** Exactly one node, once; a device that is cordoned already is not opened in the end. */
function manifest(
  settings: K3sUpgradeSettings,
  context: DeviceActionContext,
  node: ReadNode,
): object {
  return {
    apiVersion: 'upgrade.cattle.io/v1',
    kind: 'Plan',
    metadata: {
      ...attemptMetadata(context),
      namespace: settings.namespace,
    },
    spec: {
      concurrency: 1,
      nodeSelector: {
        matchExpressions: [
          {
            key: hostnameLabel,
            operator: 'In',
            values: [textIn(node.labels, hostnameLabel)],
          },
        ],
      },
      version: context.parameters.version,
      upgrade: { image: settings.image },
      serviceAccountName: settings.serviceAccount,
      tolerations: [{ operator: 'Exists' }],
      jobActiveDeadlineSecs: settings.timeoutSeconds,
      ...(!node.unschedulable && { cordon: true }),
    },
  };
}
