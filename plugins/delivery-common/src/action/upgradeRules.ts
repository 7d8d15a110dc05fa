// SPDX-License-Identifier: Apache-2.0
import { compareVersions } from '../release/compareVersions';
import type { ActionRefusal } from './actionKind';

/** A release of K3s. No prereleases; nothing but digits, so that no text can become anything else. */
export const k3sVersionPattern =
  'v1\\.(?:0|[1-9]\\d?)\\.(?:0|[1-9]\\d?)\\+k3s[1-9]\\d?';

/** A release of KubeEdge, likewise: its versions become a part of a command line on the device. */
export const edgeCoreVersionPattern = 'v1\\.(?:0|[1-9]\\d?)\\.(?:0|[1-9]\\d?)';

/** So many minor versions a kubelet may be older than its API server. */
const oldestKubelet = 3;

/** What an upgrade of K3s is judged by. */
export interface K3sUpgrade {
  /** Of the node now, as its kubelet tells it. */
  readonly present: string | undefined;
  readonly wanted: string;
  /** Of the API server; undefined when it was not asked yet, and then nothing is said of it. */
  readonly apiServer?: string;
  /** Whether the node is a server, which brings an API server of its own. */
  readonly isServer: boolean;
}

/**
 * Why K3s on a node should not become that version. The rules are those of Kubernetes for the skew of
 * versions, and of K3s, which never goes back and takes servers before agents.
 */
export function whyNotUpgradeK3s({
  present,
  wanted,
  apiServer,
  isServer,
}: K3sUpgrade): ActionRefusal | undefined {
  return (
    whyNotNewer('K3s', present, wanted) ??
    (isServer ? whyNotServer(present, wanted) : undefined) ??
    (apiServer === undefined || isServer
      ? undefined
      : whyNotBeside(apiServer, wanted))
  );
}

/** Why EdgeCore on a node should not become that version. */
export function whyNotUpgradeEdgeCore(
  present: string | undefined,
  wanted: string,
): ActionRefusal | undefined {
  return whyNotNewer('EdgeCore', present, wanted);
}

function whyNotNewer(
  what: string,
  present: string | undefined,
  wanted: string,
): ActionRefusal | undefined {
  const order = present === undefined ? undefined : compare(wanted, present);
  if (order === undefined) {
    return {
      code: 'unknownVersion',
      message: `What ${what} runs there now is not known (${
        present ?? 'nothing is told'
      }), so nobody knows whether ${wanted} is newer.`,
    };
  }
  if (order === 0) {
    return { code: 'alreadySo', message: `It runs ${wanted} already.` };
  }
  return order < 0
    ? {
        code: 'downgrade',
        message: `It runs ${present}, and ${what} never goes back to an older version.`,
      }
    : undefined;
}

/** A server goes one minor version at a time: its own API server is the one that skew counts from. */
function whyNotServer(
  present: string | undefined,
  wanted: string,
): ActionRefusal | undefined {
  return minorOf(wanted) - minorOf(present ?? '') > 1
    ? {
        code: 'skipsVersions',
        message: `A server goes one minor version at a time, and from ${present} to ${wanted} are more.`,
      }
    : undefined;
}

function whyNotBeside(
  apiServer: string,
  wanted: string,
): ActionRefusal | undefined {
  const order = compareVersions(wanted, apiServer);
  if (order === undefined) {
    return {
      code: 'unknownVersion',
      message: `The API server does not tell a version that can be compared (${apiServer}).`,
    };
  }
  if (order > 0) {
    return {
      code: 'newerThanServer',
      message: `The API server runs ${apiServer}. No kubelet may be newer than its API server; upgrade the servers first.`,
    };
  }
  return minorOf(apiServer) - minorOf(wanted) > oldestKubelet
    ? {
        code: 'olderThanServer',
        message: `The API server runs ${apiServer}. A kubelet may be ${oldestKubelet} minor versions older at most, and ${wanted} is more.`,
      }
    : undefined;
}

/** As `compareVersions`, and then by the number that K3s counts its builds of a version with. */
function compare(one: string, other: string): number | undefined {
  const order = compareVersions(one, other);
  return order === 0 ? buildOf(one) - buildOf(other) : order;
}

function buildOf(version: string): number {
  return Number(/\+k3s(\d{1,9})$/.exec(version)?.[1] ?? 0);
}

function minorOf(version: string): number {
  return Number(/^v?1\.(\d{1,9})\./.exec(version)?.[1] ?? NaN);
}
