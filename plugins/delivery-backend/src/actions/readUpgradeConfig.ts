// SPDX-License-Identifier: Apache-2.0
import type { Config } from '@backstage/config';
import type { EdgeCoreUpgradeSettings } from './kubernetes/upgradeEdgeCore';
import type { K3sUpgradeSettings } from './kubernetes/upgradeK3s';

/** `delivery.actions.upgrades` of the portal's configuration; what is left out is not offered. */
export interface UpgradeConfig {
  readonly k3s?: K3sUpgradeSettings;
  readonly edgeCore?: EdgeCoreUpgradeSettings;
}

/** `registry.example:5000/name/of/image`: no tag, no digest, and nothing that means something to a shell. */
const image =
  /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-{1,2})[a-z0-9]+)*){1,10}$/;
const digest = /^sha256:[0-9a-f]{64}$/;
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
  return {
    ...(k3s && { k3s: readK3s(k3s) }),
    ...(edgeCore && { edgeCore: readEdgeCore(edgeCore) }),
  };
}

function readK3s(config: Config): K3sUpgradeSettings {
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
    image: imageIn(config, 'rancher/k3s-upgrade'),
    servers: config.getOptionalBoolean('servers') ?? false,
    timeoutSeconds: seconds(config, 1_800),
    clusters: config.getOptionalStringArray('clusters'),
  };
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
    image: imageIn(config, 'kubeedge/installation-package'),
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

function imageIn(config: Config, usual: string): string {
  return matching(config, 'image', {
    pattern: image,
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
