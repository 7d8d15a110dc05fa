// SPDX-License-Identifier: Apache-2.0
import type { Milliseconds } from '../time';
import {
  whyUnserved,
  type ActionDevice,
  type ActionKind,
  type ActionRefusal,
} from './actionKind';
import {
  elsewhere,
  isServer,
  unsuited,
  upgrade,
  whyHeld,
} from './upgradeKinds';

/** What a Node has to tell after an upgrade of its operating system. */
export interface ExpectedSystem {
  /** Word for word, or between slashes a regular expression of the whole. */
  readonly osImage?: string;
  /** Likewise. */
  readonly kernelVersion?: string;
  /** Whether the device has to boot anew. */
  readonly reboot: boolean;
}

/** What a Node tells of its operating system. */
export interface ToldSystem {
  readonly osImage?: string;
  readonly kernelVersion?: string;
  readonly bootId?: string;
}

/** An upgrade of operating systems that an operator of the portal has set up. */
export interface OsUpgrade {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** Kinds of hardware that it is for; all when left out. */
  readonly hardware?: readonly string[];
  /** Whether servers, which run the API server of their cluster, are upgraded too. */
  readonly servers: boolean;
  /** Names of clusters that it is offered in; all when left out. */
  readonly clusters?: readonly string[];
  /** Undefined when nothing is known of what a Node tells afterwards. */
  readonly expect?: ExpectedSystem;
}

/** The one parameter: which of the upgrades, in which version. */
export const osUpgradeParameter = 'upgrade';

/** What a request names an upgrade by. */
export function osUpgradeId({
  name,
  version,
}: Pick<OsUpgrade, 'name' | 'version'>): string {
  return `${name}@${version}`;
}

/** Upgrades of operating systems by system-upgrade-controller: each is one that was set up before. */
export function osUpgradeKind({
  upgrades,
  timeout,
}: {
  readonly upgrades: readonly OsUpgrade[];
  readonly timeout: Milliseconds;
}): ActionKind {
  return {
    ...upgrade,
    name: 'upgradeOs',
    title: 'Upgrade OS',
    consequence:
      'A Job changes the operating system of the device, as this portal was set up to. The device is cordoned meanwhile and may boot anew; what runs there stops then.',
    timeout,
    parameters: [
      {
        name: osUpgradeParameter,
        title: 'Upgrade',
        required: true,
        rule: {
          type: 'choice',
          choices: upgrades.map(each => ({
            value: osUpgradeId(each),
            title: `${each.title} ${each.version}`,
            suits: device => whyUnsuited(each, device) === undefined,
          })),
        },
        present: device =>
          device.osImage === undefined ? undefined : saySystem(device),
      },
    ],
    unsuited(device) {
      const reasons = upgrades.map(each => whyUnsuited(each, device));
      return reasons.every(reason => reason !== undefined)
        ? reasons[0]
        : undefined;
    },
    refuse(device, parameters) {
      const chosen =
        parameters &&
        upgrades.find(
          each => osUpgradeId(each) === parameters[osUpgradeParameter],
        );
      return (
        whyUnserved(device, 'plans.upgrade.cattle.io') ??
        whyHeld(device) ??
        (chosen &&
          (whyUnsuited(chosen, device) ?? whyAlready(chosen.expect, device)))
      );
    },
  };
}

/** What a Node tells of its system, in words. */
export function saySystem({ osImage, kernelVersion }: ToldSystem): string {
  return `${osImage ?? 'no operating system'}, kernel ${
    kernelVersion ?? 'unknown'
  }`;
}

/**
 * What of the expectation a Node does not tell, in words; undefined when it tells all of it. What was
 * true before the upgrade proves nothing: see `whyAlready`.
 */
export function whyNotAsExpected(
  expect: ExpectedSystem,
  now: ToldSystem,
  before: ToldSystem,
): string | undefined {
  const { osImage, kernelVersion, reboot } = expect;
  if (osImage !== undefined && !tells(osImage, now.osImage)) {
    return `Its operating system has to be ${osImage}.`;
  }
  if (kernelVersion !== undefined && !tells(kernelVersion, now.kernelVersion)) {
    return `Its kernel has to be ${kernelVersion}.`;
  }
  const isBooted =
    Boolean(now.bootId) &&
    Boolean(before.bootId) &&
    now.bootId !== before.bootId;
  return reboot && !isBooted ? 'It has not booted anew.' : undefined;
}

/** Why an upgrade could not be told from none: the device tells already what it should tell afterwards. */
export function whyAlready(
  expect: ExpectedSystem | undefined,
  now: ToldSystem,
): ActionRefusal | undefined {
  // Only a boot can be seen of one that is as expected before.
  if (!expect || expect.reboot) return undefined;
  return whyNotAsExpected(expect, now, now) === undefined
    ? {
        code: 'alreadySo',
        message: `It tells ${saySystem(
          now,
        )} already, which is what it should tell afterwards.`,
      }
    : undefined;
}

/** Whether a text says what is expected: something, and no broken regular expression. */
export function canBeExpected(text: string): boolean {
  try {
    tells(text, '');
    return text !== '';
  } catch {
    return false;
  }
}

function tells(expected: string, told: string | undefined): boolean {
  const pattern = /^\/(.+)\/$/.exec(expected)?.[1];
  if (pattern === undefined) return told === expected;
  return new RegExp(`^(?:${pattern})$`).test(told ?? '');
}

function whyUnsuited(
  { title, version, hardware, servers, clusters }: OsUpgrade,
  device: ActionDevice,
): ActionRefusal | undefined {
  if (device.platform === 'kubeedge') {
    return unsuited(
      'It runs KubeEdge, and Jobs of system-upgrade-controller ask the API server from the device.',
    );
  }
  if (isServer(device.labels) && !servers) {
    return unsuited(
      `It is a server of its cluster, and ${title} ${version} is for agents only.`,
    );
  }
  if (hardware && !hardware.includes(device.hardware ?? '')) {
    return unsuited(
      `${title} ${version} is for ${hardware.join(', ')}, and it is ${
        device.hardware ?? 'of no known hardware'
      }.`,
    );
  }
  return elsewhere({ clusters }, device);
}
