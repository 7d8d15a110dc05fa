// SPDX-License-Identifier: Apache-2.0
import type { Connectivity, Hold, Isolation, Platform } from '../fleet/device';
import { sayHold, whyNotLetGo, type OperatorHold } from './operatorHold';
import type { Milliseconds } from '../time';

/** Why something is not done. */
export interface ActionRefusal {
  /** Stable, for example `deviceAway`. */
  readonly code: string;
  /** A sentence for people. */
  readonly message: string;
}

/** A device as far as actions on it depend on it. */
export interface ActionDevice {
  readonly cluster: string;
  readonly name: string;
  readonly site?: string;
  readonly connectivity: Connectivity;
  readonly isolation: Isolation;
  /** Whether its cluster is heard from now. */
  readonly clusterLive: boolean;
  /** What keeps it from being updated, if anything. */
  readonly hold?: Hold;
  /** What its Node says of that. */
  readonly operatorHold?: OperatorHold;
  /** What makes a node of it. */
  readonly platform?: Platform;
  /** What its kubelet says of itself: `v1.36.3+k3s1`. */
  readonly version?: string;
  /** Of KubeEdge. */
  readonly edgeVersion?: string;
  readonly hardware?: string;
  /** What its kubelet says of its operating system. */
  readonly osImage?: string;
  readonly kernelVersion?: string;
  /** Of its Node. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Kinds of its cluster that actions need and that are known not to be served there. */
  readonly unserved?: readonly NeededKind[];
}

/** The kinds beyond Kubernetes that actions need, by their full names. */
export const neededKinds = {
  'plans.upgrade.cattle.io': {
    api: 'upgrade.cattle.io/v1',
    without:
      'The cluster knows no Plans: system-upgrade-controller is not installed there.',
  },
  'nodeupgradejobs.operations.kubeedge.io': {
    api: 'operations.kubeedge.io/v1alpha2',
    without:
      'The cluster knows no NodeUpgradeJobs of operations.kubeedge.io/v1alpha2: KubeEdge 1.21 or newer is not installed there.',
  },
} as const;
export type NeededKind = keyof typeof neededKinds;

/** Why nothing comes of an action that needs a kind which the device's cluster does not serve. */
export function whyUnserved(
  { unserved }: Pick<ActionDevice, 'unserved'>,
  kind: NeededKind,
): ActionRefusal | undefined {
  return unserved?.includes(kind)
    ? { code: 'notInstalled', message: neededKinds[kind].without }
    : undefined;
}

/** What can be set when an action is asked for. Nothing else is taken from a request. */
export interface ActionParameter {
  readonly name: string;
  readonly title: string;
  readonly required: boolean;
  readonly rule: ActionParameterRule;
  /** What a device has of it now, for people who choose. Pure. */
  readonly present?: (device: ActionDevice) => string | undefined;
}

export type ActionParameterRule =
  | {
      readonly type: 'text';
      /** Of the whole text; a regular expression without flags. */
      readonly pattern: string;
      /** What the pattern means, in words. */
      readonly means: string;
      readonly maximumLength: number;
    }
  | {
      readonly type: 'integer';
      readonly minimum: number;
      readonly maximum: number;
      /** What counts when it is left out. */
      readonly usual: number;
    }
  | { readonly type: 'choice'; readonly choices: readonly ActionChoice[] };

/** One of the values that a parameter may have. */
export interface ActionChoice {
  readonly value: string;
  readonly title: string;
  /** Whether it is offered for a device; for all when left out. Pure. */
  readonly suits?: (device: ActionDevice) => boolean;
}

/** The values of parameters, checked. */
export type ActionParameters = Readonly<Record<string, string | number>>;

/**
 * A kind of action: what it means for a device, and when it may be done. Everything here is said by
 * whoever brings the kind, never by a request.
 */
export interface ActionKind {
  /** Letters and digits, beginning with a small letter. */
  readonly name: string;
  readonly title: string;
  /** What it does to the device and to what runs there, in a sentence or two. */
  readonly consequence: string;
  /** Takes away or interrupts something, so that many at once need a second person. */
  readonly destructive: boolean;
  /** Counts against the number of devices of a site that are interrupted at once. */
  readonly interrupts: boolean;
  /**
   * What becomes of it while the device is away: it waits for the device, needs the API server alone,
   * or makes no sense.
   */
  readonly away: 'waits' | 'works' | 'senseless';
  /** Why it makes no sense while the device is away. */
  readonly awayReason?: string;
  /** Whether it can be stopped after it has begun. */
  readonly stoppable: boolean;
  /** How long an attempt may take. */
  readonly timeout: Milliseconds;
  /** How often it is tried at most. */
  readonly attempts: number;
  readonly parameters: readonly ActionParameter[];
  /**
   * Why a device can not have it, whatever happens to be the case with it now: it is not offered
   * there at all. Pure.
   */
  readonly unsuited?: (device: ActionDevice) => ActionRefusal | undefined;
  /**
   * Why it makes no sense for a device as it is now. Without parameters nobody has chosen any yet, and
   * only what holds for all of them is a reason. Pure.
   */
  readonly refuse?: (
    device: ActionDevice,
    parameters?: ActionParameters,
  ) => ActionRefusal | undefined;
}

const minute = 60_000;

function alreadySo(message: string): ActionRefusal {
  return { code: 'alreadySo', message };
}

const workload: ActionParameter = {
  name: 'workload',
  title: 'Workload',
  required: true,
  rule: {
    type: 'text',
    pattern:
      '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?',
    means: 'namespace/name',
    maximumLength: 317,
  },
};

const held: ActionParameter = {
  name: 'held',
  title: 'Text of the hold',
  required: false,
  rule: {
    type: 'text',
    pattern: '[^\\r\\n]+',
    means: 'the text of the hold, only where somebody else has put it there',
    maximumLength: 500,
  },
  present: ({ operatorHold }) => operatorHold?.text,
};

/** The kinds that need nothing but the Kubernetes API. */
export const coreActionKinds = {
  cordon: {
    name: 'cordon',
    title: 'Cordon',
    consequence:
      'No new work is placed on the device. What runs there goes on running.',
    destructive: false,
    interrupts: false,
    away: 'works',
    stoppable: true,
    timeout: 5 * minute,
    attempts: 3,
    parameters: [],
    refuse: ({ isolation }) =>
      isolation === 'none'
        ? undefined
        : alreadySo('The device already takes no new work.'),
  },
  uncordon: {
    name: 'uncordon',
    title: 'Uncordon',
    consequence: 'The device takes new work again.',
    destructive: false,
    interrupts: false,
    away: 'works',
    stoppable: true,
    timeout: 5 * minute,
    attempts: 3,
    parameters: [],
    refuse: ({ isolation }) => {
      if (isolation === 'none') {
        return alreadySo('The device is not cordoned.');
      }
      return isolation === 'quarantined'
        ? {
            code: 'quarantined',
            message: 'The device is quarantined. Release it instead.',
          }
        : undefined;
    },
  },
  drain: {
    name: 'drain',
    title: 'Drain',
    consequence:
      'The device is cordoned and its pods are moved elsewhere, as far as their disruption budgets allow. Pods of DaemonSets stay. What can run only here stops.',
    destructive: true,
    interrupts: true,
    away: 'senseless',
    awayReason:
      'Evictions never finish while the device is away, because only it can say that a pod has stopped.',
    stoppable: true,
    timeout: 30 * minute,
    attempts: 1,
    parameters: [],
  },
  restart: {
    name: 'restart',
    title: 'Restart app',
    consequence:
      'The pods of one workload on this device are stopped and started again, one moment without it at least.',
    destructive: true,
    interrupts: true,
    away: 'waits',
    stoppable: true,
    timeout: 15 * minute,
    attempts: 2,
    parameters: [workload],
  },
  quarantine: {
    name: 'quarantine',
    title: 'Quarantine',
    consequence:
      'The device is cordoned and tainted, and network policies keep its pods from talking to anybody. What runs there goes on running, alone.',
    destructive: true,
    interrupts: false,
    away: 'works',
    stoppable: false,
    timeout: 5 * minute,
    attempts: 3,
    parameters: [],
    refuse: ({ isolation }) =>
      isolation === 'quarantined'
        ? alreadySo('The device is quarantined already.')
        : undefined,
  },
  release: {
    name: 'release',
    title: 'Release from quarantine',
    consequence:
      'Taint, cordon and network policies of the quarantine are taken away. The device takes work again.',
    destructive: false,
    interrupts: false,
    away: 'works',
    stoppable: false,
    timeout: 5 * minute,
    attempts: 3,
    parameters: [],
    refuse: ({ isolation }) =>
      isolation === 'quarantined'
        ? undefined
        : alreadySo('The device is not quarantined.'),
  },
  pin: {
    name: 'pin',
    title: 'Pin',
    consequence:
      'The device keeps what it runs: waves leave it out and nobody upgrades it from here, until it is unpinned. What Kubernetes updates by itself is updated still; the receipt names it.',
    destructive: false,
    interrupts: false,
    away: 'works',
    stoppable: true,
    timeout: 5 * minute,
    attempts: 3,
    parameters: [],
    refuse: ({ operatorHold }) =>
      operatorHold && alreadySo(`${sayHold(operatorHold)} It stays so.`),
  },
  unpin: {
    name: 'unpin',
    title: 'Unpin',
    consequence:
      'The device is updated again: the next wave may take it. A hold that somebody else has put there goes only with its text.',
    destructive: false,
    interrupts: false,
    away: 'works',
    stoppable: true,
    timeout: 5 * minute,
    attempts: 3,
    parameters: [held],
    refuse: ({ hold, operatorHold }, parameters) => {
      if (operatorHold) {
        return parameters && whyNotLetGo(operatorHold, parameters.held);
      }
      return hold === 'device'
        ? {
            code: 'heldByDevice',
            message:
              'The device itself holds an update back (KubeEdge). Only somebody there can let it go, by keadm ctl unhold-upgrade.',
          }
        : alreadySo('The device is not pinned.');
    },
  },
  logs: {
    name: 'logs',
    title: 'Collect logs',
    consequence:
      'The last lines of every pod on the device are read and kept with the receipt, secrets blacked out.',
    destructive: false,
    interrupts: false,
    away: 'waits',
    stoppable: true,
    timeout: 5 * minute,
    attempts: 3,
    parameters: [
      {
        name: 'lines',
        title: 'Lines of each container',
        required: false,
        rule: { type: 'integer', minimum: 1, maximum: 2_000, usual: 200 },
      },
    ],
  },
} as const satisfies Readonly<Record<string, ActionKind>>;
