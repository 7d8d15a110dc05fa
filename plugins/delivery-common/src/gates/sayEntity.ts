// SPDX-License-Identifier: Apache-2.0

/** An entity ref for a sentence: `group:default/team-leads` is `team-leads`. */
export function sayEntity(entityRef: string): string {
  return entityRef.slice(entityRef.lastIndexOf('/') + 1);
}
