// SPDX-License-Identifier: Apache-2.0
import { PodTemplate } from './workloads';

/** The label that ties pods to the revision of their template. */
export const templateHashLabel = 'pod-template-hash';

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** JSON with sorted keys, so that equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : part,
  );
}

/** A template without the hash label, for comparison. */
export function bareTemplate(template: PodTemplate): PodTemplate {
  const { [templateHashLabel]: _hash, ...labels } =
    template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** Whether two templates are the same but for the hash label. */
export function sameTemplate(one: PodTemplate, other: PodTemplate): boolean {
  return (
    canonicalJson(bareTemplate(one)) === canonicalJson(bareTemplate(other))
  );
}

/** A short name for a template. */
export function templateHash(template: PodTemplate): string {
  return shortHash(canonicalJson(bareTemplate(template)));
}

/** A short name for a text: FNV-1a in letters that make no words. */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  let name = '';
  for (let digit = 0; digit < 9; digit += 1) {
    name += alphabet[hash % alphabet.length];
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  }
  return name;
}
