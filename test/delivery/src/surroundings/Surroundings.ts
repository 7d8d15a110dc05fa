// SPDX-License-Identifier: Apache-2.0

/** The names of the demo world's clusters, in the order of the pipeline. */
export const clusterNames = [
  'cloud-staging',
  'cloud-production',
  'edge-staging',
  'edge-production',
] as const;

export type ClusterName = (typeof clusterNames)[number];

/** A value for each cluster of the demo. */
export function byName<Value>(
  valueOf: (name: ClusterName) => Value,
): Readonly<Record<ClusterName, Value>> {
  return {
    'cloud-staging': valueOf('cloud-staging'),
    'cloud-production': valueOf('cloud-production'),
    'edge-staging': valueOf('edge-staging'),
    'edge-production': valueOf('edge-production'),
  };
}

/** How to reach a cluster as an administrator. */
export interface ClusterAddress {
  readonly url: string;
  readonly token: string;
  /** PEM of the certificate authority. */
  readonly ca: string;
}

/** Everything around a portal: clusters, forge, CI and database. */
export interface Surroundings {
  readonly dataDirectory: string;
  readonly portalPort: number;
  /** What app-config.yaml and app-config.simulation.yaml read. */
  readonly environment: Readonly<Record<string, string>>;
  /** Configuration on top of both. */
  readonly overlay: object;
  /** Base URL of the forge. */
  readonly forge: string;
  readonly forgePassword: string;
  readonly releaseSecret: string;
  cluster(name: ClusterName): ClusterAddress;
  stop(): Promise<void>;
}
