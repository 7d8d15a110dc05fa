// SPDX-License-Identifier: Apache-2.0

/**
 * Tells the time. Whoever needs it is given one.
 *
 * @public
 */
export type Clock = () => Date;

/** A moment as `metav1.Time` writes it: whole seconds, `2026-11-20T08:00:00Z`. */
export function timestamp(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}Z`;
}
