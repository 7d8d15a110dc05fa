// SPDX-License-Identifier: Apache-2.0
import {
  whyHeld,
  type ActionKind,
  type ActionMemory,
  type ActionRefusal,
} from '@causeway/plugin-delivery-common';
import type {
  DeviceActionContext,
  DeviceActionExecutor,
  DeviceActionTurn,
} from '@causeway/plugin-delivery-node';
import { AttemptPlan, type PlanSettings, type PlanWork } from './AttemptPlan';
import { attemptName, objectEvidence } from './attemptObject';
import { holdOf, nodeGone, readNode, type ReadNode } from './nodes';
import {
  notBegun,
  notToldYet,
  underWay,
  upgraded,
  vanished,
} from './upgradeEnds';

/** Whether what a Node tells, beside the controller's mark, says that an upgrade has worked. */
export type PlanProof =
  | {
      readonly isMet: true;
      readonly message: string;
      /** What was seen at the Node, for the receipt. */
      readonly seen: string;
      /** Whether only the upgrade can have brought it about, so that it proves it without the Plan. */
      readonly alone: boolean;
    }
  | { readonly isMet: false; readonly missing?: string };

/** One sort of upgrades that system-upgrade-controller carries out. */
export interface PlanUpgrade {
  readonly kind: ActionKind;
  /** What the action that was asked for makes; undefined when it is not set up any more. */
  readonly plan: (
    context: DeviceActionContext,
  ) => (PlanSettings & PlanWork) | undefined;
  /** What has to be known of the node before. */
  readonly remember: (node: ReadNode | undefined) => ActionMemory;
  /** Why the node should not have it, right before it begins. */
  readonly refuse: (
    context: DeviceActionContext,
    node: ReadNode,
  ) => Promise<ActionRefusal | undefined>;
  /** What the node tells of what is upgraded. */
  readonly told: (node: ReadNode) => string;
  readonly prove: (
    context: DeviceActionContext,
    node: ReadNode,
    memory: ActionMemory,
  ) => PlanProof;
}

/** Said before the Plan goes, where only the Plan proves that it was done. */
const through = 'The controller is through with the device.';

/**
 * Upgrades something on one device by a Plan of its own. It has worked when the controller is through with
 * the node, the node tells what it should and is ready. The Plan is not taken away sooner, because it would
 * take its Job with it and leave the node cordoned.
 */
export function upgradeByPlan(sort: PlanUpgrade): DeviceActionExecutor {
  return {
    kind: sort.kind,
    async prepare(context) {
      const node = await readNode(context);
      return { ...sort.remember(node), cordoned: node?.unschedulable ?? false };
    },
    async advance(context, memory) {
      const settings = sort.plan(context);
      if (!settings) return notSetUp(context);
      const attempt = { ...settings, plan: new AttemptPlan(settings, context) };
      const node = await readNode(context);
      if (!node) {
        await attempt.plan.takeAway();
        return nodeGone(context);
      }
      const found = await attempt.plan.read();
      if (found !== undefined) {
        return follow(sort, context, { attempt, node, found, memory });
      }
      return context.progress
        ? afterPlan(sort, context, { attempt, node, memory })
        : begin(sort, context, { attempt, node });
    },
    async withdraw(context) {
      const settings = sort.plan(context);
      if (settings) await new AttemptPlan(settings, context).takeAway();
    },
  };
}

interface Attempt extends PlanWork {
  readonly plan: AttemptPlan;
}

/** Looks whether it may be done, and makes the Plan. Whatever is in the way, nothing was done. */
async function begin(
  sort: PlanUpgrade,
  context: DeviceActionContext,
  { attempt, node }: { readonly attempt: Attempt; readonly node: ReadNode },
): Promise<DeviceActionTurn> {
  const { plan, version, upgrade } = attempt;
  // Somebody may have pinned it while this was waiting.
  const held = whyHeld({ operatorHold: holdOf(node) });
  const obstacle =
    (await plan.whyUnserved()) ??
    held?.message ??
    (await sort.refuse(context, node))?.message ??
    (await plan.obstacle(node)) ??
    (await plan.make(node, { version, upgrade }));
  return obstacle === undefined
    ? underWay('The Plan waits for its controller.')
    : notBegun(obstacle);
}

async function follow(
  sort: PlanUpgrade,
  context: DeviceActionContext,
  {
    attempt: { plan },
    node,
    found,
    memory,
  }: {
    readonly attempt: Attempt;
    readonly node: ReadNode;
    readonly found: unknown;
    readonly memory: ActionMemory;
  },
): Promise<DeviceActionTurn> {
  const sight = plan.sight(found, node);
  if (sight.state === 'underWay') return underWay(sight.words);
  const told = sort.told(node);
  if (sight.state === 'failed') {
    await plan.takeAway();
    const closed =
      node.unschedulable && memory.cordoned !== true
        ? ' The device is cordoned still: look at it, then uncordon it.'
        : '';
    return {
      state: 'failed',
      message: `${sight.words} The device tells ${told}.${closed}`,
      evidence: [objectEvidence(context, 'Plan', found, sight.words)],
      retry: false,
    };
  }
  const proof = sort.prove(context, node, memory);
  if (!proof.isMet) return notToldYet(node, told, proof.missing);
  if (!node.ready) return notToldYet(node, told);
  if (!proof.alone && context.progress?.message !== through) {
    return underWay(through);
  }
  await plan.takeAway();
  const seen = `The controller is through with ${context.node}, whose mark is the Plan's latest hash, ${sight.hash}.`;
  return upgraded(context, node, proof, [
    objectEvidence(context, 'Plan', found, seen),
  ]);
}

/** The Plan was there and is not any more: it was done, or somebody has taken it away. */
async function afterPlan(
  sort: PlanUpgrade,
  context: DeviceActionContext,
  {
    attempt: { plan },
    node,
    memory,
  }: {
    readonly attempt: Attempt;
    readonly node: ReadNode;
    readonly memory: ActionMemory;
  },
): Promise<DeviceActionTurn> {
  await plan.unmark(node);
  const proof = sort.prove(context, node, memory);
  const isProved =
    proof.isMet && (proof.alone || context.progress?.message === through);
  return isProved && node.ready
    ? upgraded(context, node, proof)
    : vanished(context, 'Plan', sort.told(node));
}

/** The configuration has changed since it was asked for. */
function notSetUp(context: DeviceActionContext): DeviceActionTurn {
  const gone = 'This portal is not set up for that upgrade any more.';
  return context.progress
    ? {
        state: 'failed',
        message: `${gone} Its Plan ${attemptName(
          context,
        )} may go on: look for it in the cluster.`,
        retry: false,
      }
    : notBegun(gone);
}
