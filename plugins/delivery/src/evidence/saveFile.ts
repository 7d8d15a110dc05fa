// SPDX-License-Identifier: Apache-2.0

/** Lets the browser save bytes under a name; it never shows them. */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
