// SPDX-License-Identifier: Apache-2.0
import {
  osUpgradeId,
  osUpgradeKind,
  osUpgradeParameter,
  saySystem,
  whyAlready,
  whyNotAsExpected,
  type ActionMemory,
  type OsUpgrade,
  type ToldSystem,
} from '@causeway/plugin-delivery-common';
import type {
  DeviceActionContext,
  DeviceActionExecutor,
} from '@causeway/plugin-delivery-node';
import { textIn } from '../../clusters/fields';
import { planSlack, type PlanSettings, type PlanWork } from './AttemptPlan';
import type { ReadNode } from './nodes';
import { upgradeByPlan, type PlanProof } from './upgradeByPlan';

/** An upgrade of operating systems in one version. A request names it, and nothing of it comes from there. */
export interface OsUpgradeSettings extends OsUpgrade, PlanSettings {
  readonly upgrade: PlanWork['upgrade'];
}

/**
 * Upgrades the operating system of one device by one of the upgrades that were set up. The kubelet's
 * version proves nothing here. What does is that the controller is through with the node, that the node
 * tells the system that is expected, and that it has booted anew where that is expected. Of an upgrade
 * without expectations no more is known than that its Job ran to its end; then the receipt says just that.
 */
export function upgradeOs(
  upgrades: readonly OsUpgradeSettings[],
): DeviceActionExecutor {
  const longest = Math.max(
    ...upgrades.map(({ timeoutSeconds }) => timeoutSeconds),
  );
  const chosen = ({ parameters }: DeviceActionContext) =>
    upgrades.find(each => osUpgradeId(each) === parameters[osUpgradeParameter]);
  return upgradeByPlan({
    kind: osUpgradeKind({ upgrades, timeout: (longest + planSlack) * 1000 }),
    plan: chosen,
    remember: node => ({
      osImage: node?.osImage ?? '',
      kernelVersion: node?.kernelVersion ?? '',
      bootId: node?.bootId ?? '',
    }),
    refuse: async (context, node) => whyAlready(chosen(context)?.expect, node),
    told: saySystem,
    prove: (context, node, memory) => prove(chosen(context), node, memory),
  });
}

function prove(
  upgrade: OsUpgradeSettings | undefined,
  node: ReadNode,
  memory: ActionMemory,
): PlanProof {
  const before = systemBefore(memory);
  const expect = upgrade?.expect;
  const missing = expect && whyNotAsExpected(expect, node, before);
  if (missing !== undefined) return { isMet: false, missing };
  const what = upgrade && `${upgrade.title} ${upgrade.version}`;
  const booted =
    node.bootId === before.bootId
      ? `still ${node.bootId}`
      : `${node.bootId}, before ${before.bootId ?? 'unknown'}`;
  return {
    isMet: true,
    // A boot may have another cause.
    alone:
      expect !== undefined &&
      whyNotAsExpected({ ...expect, reboot: false }, before, before) !==
        undefined,
    message: expect
      ? `${what} has run on the device, which is ready and tells what is expected: ${saySystem(
          node,
        )}.`
      : `${what} ran to its end on the device, which is ready and tells ${saySystem(
          node,
        )}. Nothing is expected of that, so no more is known.`,
    seen: `It tells ${saySystem(node)}, before ${saySystem(
      before,
    )}. Boot id ${booted}; it is ready.`,
  };
}

function systemBefore(memory: ActionMemory): ToldSystem {
  return {
    osImage: textIn(memory, 'osImage') || undefined,
    kernelVersion: textIn(memory, 'kernelVersion') || undefined,
    bootId: textIn(memory, 'bootId') || undefined,
  };
}
