// SPDX-License-Identifier: Apache-2.0
import { later, type Instant, type Milliseconds } from '../../time';

/** What the portal can tell an engine that does not ask. */
export type EngineOrder =
  /** Stay as it is, whatever its own plan says. */
  | { readonly kind: 'pause' | 'resume'; readonly revision: string }
  /** Leave the pause that it stands at. */
  | {
      readonly kind: 'goOn';
      readonly revision: string;
      /** Names that pause, as {@link CanaryRun.pause} does. */
      readonly pause: string;
    }
  /** Make the new version the stable one, without the steps that are left. */
  | { readonly kind: 'promoteFully'; readonly revision: string }
  /** Give the new version up: all traffic goes back to the stable one. */
  | { readonly kind: 'abort'; readonly revision: string }
  /** Begin anew with a version that was given up before. */
  | { readonly kind: 'retry'; readonly revision: string };

export type EngineOrderKind = EngineOrder['kind'];

/** What became of an order when it was given. That it was followed shows in the cluster, not here. */
export type OrderOutcome =
  /** The cluster took it, or the engine's object was so already. */
  | 'accepted'
  /** The engine had moved on before it could be given. */
  | 'overtaken'
  /** The cluster forbids it. */
  | 'refused';

/** The last order to an engine. */
export interface GivenOrder {
  readonly at: Instant;
  readonly order: EngineOrder;
  readonly outcome: OrderOutcome;
  /** Why it was refused. */
  readonly message?: string;
}

/** How long an engine may need to follow an order before it is told again. */
const PATIENCE: Milliseconds = 60_000;

/** When an order may be given again that was given before; undefined when it was another one. */
export function againAt(
  given: GivenOrder | undefined,
  order: EngineOrder,
): Instant | undefined {
  return given && isSame(given.order, order)
    ? later(given.at, PATIENCE)
    : undefined;
}

function isSame(one: EngineOrder, other: EngineOrder): boolean {
  return (
    one.kind === other.kind &&
    one.revision === other.revision &&
    pauseOf(one) === pauseOf(other)
  );
}

function pauseOf(order: EngineOrder): string | undefined {
  return order.kind === 'goOn' ? order.pause : undefined;
}

/**
 * The portal stopped the engine, or has just let it go on: then that it is stopped is nothing that
 * somebody else did.
 */
export function isPausedFromHere(
  given: GivenOrder | undefined,
  now: Instant,
): boolean {
  if (!given || given.outcome !== 'accepted') return false;
  const { kind } = given.order;
  return (
    kind === 'pause' || (kind === 'resume' && later(given.at, PATIENCE) > now)
  );
}
