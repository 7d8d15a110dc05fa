// SPDX-License-Identifier: Apache-2.0
import { randomInt } from 'node:crypto';
import { invalidField, requiredField } from '../status';
import type { Cause } from '../status';

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUBDOMAIN =
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A name for an object that came with `generateName` only. */
export function generatedName(prefix: string): string {
  const letters = Array.from(
    { length: 5 },
    () => LETTERS[randomInt(LETTERS.length)],
  );
  return prefix.slice(0, 58) + letters.join('');
}

/** What is wrong with the name of an object. Role names may be paths. */
export function nameViolations(name: string | undefined): Cause[] {
  if (!name) {
    return [requiredField('metadata.name', 'name or generateName is required')];
  }
  if (name.length <= 253 && SUBDOMAIN.test(name)) return [];
  return [
    invalidField(
      'metadata.name',
      name,
      `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    ),
  ];
}

/** Key of an object in its collection: its name below its namespace. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}
