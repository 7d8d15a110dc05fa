// SPDX-License-Identifier: Apache-2.0
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { ScmIntegrations } from '@backstage/integration';
import {
  knownHardware,
  usualIncidentRules,
  usualLimits,
  type HardwareLimits,
  type IncidentRules,
  type Limit,
} from '@causeway/plugin-delivery-common';
import type { HardwareBook } from './describeEntry';
import { usualHistoryLimits, type HistoryLimits } from './FleetHistory';

const day = 24 * 3_600_000;

/** The settings of `delivery.devices`. */
export interface DeviceSettings {
  readonly hardware: HardwareBook;
  readonly incidentRules: IncidentRules;
  readonly history: HistoryLimits;
  /** Milliseconds between two readings of measurements. */
  readonly telemetryInterval: number;
  readonly nodeLabel: string;
  /** Address of the inventory file; undefined when there is nowhere to look. */
  readonly inventory?: string;
}

/**
 * Reads `delivery.devices`; everything has a default.
 *
 * @throws InputError when a setting can not be meant like that; it says which
 */
export function readDeviceConfig(
  root: Config,
  integrations: Pick<ScmIntegrations, 'byUrl'>,
): DeviceSettings {
  const config = root.getOptionalConfig('delivery.devices');
  const number = (key: string, usual: number, least: number, most: number) => {
    const value = config?.getOptionalNumber(key) ?? usual;
    if (value >= least && value <= most) return value;
    throw new InputError(
      `delivery.devices.${key} is ${value}; it lies between ${least} and ${most}.`,
    );
  };
  const nodeLabel = config?.getOptionalString('nodeLabel') ?? 'node';
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(nodeLabel)) {
    throw new InputError('delivery.devices.nodeLabel is no name of a label.');
  }
  return {
    hardware: readHardware(config?.getOptionalConfig('hardware')),
    incidentRules: {
      ...usualIncidentRules,
      share: number('incidentShare', usualIncidentRules.share, 0.1, 1),
    },
    history: {
      ...usualHistoryLimits,
      retention: number('historyDays', 30, 1, 3_650) * day,
    },
    telemetryInterval: number('telemetrySeconds', 30, 5, 3_600) * 1_000,
    nodeLabel,
    inventory: readInventoryUrl(root, integrations),
  };
}

function readHardware(config: Config | undefined): HardwareBook {
  const classes = new Map(Object.entries(knownHardware));
  for (const name of config?.keys() ?? []) {
    const own = config?.getConfig(name);
    const known = classes.get(name) ?? usualLimits;
    if (own) classes.set(name, readLimits(name, own, known));
  }
  const usual = classes.get('default') ?? usualLimits;
  return hardware =>
    (hardware === undefined ? undefined : classes.get(hardware)) ?? usual;
}

function readLimits(
  name: string,
  config: Config,
  known: HardwareLimits,
): HardwareLimits {
  const limit = (key: 'temperature' | 'storage' | 'memory'): Limit => {
    const own = config.getOptionalConfig(key);
    const warning = own?.getOptionalNumber('warning') ?? known[key].warning;
    const critical = own?.getOptionalNumber('critical') ?? known[key].critical;
    if (warning <= critical) return { warning, critical };
    throw new InputError(
      `delivery.devices.hardware.${name}.${key} warns only above what is critical.`,
    );
  };
  return {
    ...known,
    title: config.getOptionalString('title') ?? known.title,
    temperature: limit('temperature'),
    storage: limit('storage'),
    memory: limit('memory'),
    graphicsProcessors:
      config.getOptionalNumber('graphicsProcessors') ??
      known.graphicsProcessors,
  };
}

/** A full address, or a path in the fleet repository. */
function readInventoryUrl(
  root: Config,
  integrations: Pick<ScmIntegrations, 'byUrl'>,
): string | undefined {
  const own = root.getOptionalString('delivery.devices.inventory');
  if (own !== undefined && /^https?:\/\//.test(own)) return own;
  const repository = root.getOptionalString('delivery.fleet.repository');
  if (repository === undefined) return undefined;
  const branch = root.getOptionalString('delivery.fleet.branch') ?? 'main';
  const folder = repository.replace(/\/+$/, '').replace(/\.git$/, '');
  const path = (own ?? 'fleet.yaml').replace(/^\/+/, '');
  const kind = integrations.byUrl(repository)?.type;
  if (kind === 'gitlab') return `${folder}/-/blob/${branch}/${path}`;
  return kind === 'gitea'
    ? `${folder}/src/branch/${branch}/${path}`
    : `${folder}/blob/${branch}/${path}`;
}
