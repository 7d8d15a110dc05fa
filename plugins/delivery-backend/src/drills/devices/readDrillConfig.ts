// SPDX-License-Identifier: Apache-2.0
import type { Config } from '@backstage/config';

/** `delivery.drills.jobs` of the portal's configuration: how faults are brought about on real devices. */
export interface FaultJobConfig {
  /** Names of the clusters whose devices are drilled by Jobs. */
  readonly clusters: readonly string[];
  readonly namespace: string;
  readonly image: string;
  /** Seconds that a Job may take until it has begun a fault. */
  readonly start: number;
  /** Seconds from the end of that Job to a fault of the network, in which the cluster hears of it. */
  readonly lead: number;
  /** Seconds after its time in which a device ends a fault by itself, should nobody else. */
  readonly grace: number;
}

/**
 * Reads `delivery.drills.jobs`; undefined without it.
 * @throws Error for a setting that makes no sense, naming it
 */
export function readDrillConfig(config: Config): FaultJobConfig | undefined {
  const own = config.getOptionalConfig('delivery.drills.jobs');
  if (!own) return undefined;
  const clusters = own.getStringArray('clusters');
  if (clusters.length === 0) {
    throw new Error('delivery.drills.jobs.clusters must name a cluster');
  }
  return {
    clusters,
    namespace: own.getString('namespace'),
    image: own.getString('image'),
    start: secondsIn(own, 'startSeconds', 90),
    lead: secondsIn(own, 'leadSeconds', 20),
    grace: secondsIn(own, 'graceSeconds', 120),
  };
}

function secondsIn(config: Config, key: string, otherwise: number): number {
  const value = config.getOptionalNumber(key) ?? otherwise;
  if (Number.isSafeInteger(value) && value >= 5 && value <= 600) return value;
  throw new Error(
    `delivery.drills.jobs.${key} must be a whole number from 5 to 600`,
  );
}
