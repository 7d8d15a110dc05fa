// SPDX-License-Identifier: Apache-2.0

/** The name of a device, out of its id `<cluster>/<name>`. */
export function deviceName(id: string): string {
  return id.slice(id.indexOf('/') + 1);
}

/** The cluster of a device, out of its id `<cluster>/<name>`. */
export function clusterName(id: string): string {
  return id.slice(0, id.indexOf('/'));
}
