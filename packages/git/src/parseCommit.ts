// SPDX-License-Identifier: Apache-2.0

/** Who wrote something, and when, to the second. */
export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly date: Date;
}

/** What a commit says. */
export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  /** Subject, body and trailers as written, without the last line ends. */
  readonly message: string;
}

/**
 * Reads the contents of a commit. Its text is taken for UTF-8, which is what Git asks for.
 * @throws Error when it is none
 */
export function parseCommit(content: Buffer): Commit {
  const text = content.toString();
  const headEnd = text.indexOf('\n\n');
  const head = headEnd < 0 ? text : text.slice(0, headEnd);
  // Lines that begin with a space go on with a field that nobody here asks for, a signature.
  const fields = head.split('\n').map(line => {
    const space = line.indexOf(' ');
    return [line.slice(0, space), line.slice(space + 1)] as const;
  });
  const valuesOf = (key: string) =>
    fields.filter(([name]) => name === key).map(([, value]) => value);
  const [tree] = valuesOf('tree');
  const [author] = valuesOf('author');
  const [committer] = valuesOf('committer');
  if (!tree || author === undefined || committer === undefined) {
    throw new Error('A commit of the repository is broken.');
  }
  return {
    tree,
    parents: valuesOf('parent'),
    author: parseSignature(author),
    committer: parseSignature(committer),
    message: headEnd < 0 ? '' : text.slice(headEnd + 2).replace(/\n+$/, ''),
  };
}

function parseSignature(text: string): Signature {
  const match = /^(.*?)<([^>]*)>(?: (-?\d+))?/.exec(text);
  const [, name = '', email = '', seconds = '0'] = match ?? [];
  return { name: name.trim(), email, date: new Date(Number(seconds) * 1000) };
}
