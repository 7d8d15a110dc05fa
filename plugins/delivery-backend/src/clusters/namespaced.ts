// SPDX-License-Identifier: Apache-2.0

/** Path of one object of a collection over all namespaces, such as `/apis/apps/v1/deployments`. */
export function namespaced(
  path: string,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): string {
  const collection = path.slice(path.lastIndexOf('/') + 1);
  const group = path.slice(0, path.lastIndexOf('/'));
  return `${group}/namespaces/${encodeURIComponent(
    namespace,
  )}/${collection}/${encodeURIComponent(name)}`;
}
