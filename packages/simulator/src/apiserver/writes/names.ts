// SPDX-License-Identifier: Apache-2.0
import { randomInt } from 'node:crypto';
import { invalidField, requiredField } from '../status';
import type { Cause } from '../status';

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUBDOMAIN =
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const QUALIFIED_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

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

/** What is wrong with the names of finalizers: `name` or `domain/name`. */
export function finalizerViolations(finalizers: readonly string[]): Cause[] {
  return finalizers
    .filter(one => !isQualifiedName(one))
    .map(one =>
      invalidField(
        'metadata.finalizers',
        one,
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      ),
    );
}

function isQualifiedName(text: string): boolean {
  const parts = text.split('/');
  const name = parts[parts.length - 1];
  if (parts.length > 2 || name.length > 63 || !QUALIFIED_NAME.test(name)) {
    return false;
  }
  const [domain] = parts;
  return parts.length === 1 || (domain.length <= 253 && SUBDOMAIN.test(domain));
}

/** Key of an object in its collection: its name below its namespace. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}
