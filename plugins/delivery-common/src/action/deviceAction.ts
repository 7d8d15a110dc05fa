// SPDX-License-Identifier: Apache-2.0
import type { Instant } from '../time';
import type { ActionParameters, ActionRefusal } from './actionKind';

/** Where an action is on its way. The last five are ends. */
export const actionPhases = [
  'awaitingApproval',
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'expired',
  'refused',
] as const;
export type ActionPhase = (typeof actionPhases)[number];

/** What was read before anything was changed, for all later turns. */
export type ActionMemory = Readonly<
  Record<string, string | number | boolean | readonly string[]>
>;

/** Something that was read in the cluster and proves what the receipt says. */
export interface ActionEvidence {
  /** For example `Node edge/oslo-pi-01`. */
  readonly object: string;
  readonly resourceVersion?: string;
  /** What was seen there, in a sentence. */
  readonly seen: string;
  readonly at: Instant;
}

/** What is left of an action when it is over. */
export interface ActionReceipt {
  readonly message: string;
  readonly evidence: readonly ActionEvidence[];
}

/** How far a running action is. */
export interface ActionProgress {
  readonly message: string;
  readonly done?: number;
  readonly total?: number;
}

/** What somebody asks of one device. */
export interface ActionOrder {
  readonly id: string;
  readonly kind: string;
  readonly device: {
    readonly cluster: string;
    readonly name: string;
    readonly site?: string;
  };
  readonly parameters: ActionParameters;
  /** Why, in the words of the person. */
  readonly reason: string;
  /** Same for all actions that were asked for together. */
  readonly batch: string;
  /** Until when it may begin. */
  readonly expiresAt: Instant;
}

/** Things that happen to an action. `actor` is an entity ref. */
export type ActionEvent = { readonly at: Instant; readonly actor: string } & (
  | {
      readonly type: 'requested';
      readonly order: ActionOrder;
      /** Why somebody else has to agree. */
      readonly approval?: string;
      /** Why it is not done at all. */
      readonly refusal?: ActionRefusal;
    }
  | { readonly type: 'approved'; readonly reason?: string }
  | { readonly type: 'rejected'; readonly reason: string }
  | { readonly type: 'cancelled'; readonly reason: string }
  | {
      readonly type: 'started';
      /** What was read before anything is changed. */
      readonly memory: ActionMemory;
    }
  | { readonly type: 'progressed'; readonly progress: ActionProgress }
  | {
      readonly type: 'attemptFailed';
      readonly message: string;
      readonly retryAt: Instant;
    }
  | { readonly type: 'succeeded'; readonly receipt: ActionReceipt }
  | { readonly type: 'failed'; readonly receipt: ActionReceipt }
  | { readonly type: 'expired'; readonly message: string }
);

/** One action on one device, as its events have made it. */
export interface DeviceAction extends ActionOrder {
  readonly phase: ActionPhase;
  readonly requestedBy: string;
  readonly requestedAt: Instant;
  readonly approval?: {
    readonly why: string;
    readonly by?: string;
    readonly at?: Instant;
  };
  /** Attempts that have begun. */
  readonly attempt: number;
  readonly startedAt?: Instant;
  readonly memory?: ActionMemory;
  readonly progress?: ActionProgress;
  /** Not before then, after an attempt that failed. */
  readonly retryAt?: Instant;
  readonly refusal?: ActionRefusal;
  readonly receipt?: ActionReceipt;
  readonly endedAt?: Instant;
  /** Who brought it to its end, where that was a person. */
  readonly endedBy?: string;
}

/** Whether nothing will happen to it any more. */
export function isEnded({ phase }: Pick<DeviceAction, 'phase'>): boolean {
  return (
    phase !== 'awaitingApproval' && phase !== 'queued' && phase !== 'running'
  );
}
