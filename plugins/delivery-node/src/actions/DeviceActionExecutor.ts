// SPDX-License-Identifier: Apache-2.0
import type {
  ActionEvidence,
  ActionKind,
  ActionMemory,
  ActionParameters,
  ActionProgress,
  ActionReceipt,
} from '@causeway/plugin-delivery-common';

/**
 * The API server of the device's cluster, for the time of one call. Paths are those of the Kubernetes
 * API. Every method throws `NotAllowedError` when the cluster forbids it, which ends the action, and
 * `ServiceUnavailableError` when it does not answer, after which the call is repeated later.
 *
 * @public
 */
export interface DeviceActionCluster {
  /** The object, read now; undefined when there is none. */
  get(path: string): Promise<unknown>;
  /** All objects of a collection that the selector lets through, for example `spec.nodeName=pi-01`. */
  list(
    path: string,
    selector?: { readonly fields?: string; readonly labels?: string },
  ): Promise<readonly unknown[]>;
  /** Merges (RFC 7386). `stale` when a `resourceVersion` in the body is not the newest. */
  patch(path: string, body: object): Promise<'done' | 'missing' | 'stale'>;
  /** Creates an object, or posts to a subresource such as `eviction`. */
  create(
    path: string,
    body: object,
  ): Promise<
    | { readonly kind: 'created' | 'exists' | 'missing' }
    /** The cluster does not allow it now, for example because of a disruption budget. */
    | { readonly kind: 'busy'; readonly message: string }
  >;
  /** Deletes; nothing happens when there is nothing. */
  remove(path: string): Promise<void>;
  /** Text such as a log, cut after so many bytes; undefined when there is none. */
  text(path: string, maximumBytes: number): Promise<string | undefined>;
}

/**
 * One action and where it is done.
 *
 * @public
 */
export interface DeviceActionContext {
  /** Id of the action: the same in every turn, so that what was made can be found again. */
  readonly id: string;
  /** Name of the device's Node. */
  readonly node: string;
  readonly parameters: ActionParameters;
  /** Entity ref of who asked. */
  readonly actor: string;
  readonly reason: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** What the turn before has said; undefined in the first one of an attempt. */
  readonly progress?: ActionProgress;
  readonly cluster: DeviceActionCluster;
  readonly now: Date;
}

/**
 * How far an action is after a turn.
 *
 * @public
 */
export type DeviceActionTurn =
  | { readonly state: 'running'; readonly progress: ActionProgress }
  | {
      readonly state: 'succeeded';
      readonly receipt: ActionReceipt;
      /** Text that is kept beside the receipt, for example logs. */
      readonly output?: string;
    }
  | {
      readonly state: 'failed';
      readonly message: string;
      readonly evidence?: readonly ActionEvidence[];
      /** Whether another attempt might do better. */
      readonly retry: boolean;
      readonly output?: string;
    };

/**
 * Carries out one kind of action. The portal keeps the queue, the order, the limits and the receipts;
 * an executor only knows its kind. Turns of one action never overlap, in any number of replicas, but a
 * process may die at any moment and the turn is then repeated.
 *
 * @public
 */
export interface DeviceActionExecutor {
  readonly kind: ActionKind;
  /**
   * Reads what has to be known before anything is changed; it is kept and handed to every turn of the
   * attempt. Changes nothing.
   */
  prepare(context: DeviceActionContext): Promise<ActionMemory>;
  /**
   * Does what is left to do and looks how far it is. Called until it says that it is over, and again
   * after a crash: what is done already must be recognised in the cluster, never done twice. Success
   * is only told with evidence that was read from the cluster after it was done.
   */
  advance(
    context: DeviceActionContext,
    memory: ActionMemory,
  ): Promise<DeviceActionTurn>;
  /**
   * Takes away what would go on by itself in the cluster, or begin later, when an attempt ends without
   * the executor having said so: its time is over, or the cluster forbids to go on. Called at least
   * once, again after a crash, and the attempt does not end before. Nothing to take away when left out.
   */
  withdraw?(context: DeviceActionContext): Promise<void>;
}
