// SPDX-License-Identifier: Apache-2.0
import { packet, parsePackets } from './packets';

/** How to ask a remote. */
export interface RemoteQuestion {
  /** Of the repository, over HTTP. */
  readonly url: string;
  /** A branch or tag with its prefix, for example `refs/heads/main`. */
  readonly reference: string;
  /** Value of the header `Authorization`; it is sent to the origin of `url` only. */
  readonly authorization?: string;
  readonly signal: AbortSignal;
}

/** Bytes of the longest answer. One reference needs some hundred; others that begin alike come with it. */
const longestAnswer = 64 * 1024;

/**
 * The commit that a branch or tag of a remote points to now, by one request of protocol version 2
 * (`ls-refs`), whose answer is short however many references the remote has. Git itself needs two
 * requests for that, and several processes.
 *
 * @returns undefined when it cannot be told this way, for whatever reason: no such reference, a
 *   redirect, an older protocol, no answer
 */
export async function remoteTip(
  question: RemoteQuestion,
): Promise<string | undefined> {
  const { url, reference, authorization, signal } = question;
  // It would end the line that asks for it, or is no name.
  if (/[\s\0]/.test(reference)) return undefined;
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/git-upload-pack`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-git-upload-pack-request',
        accept: 'application/x-git-upload-pack-result',
        'git-protocol': 'version=2',
        'user-agent': 'git/2 (causeway)',
        ...(authorization && { authorization }),
      },
      body: listReferences(reference),
      redirect: 'error',
      signal,
    });
    const isAnswer =
      response.status === 200 &&
      response.headers.get('content-type') ===
        'application/x-git-upload-pack-result';
    const bytes = await readShort(response, isAnswer ? longestAnswer : 0);
    return bytes && tipIn(bytes, reference);
  } catch {
    return undefined;
  }
}

function listReferences(reference: string): Buffer {
  return Buffer.concat([
    packet('command=ls-refs\n'),
    packet('delimiter'),
    packet('peel\n'),
    packet(`ref-prefix ${reference}\n`),
    packet('flush'),
  ]);
}

/** The commit of a reference in the answer to `ls-refs`; undefined for any other answer. */
export function tipIn(answer: Buffer, reference: string): string | undefined {
  const packets = parsePackets(answer);
  if (packets?.at(-1) !== 'flush') return undefined;
  let tip: string | undefined;
  for (const line of packets.slice(0, -1)) {
    const match =
      typeof line !== 'string' &&
      /^([0-9a-f]{40}|[0-9a-f]{64}) (\S+)((?: \S+)*)\n?$/.exec(line.toString());
    if (!match) return undefined;
    const [, id, name, attributes] = match;
    const peeled = / peeled:([0-9a-f]+)/.exec(attributes)?.[1];
    if (name === reference) tip = peeled ?? id;
  }
  return tip;
}

/** The whole body; undefined when it is longer, and then the rest is left unread. */
async function readShort(
  response: Response,
  longest: number,
): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += piece.length;
    // Leaving the loop ends the connection.
    if (length > longest) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
