// SPDX-License-Identifier: Apache-2.0

/**
 * A new key for one intention of a person (128 random bits), sent with a write so that pressing
 * twice or sending again after a broken connection does it once. `randomUUID` is not used: it
 * exists only on secure origins, and a portal on a plain-HTTP host name would break there.
 */
export function newIntention(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
