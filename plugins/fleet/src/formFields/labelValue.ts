// SPDX-License-Identifier: Apache-2.0

/** Whether Kubernetes takes a text for the value of a label. It would take nothing, too; we do not. */
export function isLabelValue(text: string): boolean {
  return /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(text);
}
