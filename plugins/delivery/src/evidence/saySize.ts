// SPDX-License-Identifier: Apache-2.0

/** A number of bytes for people: `812 B`, `14 kB`, `2.5 MB`. */
export function saySize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
