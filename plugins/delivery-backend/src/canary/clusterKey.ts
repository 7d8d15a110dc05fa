// SPDX-License-Identifier: Apache-2.0
import { createHmac } from 'node:crypto';
import { isSignedWith } from '../releases/signature';

/** What a cluster's key is the HMAC of: a key that leaks from one cluster speaks for no other. */
function content(cluster: string): string {
  return `canary:${cluster}`;
}

/** The key that the webhooks of a cluster carry: hexadecimal HMAC-SHA256 of `canary:<cluster>`. */
export function clusterKey(secret: string, cluster: string): string {
  return createHmac('sha256', secret).update(content(cluster)).digest('hex');
}

/** Whether a key is that of the cluster, compared in constant time. An empty secret admits nobody. */
export function isKeyOf(secret: string, cluster: string, key: string): boolean {
  return isSignedWith(secret, [content(cluster)], key);
}
