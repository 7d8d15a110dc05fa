// SPDX-License-Identifier: Apache-2.0
import type {
  ActionDevice,
  ActionKind,
  ActionParameters,
  ActionRefusal,
} from './actionKind';
import { unreachable } from './nextActionStep';

/** What would become of an action on one device. */
export type ActionVerdict =
  | { readonly verdict: 'now' }
  /** It is kept and waits, with what it waits for. */
  | { readonly verdict: 'queued'; readonly reason: ActionRefusal }
  | { readonly verdict: 'refused'; readonly reason: ActionRefusal };

/** A device that somebody wants to do something to. */
export interface ActionCandidate {
  /** `<cluster>/<node name>` as it was asked for. */
  readonly id: string;
  /** Undefined when there is none, or the person may not see it. */
  readonly device: ActionDevice | undefined;
  /** Whether the person may act on it. */
  readonly permitted: boolean;
  /** Kinds of its actions that are not over. */
  readonly open: readonly string[];
}

/** Which actions need a second person. */
export interface ActionApprovalRule {
  /** Of the destructive kinds: every action, those on many devices, or none. */
  readonly destructive: 'always' | 'mass' | 'never';
  /** From how many devices on it is many. */
  readonly massFrom: number;
}

/** What would happen if it were asked for now. */
export interface ActionPlan {
  readonly verdicts: readonly ({ readonly device: string } & ActionVerdict)[];
  /** Why somebody else has to agree; undefined when nobody has. */
  readonly approval?: string;
}

/** Plans an action on devices. Each device is in the plan once, in the order in which it was named. */
export function planActions(
  kind: ActionKind,
  candidates: readonly ActionCandidate[],
  rule: ActionApprovalRule,
): ActionPlan {
  const byId = new Map(
    candidates.map(candidate => [candidate.id, candidate] as const),
  );
  const verdicts = [...byId.values()].map(candidate => ({
    device: candidate.id,
    ...judgeCandidate(kind, candidate),
  }));
  const touched = verdicts.filter(({ verdict }) => verdict !== 'refused');
  const approval = approvalFor(kind, touched.length, rule);
  return { verdicts, ...(approval !== undefined && { approval }) };
}

/** A kind for which somebody has chosen parameters, so that it refuses devices because of them too. */
export function chosenKind(
  kind: ActionKind,
  parameters: ActionParameters,
): ActionKind {
  const { refuse } = kind;
  return refuse
    ? { ...kind, refuse: device => refuse(device, parameters) }
    : kind;
}

/** What would become of an action on one device. */
export function judgeCandidate(
  kind: ActionKind,
  { device, permitted, open }: Omit<ActionCandidate, 'id'>,
): ActionVerdict {
  if (!device) {
    return refused('unknownDevice', 'There is no such device.');
  }
  if (!permitted) {
    return refused('notPermitted', 'You may not act on this device.');
  }
  if (device.connectivity === 'never') {
    return refused(
      'neverSeen',
      'The device has not joined its cluster yet, so there is nothing to act on.',
    );
  }
  const never = kind.unsuited?.(device);
  if (never) return { verdict: 'refused', reason: never };
  if (open.includes(kind.name)) {
    return refused(
      'alreadyAsked',
      `“${kind.title}” is asked for on this device already.`,
    );
  }
  // What an action that is not over may change first is not known yet.
  const because = open.length === 0 ? kind.refuse?.(device) : undefined;
  if (because) return { verdict: 'refused', reason: because };
  const reason = unreachable(kind, device);
  if (!reason) return { verdict: 'now' };
  return kind.away === 'senseless' && reason.code === 'deviceAway'
    ? refused('deviceAway', kind.awayReason ?? 'The device is away.')
    : { verdict: 'queued', reason };
}

/** Why an action on so many devices needs a second person. */
export function approvalFor(
  kind: Pick<ActionKind, 'destructive' | 'title'>,
  devices: number,
  { destructive, massFrom }: ActionApprovalRule,
): string | undefined {
  if (!kind.destructive || destructive === 'never' || devices === 0) {
    return undefined;
  }
  if (destructive === 'always') {
    return `“${kind.title}” needs the word of a second person.`;
  }
  return devices >= massFrom
    ? `“${kind.title}” on ${devices} devices needs the word of a second person.`
    : undefined;
}

/** Why somebody may not decide about an action that waits for approval. */
export function whyNotDecide(
  action: { readonly phase: string; readonly requestedBy: string },
  actor: string,
): ActionRefusal | undefined {
  if (action.phase !== 'awaitingApproval') {
    return { code: 'notWaiting', message: 'It does not wait for approval.' };
  }
  return action.requestedBy === actor
    ? {
        code: 'ownAction',
        message: 'You asked for it yourself; somebody else has to decide.',
      }
    : undefined;
}

/** Why an action can not be cancelled. */
export function whyNotCancel(
  action: { readonly phase: string },
  kind: Pick<ActionKind, 'stoppable' | 'title'> | undefined,
): ActionRefusal | undefined {
  if (action.phase === 'queued' || action.phase === 'awaitingApproval') {
    return undefined;
  }
  if (action.phase !== 'running') {
    return { code: 'isOver', message: 'It is over already.' };
  }
  return kind && !kind.stoppable
    ? {
        code: 'notStoppable',
        message: `“${kind.title}” has begun and can not be stopped half way.`,
      }
    : undefined;
}

function refused(code: string, message: string): ActionVerdict {
  return { verdict: 'refused', reason: { code, message } };
}
