// SPDX-License-Identifier: Apache-2.0
import type {
  EngineOrder,
  Freshness,
  OrderOutcome,
  Target,
  TargetState,
} from '@causeway/plugin-delivery-common';

/** Whom a write to a cluster is recorded for. */
export interface OnBehalfOf {
  /** Entity ref of the user, or of the portal itself for automatic steps. */
  readonly actor: string;
  /** Promotion that asks for it. */
  readonly promotion: string;
}

export interface ClusterStatus {
  readonly name: string;
  readonly title: string;
  readonly freshness: Freshness;
  /** Objects held in memory. */
  readonly objects: number;
  /** Grows with every real change seen in this cluster. */
  readonly revision: number;
}

/** The portal's clusters: reads come from memory and never wait; writes go to the cluster. */
export interface Clusters {
  /** Every configured cluster, reachable or not; empty until the configuration was handed over. */
  list(): readonly ClusterStatus[];
  /** What is known about a target now. An unknown cluster has freshness `never` with a problem. */
  targetState(target: Target): TargetState;
  /** Grows with every real change in any cluster, freshness included. */
  revision(): number;
  /** Calls back after each change; the returned function ends it. */
  subscribe(
    listener: (change: { readonly cluster: string }) => void,
  ): () => void;
  /**
   * Asks Flux to look now, by annotating the GitRepository first and then the Kustomization with
   * `reconcile.fluxcd.io/requestedAt: <token>`. A return proves that the cluster accepted the
   * annotations, not that anything was applied. Repeating it with the same token is harmless.
   * @throws NotAllowedError, NotFoundError, ServiceUnavailableError (retry later)
   */
  requestReconcile(
    target: Target,
    token: string,
    behalf: OnBehalfOf,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Tells the engine of a target what to do, by writing to its object. The object is read first, and
   * nothing is written when the engine has moved on from where the order was about. A return proves
   * that the cluster took it, not that the engine followed. Repeating it is harmless.
   * @throws NotAllowedError, NotFoundError, ServiceUnavailableError (retry later)
   */
  orderEngine(
    target: Target,
    order: EngineOrder,
    behalf: OnBehalfOf,
    signal: AbortSignal,
  ): Promise<Exclude<OrderOutcome, 'refused'>>;
}
