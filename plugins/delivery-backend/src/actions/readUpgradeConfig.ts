// SPDX-License-Identifier: Apache-2.0
import type { Config } from '@backstage/config';
import {
  canBeExpected,
  type ExpectedSystem,
} from '@causeway/plugin-delivery-common';
import type { PlanSettings } from './kubernetes/AttemptPlan';
import type { EdgeCoreUpgradeSettings } from './kubernetes/upgradeEdgeCore';
import type { K3sUpgradeSettings } from './kubernetes/upgradeK3s';
import type { OsUpgradeSettings } from './kubernetes/upgradeOs';

/** `delivery.actions.upgrades` of the portal's configuration; what is left out is not offered. */
export interface UpgradeConfig {
  readonly k3s?: K3sUpgradeSettings;
  readonly edgeCore?: EdgeCoreUpgradeSettings;
  /** One for each version of each upgrade. */
  readonly os?: readonly OsUpgradeSettings[];
}

/** `registry.example:5000/name/of/image`: nothing that means something to a shell. */
const repository =
  '[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?(?:\\/[a-z0-9]+(?:(?:\\.|_{1,2}|-{1,2})[a-z0-9]+)*){1,10}';
/** Without a tag and a digest. */
const untagged = new RegExp(`^${repository}$`);
const image = new RegExp(
  `^${repository}(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
);
const digest = /^sha256:[0-9a-f]{64}$/;
/** A tag of an image and the value of a label. */
const osVersion = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const objectName = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const knownChecks = ['cpu', 'mem', 'disk'];

/**
 * Reads `delivery.actions.upgrades`.
 * @param upgrades - undefined when there is none
 * @throws Error for a setting that makes no sense, naming it
 */
export function readUpgradeConfig(upgrades: Config | undefined): UpgradeConfig {
  const k3s = upgrades?.getOptionalConfig('k3s');
  const edgeCore = upgrades?.getOptionalConfig('edgeCore');
  const os = upgrades?.getOptionalConfig('os');
  const ofSystems = os?.keys().flatMap(name => readOs(name, os)) ?? [];
  return {
    ...(k3s && { k3s: readK3s(k3s) }),
    ...(edgeCore && { edgeCore: readEdgeCore(edgeCore) }),
    ...(ofSystems.length > 0 && { os: ofSystems }),
  };
}

function readK3s(config: Config): K3sUpgradeSettings {
  return {
    ...readPlan(config, 1_800),
    image: repositoryIn(config, 'rancher/k3s-upgrade'),
    servers: config.getOptionalBoolean('servers') ?? false,
    clusters: config.getOptionalStringArray('clusters'),
  };
}

function readPlan(config: Config, usualTimeout: number): PlanSettings {
  return {
    namespace: matching(config, 'namespace', {
      pattern: objectName,
      means: 'the name of a namespace',
      usual: 'system-upgrade',
    }),
    serviceAccount: matching(config, 'serviceAccount', {
      pattern: objectName,
      means: 'the name of a service account',
      usual: 'system-upgrade',
    }),
    timeoutSeconds: seconds(config, usualTimeout),
  };
}

/** The versions of one upgrade of operating systems, each with what is expected of it. */
function readOs(name: string, all: Config): readonly OsUpgradeSettings[] {
  if (!objectName.test(name) || name.length > 40) {
    throw wrong(
      `os.${name}`,
      'must be named by small letters, digits and hyphens, 40 at most',
    );
  }
  const config = all.getConfig(name);
  const common = {
    ...readPlan(config, 3_600),
    name,
    title: config.getOptionalString('title') ?? name,
    upgrade: {
      image: matching(config, 'image', {
        pattern: image,
        means:
          'an image such as registry.example/os/upgrade, in small letters; without a tag, the version is the tag',
      }),
      command: config.getOptionalStringArray('command'),
      args: config.getOptionalStringArray('args'),
    },
    hardware: config.getOptionalStringArray('hardware'),
    servers: config.getOptionalBoolean('servers') ?? false,
    clusters: config.getOptionalStringArray('clusters'),
  };
  const versions = config.getConfigArray('versions').map(each => ({
    ...common,
    version: matching(each, 'version', {
      pattern: osVersion,
      means:
        'letters, digits, dots, hyphens and underscores, 63 at most, since it becomes a label',
    }),
    ...readExpected(each.getOptionalConfig('expect')),
  }));
  const distinct = new Set(versions.map(({ version }) => version));
  if (versions.length === 0 || distinct.size < versions.length) {
    throw wrong(`os.${name}.versions`, 'must name each version once, and one');
  }
  return versions;
}

function readExpected(config: Config | undefined): {
  readonly expect?: ExpectedSystem;
} {
  if (!config) return {};
  const system = (key: 'osImage' | 'kernelVersion') => {
    const text = config.getOptionalString(key);
    if (text !== undefined && !canBeExpected(text)) {
      throw wrong(
        `expect.${key}`,
        'must be the text itself, or a regular expression between slashes',
      );
    }
    return text !== undefined && { [key]: text };
  };
  const reboot = config.getOptionalBoolean('reboot') ?? false;
  const expect = { ...system('osImage'), ...system('kernelVersion'), reboot };
  if (!reboot && Object.keys(expect).length === 1) {
    throw wrong('expect', 'must name osImage, kernelVersion or reboot');
  }
  return { expect };
}

function readEdgeCore(config: Config): EdgeCoreUpgradeSettings {
  const checks = config.getOptionalStringArray('checks') ?? ['disk'];
  if (!checks.every(check => knownChecks.includes(check))) {
    throw wrong('checks', `may name ${knownChecks.join(', ')} only`);
  }
  const digests = config.getOptionalConfig('digests');
  const digestOf = (architecture: string) =>
    digests?.has(architecture) && {
      [architecture]: matching(digests, architecture, {
        pattern: digest,
        means: 'sha256: and 64 hexadecimal digits',
      }),
    };
  return {
    image: repositoryIn(config, 'kubeedge/installation-package'),
    ...(digests && {
      digests: { ...digestOf('arm64'), ...digestOf('amd64') },
    }),
    checks,
    requireConfirmation:
      config.getOptionalBoolean('requireConfirmation') ?? false,
    timeoutSeconds: seconds(config, 600),
    clusters: config.getOptionalStringArray('clusters'),
  };
}

function repositoryIn(config: Config, usual: string): string {
  return matching(config, 'image', {
    pattern: untagged,
    means:
      'a repository such as registry.example/tools/upgrade, in small letters and without tag or digest: the version is the tag',
    usual,
  });
}

function matching(
  config: Config,
  key: string,
  rule: {
    readonly pattern: RegExp;
    readonly means: string;
    readonly usual?: string;
  },
): string {
  const value = config.getOptionalString(key) ?? rule.usual ?? '';
  if (!rule.pattern.test(value)) throw wrong(key, `must be ${rule.means}`);
  return value;
}

function seconds(config: Config, usual: number): number {
  const value = config.getOptionalNumber('timeoutSeconds') ?? usual;
  if (Number.isSafeInteger(value) && value >= 60 && value <= 86_400) {
    return value;
  }
  throw wrong('timeoutSeconds', 'must be a whole number from 60 to 86400');
}

function wrong(key: string, rule: string): Error {
  return new Error(`delivery.actions.upgrades: ${key} ${rule}`);
}
