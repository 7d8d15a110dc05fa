// SPDX-License-Identifier: Apache-2.0
import type { Coordinates, Platform } from './device';
import type { InventoryDevice, InventorySite } from './inventory';
import type { ObservedNode } from './observed';

/** What a device is and where it stands. */
export interface DeviceIdentity {
  readonly site?: string;
  readonly siteName?: string;
  readonly hardware?: string;
  readonly platform: Platform;
  /** Of the platform, as the node tells it. */
  readonly version?: string;
  /** Of KubeEdge. */
  readonly edgeVersion?: string;
  readonly coordinates?: Coordinates;
  readonly owner?: string;
}

const edgeRole = 'node-role.kubernetes.io/edge';
const agentRole = 'node-role.kubernetes.io/agent';
const instanceType = 'node.kubernetes.io/instance-type';
/** `"false"` says of a node that it is no device, whatever else it looks like. */
const deviceLabel = 'causeway.dev/device';
const siteLabels = ['causeway.dev/site', 'topology.kubernetes.io/zone'];
const hardwareLabels = ['causeway.dev/hardware', 'hw-model'];

/** Labels that make a device of a node. */
const telltales = [
  edgeRole,
  deviceLabel,
  'causeway.dev/site',
  'causeway.dev/hardware',
  'openyurt.io/is-edge-worker',
];

/**
 * Whether a node is a device of the fleet: it stands in the inventory, carries a role or label of
 * the edge, or runs K3s. Servers of a cloud are none. K3s says so by its instance type.
 */
export function isDevice(
  { labels, version }: Pick<ObservedNode, 'labels' | 'version'>,
  inInventory: boolean,
): boolean {
  if (labelOf(labels, deviceLabel) === 'false') return false;
  return (
    inInventory ||
    telltales.some(label => labelOf(labels, label) !== undefined) ||
    platformOf(labels, version) !== 'kubernetes'
  );
}

/**
 * What a node, and the inventory where it knows better, say of a device. The inventory's site comes
 * first and the zone last: KubeEdge writes and removes the zone of the members of its node groups.
 */
export function identifyDevice(
  node: ObservedNode | undefined,
  entry: InventoryDevice | undefined,
  siteEntry: (site: string) => InventorySite | undefined,
): DeviceIdentity {
  const labels = node?.labels ?? {};
  const site = entry?.site ?? firstOf(labels, siteLabels);
  const known = site === undefined ? undefined : siteEntry(site);
  const { version, edgeVersion } = versionsOf(node?.version);
  return {
    site,
    siteName: known?.title ?? node?.siteName,
    hardware: entry?.hardware ?? firstOf(labels, hardwareLabels),
    platform: platformOf(labels, node?.version),
    version,
    edgeVersion,
    coordinates:
      entry?.coordinates ??
      parseCoordinates(node?.coordinates) ??
      known?.coordinates,
    owner: entry?.owner ?? known?.owner,
  };
}

/** Reads `52.37,4.90`: degrees north and east. Anything else is undefined. */
export function parseCoordinates(
  text: string | undefined,
): Coordinates | undefined {
  const match =
    /^\s*(-?\d{1,2}(?:\.\d{1,12})?)\s*,\s*(-?\d{1,3}(?:\.\d{1,12})?)\s*$/.exec(
      text ?? '',
    );
  if (!match) return undefined;
  const [latitude, longitude] = [Number(match[1]), Number(match[2])];
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
    ? { latitude, longitude }
    : undefined;
}

/** KubeEdge names the kubelet that it is built from, and itself: `v1.32.10-kubeedge-v1.23.1`. */
const kubeEdgeVersion = /-kubeedge-(v[0-9A-Za-z.+-]+)$/;

/** The platform's own version, and that of KubeEdge where the node is one of its. */
export function versionsOf(kubelet: string | undefined): {
  readonly version?: string;
  readonly edgeVersion?: string;
} {
  return {
    version: kubelet,
    edgeVersion: kubeEdgeVersion.exec(kubelet ?? '')?.[1],
  };
}

/**
 * KubeEdge sets the edge and agent roles to the empty text at registration, and cloudcore believes
 * only that; K3s sets its instance type.
 */
function platformOf(
  labels: ObservedNode['labels'],
  version: string | undefined,
): Platform {
  const isKubeEdge =
    kubeEdgeVersion.test(version ?? '') ||
    (labelOf(labels, edgeRole) === '' && labelOf(labels, agentRole) === '');
  if (isKubeEdge) return 'kubeedge';
  const isK3s =
    labelOf(labels, instanceType) === 'k3s' || /\+k3s\d+/.test(version ?? '');
  return isK3s ? 'k3s' : 'kubernetes';
}

function firstOf(
  labels: ObservedNode['labels'],
  names: readonly string[],
): string | undefined {
  for (const name of names) {
    const value = labelOf(labels, name);
    if (value) return value;
  }
  return undefined;
}

function labelOf(
  labels: ObservedNode['labels'],
  name: string,
): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}
