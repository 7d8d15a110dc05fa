// SPDX-License-Identifier: Apache-2.0
import {
  isServer,
  k3sUpgradeKind,
  whyNotUpgradeK3s,
} from '@causeway/plugin-delivery-common';
import type { DeviceActionExecutor } from '@causeway/plugin-delivery-node';
import { textIn } from '../../clusters/fields';
import { planSlack, type PlanSettings } from './AttemptPlan';
import { upgradeByPlan } from './upgradeByPlan';
import { tellsVersion } from './upgradeEnds';

/** How K3s is upgraded by system-upgrade-controller. Nothing of it comes from a request. */
export interface K3sUpgradeSettings extends PlanSettings {
  /** Without a tag: the controller takes the one of the version. */
  readonly image: string;
  readonly servers: boolean;
  readonly clusters?: readonly string[];
}

/** Upgrades K3s on one device. That it has worked is told by the kubelet's version. */
export function upgradeK3s(settings: K3sUpgradeSettings): DeviceActionExecutor {
  return upgradeByPlan({
    kind: k3sUpgradeKind({
      ...settings,
      timeout: (settings.timeoutSeconds + planSlack) * 1000,
    }),
    plan: ({ parameters }) => ({
      ...settings,
      version: String(parameters.version),
      upgrade: { image: settings.image },
    }),
    remember: node => ({ version: node?.version ?? '' }),
    async refuse({ cluster, parameters }, node) {
      const server = await cluster.get('/version');
      return whyNotUpgradeK3s({
        present: node.version,
        wanted: String(parameters.version),
        apiServer: textIn(server, 'gitVersion') ?? '',
        isServer: isServer(node.labels),
      });
    },
    told: ({ version }) => version ?? 'no version',
    prove({ parameters: { version } }, node) {
      return node.version === version
        ? { isMet: true, alone: true, ...tellsVersion(`K3s ${version}`, node) }
        : { isMet: false };
    },
  });
}
