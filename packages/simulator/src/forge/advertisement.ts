// SPDX-License-Identifier: Apache-2.0
import { packet, parsePackets } from '@causeway/git';
import type { FullReference } from '../git/BareRepository';

/** The branch that `HEAD` of every repository of the forge means. */
export const defaultBranch = 'refs/heads/main';

interface Listed {
  readonly name: string;
  readonly sha: string;
  readonly peeled?: string;
}

/** `HEAD` and all references; undefined when `HEAD` means nothing yet, which is left to git. */
function withHead(
  references: readonly FullReference[],
): readonly [Listed, ...Listed[]] | undefined {
  const head = references.find(({ name }) => name === defaultBranch);
  return head && [{ name: 'HEAD', sha: head.sha }, ...references];
}

/**
 * What `git upload-pack` answers first in version 0 of the protocol.
 * @param capabilities as git has listed them for another repository of the forge
 * @returns undefined for a repository without a default branch
 */
export function advertisement(
  references: readonly FullReference[],
  capabilities: string,
): Buffer | undefined {
  const listed = withHead(references);
  if (!listed) return undefined;
  const [head, ...others] = listed;
  return Buffer.concat([
    packet(`${head.sha} HEAD\0${capabilities}\n`),
    ...others.flatMap(({ name, sha, peeled }) => [
      packet(`${sha} ${name}\n`),
      ...(peeled ? [packet(`${peeled} ${name}^{}\n`)] : []),
    ]),
    packet('flush'),
  ]);
}

/** Reads the capabilities in what `git upload-pack` answers first. */
export function capabilitiesIn(answer: Buffer): string | undefined {
  const [first] = parsePackets(answer) ?? [];
  return /\0(.*)\n$/.exec(String(first))?.[1];
}

/** What a client wants to know by `ls-refs`. */
interface ListRequest {
  readonly peel: boolean;
  readonly symrefs: boolean;
  readonly prefixes: readonly string[];
}

/**
 * The answer to a request `ls-refs` of version 2 of the protocol.
 * @returns undefined for any other request, and for a repository without a default branch
 */
export function listReferences(
  request: Buffer,
  references: readonly FullReference[],
): Buffer | undefined {
  const wanted = parseListRequest(request);
  const listed = wanted && withHead(references);
  if (!wanted || !listed) return undefined;
  const { peel, symrefs, prefixes } = wanted;
  return Buffer.concat([
    ...listed
      .filter(
        ({ name }) =>
          prefixes.length === 0 ||
          prefixes.some(prefix => name.startsWith(prefix)),
      )
      .map(({ name, sha, peeled }) => {
        const target =
          symrefs && name === 'HEAD' ? ` symref-target:${defaultBranch}` : '';
        const commit = peel && peeled ? ` peeled:${peeled}` : '';
        return packet(`${sha} ${name}${target}${commit}\n`);
      }),
    packet('flush'),
  ]);
}

/** Undefined for anything that is not wholly understood; then git answers. */
function parseListRequest(request: Buffer): ListRequest | undefined {
  const packets = parsePackets(request);
  const delimiter = packets?.indexOf('delimiter') ?? -1;
  if (!packets || delimiter < 0 || packets.at(-1) !== 'flush') return undefined;
  const [command, ...capabilities] = packets.slice(0, delimiter).map(text);
  const rest = packets.slice(delimiter + 1, -1).map(text);
  const isPlain =
    command === 'command=ls-refs' &&
    capabilities.every(each => /^(agent=|object-format=sha1$)/.test(each)) &&
    rest.every(each => /^(peel|symrefs|unborn|ref-prefix .*)$/s.test(each));
  if (!isPlain) return undefined;
  return {
    peel: rest.includes('peel'),
    symrefs: rest.includes('symrefs'),
    prefixes: rest
      .filter(each => each.startsWith('ref-prefix '))
      .map(each => each.slice('ref-prefix '.length)),
  };
}

function text(line: Buffer | string): string {
  return line.toString().replace(/\n$/, '');
}
