// SPDX-License-Identifier: Apache-2.0

/** What a person wrote, as a sentence that others may follow. */
export function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
