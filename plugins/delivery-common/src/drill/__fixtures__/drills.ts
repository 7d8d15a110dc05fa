// SPDX-License-Identifier: Apache-2.0
import { later, type Instant } from '../../time';
import { drillKindNamed } from '../catalogue';
import type { DeviceSight, Drill, DrillOrder, DrillSight } from '../drill';
import type { DrillKind } from '../drillKind';
import type { DrillCandidate } from '../mayDrill';
import { startDrill } from '../startDrill';

export const began: Instant = '2026-11-22T08:00:00.000Z';
export const jetson = 'edge-staging/bench-jetson-01';
const pi = 'edge-staging/bench-pi-01';

/** So many seconds after the drill was asked for. */
export function at(seconds: number): Instant {
  return later(began, seconds * 1_000);
}

export function kindNamed(name: string): DrillKind {
  const kind = drillKindNamed(name);
  if (!kind) throw new Error(`There is no drill ${name}`);
  return kind;
}

/** A device as it is when all is well. */
export function well(change: Partial<DeviceSight> = {}): DeviceSight {
  return {
    site: 'bench',
    connectivity: 'live',
    health: 'ok',
    pods: { 'vision-a': { running: true, restarts: 1 } },
    isRelease: true,
    temperature: { value: 55, critical: 95 },
    processors: 40,
    ...change,
  };
}

export const away = well({ connectivity: 'offline', health: 'unknown' });

/** What is seen of the drilled device, and of the other one at its site. */
export function sight(
  drilled: DeviceSight | undefined = well(),
  other: DeviceSight | undefined = well(),
): DrillSight {
  return {
    ...(drilled && { [jetson]: drilled }),
    ...(other && { [pi]: other }),
  };
}

export function anOrder(change: Partial<DrillOrder> = {}): DrillOrder {
  return {
    id: 'drill-1',
    service: 'component:default/vision',
    stage: 'edge-staging',
    kind: kindNamed('offline-5m'),
    release: { id: 'release-1', version: '2.8.1', images: [] },
    targets: [],
    devices: [
      {
        id: jetson,
        cluster: 'edge-staging',
        name: 'bench-jetson-01',
        site: 'bench',
        hardware: 'jetson-orin-nx',
      },
    ],
    longest: 2 * 3_600_000,
    reason: 'Before the edge.',
    requestedBy: 'user:default/ines',
    requestedAt: began,
    ...change,
  };
}

export function aDrill(
  kind: DrillKind,
  order: Partial<DrillOrder> = {},
): Drill {
  return startDrill(anOrder({ kind, ...order }), sight());
}

/** A device that may be drilled. */
export function aCandidate(
  change: Partial<Omit<DrillCandidate, 'axes'>> & {
    readonly axes?: Partial<DrillCandidate['axes']>;
  } = {},
): DrillCandidate {
  const { axes, ...rest } = change;
  const name = rest.name ?? 'bench-jetson-01';
  return {
    id: `edge-staging/${name}`,
    cluster: 'edge-staging',
    name,
    site: 'bench',
    hardware: 'jetson-orin-nx',
    release: { id: 'release-1', version: '2.8.1' },
    ...rest,
    axes: {
      connectivity: 'live',
      health: 'ok',
      applications: 'healthy',
      update: 'upToDate',
      isolation: 'none',
      ...axes,
    },
  };
}
