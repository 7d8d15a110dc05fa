// SPDX-License-Identifier: Apache-2.0
import type { Drill, DrillOrder, DrillResult, DrillSight } from './drill';
import { openFindings } from './judgeExpectations';

/** A drill at its beginning, with what was seen before its fault. */
export function startDrill(order: DrillOrder, before: DrillSight): Drill {
  return {
    order,
    phase: 'beginning',
    before,
    findings: openFindings(order.kind, order.devices),
    lookedAt: order.requestedAt,
  };
}

/** What a gate has to know of a drill; undefined until it is over. */
export function resultOf({
  order,
  verdict,
  overAt,
  signature,
}: Drill): DrillResult | undefined {
  if (verdict === undefined || overAt === undefined) return undefined;
  return {
    id: order.id,
    kind: order.kind.name,
    release: order.release.id,
    verdict,
    overAt,
    ...(signature && { signature }),
  };
}
