// SPDX-License-Identifier: Apache-2.0
import type { ActionRefusal } from './actionKind';

/** A hold that an operator has put on a device: the annotation `causeway.dev/hold` of its Node. */
export interface OperatorHold {
  /** Why, as it stands there. May be empty. */
  readonly text: string;
  /** Entity ref of who put it there by the action Pin; undefined when it came another way. */
  readonly pinnedBy?: string;
}

/** What the action Pin writes beside a hold, so that it knows its own again. */
export function pinMark(actor: string, text: string): string {
  return `${actor}: ${text}`;
}

/**
 * Reads the annotations `causeway.dev/hold` and `causeway.dev/pinned`. The mark names the text that it
 * belongs to: a hold that somebody has written over is theirs.
 */
export function readHold(
  text: string | undefined,
  mark: string | undefined,
): OperatorHold | undefined {
  if (text === undefined) return undefined;
  const isOurs = mark !== undefined && mark.endsWith(`: ${text}`);
  const pinnedBy = isOurs ? mark.slice(0, -text.length - 2) : '';
  return { text, ...(pinnedBy && { pinnedBy }) };
}

/** A hold in a sentence. */
export function sayHold({ text, pinnedBy }: OperatorHold): string {
  const who = pinnedBy
    ? `${pinnedBy.replace(/^user:(default\/)?/, '')} has pinned it`
    : 'An operator holds it';
  return text ? `${who}: “${text}”.` : `${who}, without a word why.`;
}

/** Why a hold may not be taken away by somebody who has said that text of it, or none. */
export function whyNotLetGo(
  hold: OperatorHold,
  said: string | number | undefined,
): ActionRefusal | undefined {
  const isSaid = typeof said === 'string' && said.trim() === hold.text.trim();
  if (hold.pinnedBy !== undefined || isSaid) return undefined;
  const how = /^[^\r\n]{1,500}$/.test(hold.text)
    ? 'Say its text to take it away all the same.'
    : 'It can only be taken away where it was put: at the Node.';
  return {
    code: 'heldBySomebodyElse',
    message: `${sayHold(hold)} That was not done by Pin. ${how}`,
  };
}
