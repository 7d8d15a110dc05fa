// SPDX-License-Identifier: Apache-2.0

/** One entry of a folder. */
export interface TreeEntry {
  /** Within the folder. */
  readonly name: string;
  /** Six digits, for example `100644` or `040000`. */
  readonly mode: string;
  readonly kind: 'blob' | 'tree' | 'commit';
  readonly id: string;
}

/**
 * Reads the contents of a tree: mode, a space, the name, a NUL and the id in binary, and again.
 * @throws Error when it is none
 */
export function parseTree(content: Buffer, idBytes = 20): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let offset = 0;
  while (offset < content.length) {
    const space = content.indexOf(0x20, offset);
    const nameEnd = content.indexOf(0, space);
    const end = nameEnd + 1 + idBytes;
    if (space < 0 || nameEnd < 0 || end > content.length) {
      throw new Error('A tree of the repository is broken.');
    }
    const mode = content.toString('latin1', offset, space).padStart(6, '0');
    entries.push({
      name: content.toString('utf8', space + 1, nameEnd),
      mode,
      kind: kindOf(mode),
      id: content.toString('hex', nameEnd + 1, end),
    });
    offset = end;
  }
  return entries;
}

function kindOf(mode: string): TreeEntry['kind'] {
  if (mode === '040000') return 'tree';
  return mode === '160000' ? 'commit' : 'blob';
}
