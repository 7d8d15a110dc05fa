// SPDX-License-Identifier: Apache-2.0
import { KubernetesClient } from '../runtime/KubernetesClient';
import { KubernetesObject, ObjectName, Resource } from '../runtime/resources';

/** A Secret; values are base64. */
export interface Secret extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

export const secrets: Resource<Secret> = {
  apiVersion: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
};

/** One value of a secret, `token` when nothing else is said; undefined when it is not there. */
export async function readToken(
  client: KubernetesClient,
  name: ObjectName,
  field = 'token',
): Promise<string | undefined> {
  const secret = await client.get(secrets, name);
  const value = secret?.data?.[field];
  return value && Buffer.from(value, 'base64').toString();
}
