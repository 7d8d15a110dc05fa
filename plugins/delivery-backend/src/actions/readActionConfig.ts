// SPDX-License-Identifier: Apache-2.0
import type { Config } from '@backstage/config';
import type {
  ActionApprovalRule,
  ActionKind,
} from '@causeway/plugin-delivery-common';
import type { ConfiguredJob } from './kubernetes/oneShotJob';
import { readUpgradeConfig, type UpgradeConfig } from './readUpgradeConfig';

/** `delivery.actions` of the portal's configuration. */
export interface ActionConfig {
  readonly approval: ActionApprovalRule;
  readonly perSite: number;
  readonly jobs: readonly ConfiguredJob[];
  readonly upgrades: UpgradeConfig;
}

/** Jobs that need nothing but image and command to be what their names say. */
const usual = {
  reboot: {
    title: 'Reboot',
    consequence:
      'The device is started anew. What runs there stops and comes back after the boot.',
    destructive: true,
    interrupts: true,
    reboots: true,
  },
  backup: {
    title: 'Back up',
    consequence: 'A backup of the device is made. What runs there goes on.',
    destructive: false,
    interrupts: false,
    reboots: false,
  },
  healthCheck: {
    title: 'Check health',
    consequence:
      'A check runs on the device; what it finds is kept with the receipt.',
    destructive: false,
    interrupts: false,
    reboots: false,
  },
} as const;

/**
 * Reads `delivery.actions`.
 * @throws Error for a setting that makes no sense, naming it
 */
export function readActionConfig(config: Config): ActionConfig {
  const own = config.getOptionalConfig('delivery.actions');
  const destructive = own?.getOptionalString('approval.destructive') ?? 'mass';
  if (
    destructive !== 'always' &&
    destructive !== 'mass' &&
    destructive !== 'never'
  ) {
    throw new Error(
      'delivery.actions.approval.destructive must be always, mass or never',
    );
  }
  return {
    approval: {
      destructive,
      massFrom: atLeastOne(own, 'approval.massFrom') ?? 2,
    },
    perSite: atLeastOne(own, 'perSite') ?? 2,
    jobs: (own?.getOptionalConfigArray('jobs') ?? []).map(readJob),
    upgrades: readUpgradeConfig(own?.getOptionalConfig('upgrades')),
  };
}

function readJob(job: Config): ConfiguredJob {
  const name = job.getString('kind');
  const known: (typeof usual)[keyof typeof usual] | undefined = Object.hasOwn(
    usual,
    name,
  )
    ? usual[name as keyof typeof usual]
    : undefined;
  const flag = (
    key: 'destructive' | 'interrupts' | 'reboots',
    otherwise: boolean,
  ) => job.getOptionalBoolean(key) ?? known?.[key] ?? otherwise;
  const destructive = flag('destructive', true);
  const kind: ActionKind = {
    name,
    title: job.getOptionalString('title') ?? known?.title ?? name,
    consequence:
      job.getOptionalString('consequence') ??
      known?.consequence ??
      'A job runs on the device.',
    destructive,
    interrupts: flag('interrupts', destructive),
    away: 'waits',
    // A half-done job on a device is worse than a whole one.
    stoppable: false,
    timeout: (atLeastOne(job, 'timeoutSeconds') ?? 900) * 1000,
    attempts: atLeastOne(job, 'attempts') ?? 1,
    parameters: [],
  };
  return {
    kind,
    namespace: job.getString('namespace'),
    image: job.getString('image'),
    command: job.getStringArray('command'),
    args: job.getOptionalStringArray('args') ?? [],
    serviceAccount: job.getOptionalString('serviceAccount'),
    privileged: job.getOptionalBoolean('privileged') ?? false,
    reboots: flag('reboots', false),
  };
}

function atLeastOne(
  config: Config | undefined,
  key: string,
): number | undefined {
  const value = config?.getOptionalNumber(key);
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1)) {
    throw new Error(`delivery.actions: ${key} must be a whole number from 1`);
  }
  return value;
}
