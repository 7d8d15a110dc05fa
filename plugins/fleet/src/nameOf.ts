// SPDX-License-Identifier: Apache-2.0

/** A person as colleagues know them: the name of an entity ref, with its namespace where that is unusual. */
export function nameOf(actor: string): string {
  return actor.replace(/^user:(default\/)?/, '');
}
