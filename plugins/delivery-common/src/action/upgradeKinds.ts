// SPDX-License-Identifier: Apache-2.0
import type { Milliseconds } from '../time';
import {
  whyUnserved,
  type ActionDevice,
  type ActionKind,
  type ActionParameter,
  type ActionRefusal,
} from './actionKind';
import { sayHold } from './operatorHold';
import {
  edgeCoreVersionPattern,
  k3sVersionPattern,
  whyNotUpgradeEdgeCore,
  whyNotUpgradeK3s,
} from './upgradeRules';

/** What an operator of the portal says about upgrades of one sort. */
export interface UpgradeSettings {
  /** How long one may take. */
  readonly timeout: Milliseconds;
  /** Names of clusters that it is offered in; all when left out. */
  readonly clusters?: readonly string[];
}

/** What all upgrades have in common. */
export const upgrade = {
  destructive: true,
  interrupts: true,
  away: 'waits',
  // A device that is half upgraded is worse than one that is.
  stoppable: false,
  attempts: 1,
} as const;

/** Upgrades of K3s by system-upgrade-controller. */
export function k3sUpgradeKind(
  settings: UpgradeSettings & {
    /** Whether servers, which run the API server of their cluster, are upgraded too. */
    readonly servers: boolean;
  },
): ActionKind {
  return {
    ...upgrade,
    name: 'upgradeK3s',
    title: 'Upgrade K3s',
    consequence:
      'The device gets another version of K3s. It is cordoned meanwhile, K3s starts anew, and what runs there goes on.',
    timeout: settings.timeout,
    parameters: [
      versionOf(k3sVersionPattern, 'v1.34.2+k3s1', ({ version }) => version),
    ],
    unsuited(device) {
      if (device.platform !== 'k3s') {
        return unsuited('It does not run K3s.');
      }
      if (isServer(device.labels) && !settings.servers) {
        return unsuited(
          'It is a server of its cluster, and this portal may upgrade agents only.',
        );
      }
      return elsewhere(settings, device);
    },
    refuse: (device, parameters) =>
      whyUnserved(device, 'plans.upgrade.cattle.io') ??
      whyHeld(device) ??
      (parameters &&
        whyNotUpgradeK3s({
          present: device.version,
          wanted: String(parameters.version),
          isServer: isServer(device.labels),
        })),
  };
}

/** Upgrades of EdgeCore by KubeEdge itself. */
export function edgeCoreUpgradeKind(
  settings: UpgradeSettings & {
    /** Whether somebody at the device has to agree. */
    readonly requireConfirmation: boolean;
  },
): ActionKind {
  const agreement = settings.requireConfirmation
    ? ' Somebody at the device has to agree first.'
    : '';
  return {
    ...upgrade,
    name: 'upgradeEdgeCore',
    title: 'Upgrade EdgeCore',
    consequence: `The device gets another version of KubeEdge's EdgeCore, which starts anew; KubeEdge goes back by itself where that fails.${agreement}`,
    timeout: settings.timeout,
    parameters: [
      versionOf(
        edgeCoreVersionPattern,
        'v1.23.1',
        ({ edgeVersion }) => edgeVersion,
      ),
    ],
    unsuited(device) {
      if (device.platform !== 'kubeedge') {
        return unsuited('It does not run KubeEdge.');
      }
      if (!hasEdgeRole(device.labels)) {
        return unsuited(
          'Its Node has no empty label node-role.kubernetes.io/edge, so KubeEdge does not take it for one of its own.',
        );
      }
      return elsewhere(settings, device);
    },
    refuse: (device, parameters) =>
      whyUnserved(device, 'nodeupgradejobs.operations.kubeedge.io') ??
      whyHeld(device) ??
      (parameters &&
        whyNotUpgradeEdgeCore(device.edgeVersion, String(parameters.version))),
  };
}

/** Whether a Node with these labels runs the API server of its cluster. */
export function isServer(
  labels: Readonly<Record<string, unknown>> | undefined,
): boolean {
  return ['control-plane', 'master'].some(role =>
    Object.hasOwn(labels ?? {}, `node-role.kubernetes.io/${role}`),
  );
}

/** Whether cloudcore hands jobs of KubeEdge to a Node with these labels. */
export function hasEdgeRole(
  labels: Readonly<Record<string, unknown>> | undefined,
): boolean {
  return labels?.['node-role.kubernetes.io/edge'] === '';
}

function versionOf(
  pattern: string,
  example: string,
  present: (device: ActionDevice) => string | undefined,
): ActionParameter {
  return {
    name: 'version',
    title: 'Version',
    required: true,
    rule: {
      type: 'text',
      pattern,
      means: `a release such as ${example}`,
      maximumLength: 20,
    },
    present,
  };
}

/** Why a device that is held is not upgraded. */
export function whyHeld({
  operatorHold,
}: Pick<ActionDevice, 'operatorHold'>): ActionRefusal | undefined {
  return (
    operatorHold && {
      code: 'held',
      message: `${sayHold(operatorHold)} Unpin it first.`,
    }
  );
}

/** Why it is not offered in the device's cluster. */
export function elsewhere(
  { clusters }: Pick<UpgradeSettings, 'clusters'>,
  { cluster }: ActionDevice,
): ActionRefusal | undefined {
  return clusters && !clusters.includes(cluster)
    ? unsuited(`Such upgrades are not set up for the cluster ${cluster}.`)
    : undefined;
}

export function unsuited(message: string): ActionRefusal {
  return { code: 'unsuited', message };
}
