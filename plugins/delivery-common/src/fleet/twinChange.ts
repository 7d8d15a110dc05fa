// SPDX-License-Identifier: Apache-2.0
import type { ObservedDevice, ObservedTwinStatus } from './observed';

/** Something that happened to a property of a twin. */
export interface TwinChange {
  readonly cluster: string;
  /** The Node that the KubeEdge device is attached to. */
  readonly node: string;
  readonly namespace: string;
  readonly device: string;
  readonly property: string;
  /** `desired`: somebody has set it here. `reported`: the device reports another value. */
  readonly kind: 'desired' | 'reported';
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly value: string;
  readonly before?: string;
  /** Entity ref, of what was desired. */
  readonly actor?: string;
  readonly reason?: string;
}

/**
 * What a device reports otherwise than before, of the properties that somebody sets. What is only
 * measured is left out: a temperature changes all the time and belongs to telemetry.
 */
export function reportedChanges(
  device: Pick<ObservedDevice, 'namespace' | 'name' | 'node' | 'desired'>,
  cluster: string,
  before: ObservedTwinStatus,
  after: ObservedTwinStatus,
  now: number,
): readonly TwinChange[] {
  const set = new Set(
    device.desired
      .filter(({ value }) => value !== undefined)
      .map(({ property }) => property),
  );
  const known = new Map(
    before.twins.map(({ property, reported }) => [property, reported?.value]),
  );
  return after.twins.flatMap(({ property, reported }) =>
    reported && set.has(property) && reported.value !== known.get(property)
      ? [
          {
            cluster,
            node: device.node,
            namespace: device.namespace,
            device: device.name,
            property,
            kind: 'reported' as const,
            at: Math.min(now, reported.at ?? now),
            value: reported.value,
            before: known.get(property),
          },
        ]
      : [],
  );
}
