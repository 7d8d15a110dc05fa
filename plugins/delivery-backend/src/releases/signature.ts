// SPDX-License-Identifier: Apache-2.0
import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether `signature` is the hexadecimal HMAC-SHA256 of `content` under `secret`, compared in
 * constant time. An empty secret proves nothing.
 */
export function isSignedWith(
  secret: string,
  content: readonly (string | Buffer)[],
  signature: string,
): boolean {
  if (secret === '' || !/^[0-9a-f]{64}$/i.test(signature)) return false;
  const hmac = createHmac('sha256', secret);
  content.forEach(part => hmac.update(part));
  return timingSafeEqual(hmac.digest(), Buffer.from(signature, 'hex'));
}
