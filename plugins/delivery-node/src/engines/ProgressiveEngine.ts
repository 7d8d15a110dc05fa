// SPDX-License-Identifier: Apache-2.0
import type {
  CanaryRun,
  EngineOrder,
  ObservedDeployment,
  ObservedIdentity,
  Target,
  WorkloadState,
} from '@causeway/plugin-delivery-common';

/**
 * A kind of object that is watched in every cluster.
 *
 * @public
 */
export interface WatchedKind<T extends ObservedIdentity = ObservedIdentity> {
  /** As `kubectl get` takes it, for example `deployments.apps`. */
  readonly name: string;
  /** Collection over all namespaces, for example `/apis/apps/v1/deployments`. */
  readonly path: string;
  /** What a cluster without this kind lacks, in a sentence. */
  readonly hint: string;
  /** Keeps what is needed; undefined when the object has not the shape of the kind. */
  readonly trim: (object: unknown) => T | undefined;
  /**
   * Only explains what other kinds show already. A cluster that refuses it shows less, and is
   * believed as before.
   */
  readonly detail?: true;
}

/**
 * What a cluster holds at this moment, by `<namespace>/<name>`. A map stays the same object for as
 * long as nothing in it changes.
 *
 * @public
 */
export interface EngineObjects {
  readonly deployments: ReadonlyMap<string, ObservedDeployment>;
  /** Objects of a kind that the engine watches. */
  of<T extends ObservedIdentity>(kind: WatchedKind<T>): ReadonlyMap<string, T>;
}

/**
 * What an engine makes of a workload.
 *
 * @public
 */
export interface EngineView {
  /** What serves users beside the new version. */
  readonly workload: WorkloadState;
  readonly run: CanaryRun;
}

/**
 * One merge patch (RFC 7386) to an engine's object.
 *
 * @public
 */
export interface EnginePatch {
  readonly subresource?: 'status';
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * How an engine is told what to do, for engines that do not ask.
 *
 * @public
 */
export interface EngineOrders {
  /** Collection of the objects that are patched; the object has the namespace and name of the run. */
  readonly kind: WatchedKind;
  /**
   * The patches that carry an order out, in their order; none when the object is already so. The
   * first is only taken by the cluster when nobody has written to the object since it was read.
   *
   * @param object - as the cluster has it now
   * @returns `overtaken` when the object is not any more where the order was about
   */
  patches(
    order: EngineOrder,
    object: unknown,
  ): readonly EnginePatch[] | 'overtaken';
}

/**
 * An engine in the clusters that gives new versions their traffic step by step. Pure: it reads what
 * the portal watches and says what to write; the portal does both.
 *
 * @public
 */
export interface ProgressiveEngine {
  /** Kinds that it is known by, beside the Deployments that are watched in any case. */
  readonly kinds: readonly WatchedKind[];
  /** Undefined for a workload that this engine has nothing to do with. */
  describe(
    workload: Target['workload'],
    objects: EngineObjects,
  ): EngineView | undefined;
  /** Left out for engines that ask the portal by themselves before each step, as Flagger does. */
  readonly orders?: EngineOrders;
}
