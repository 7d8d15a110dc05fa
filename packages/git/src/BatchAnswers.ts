// SPDX-License-Identifier: Apache-2.0

/** What an object of Git is. */
export type ObjectKind = 'blob' | 'tree' | 'commit' | 'tag';

/** An object of Git. It never changes: its id is made of its contents. */
export interface GitObject {
  /** The full id, hexadecimal. */
  readonly id: string;
  readonly kind: ObjectKind;
  readonly content: Buffer;
}

/** The program said something that is no answer to what it was asked. */
export class UnexpectedAnswer extends Error {
  constructor(said: string) {
    super(`git cat-file answered "${said.slice(0, 200)}".`);
    this.name = 'UnexpectedAnswer';
  }
}

interface Header extends Pick<GitObject, 'id' | 'kind'> {
  readonly size: number;
}

const newline = 10;

/**
 * Takes the output of `git cat-file --batch` apart: a line with id, kind and size, the contents and
 * a line end; or the line `<name> missing`. Pieces of the output may end anywhere.
 */
export class BatchAnswers {
  #pieces: Buffer[] = [];
  #length = 0;
  /** So many bytes are needed before looking again is worth it. */
  #needed = 1;
  #header: Header | undefined;

  /** @param maximumSize bytes of the largest object that is taken */
  constructor(private readonly maximumSize: number) {}

  /** Adds what was read. */
  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /**
   * The next whole answer, to the question for `name`; `waiting` while there is none yet.
   * @throws UnexpectedAnswer for anything else than an answer; nothing after it can be understood
   */
  next(name: string): { readonly object?: GitObject } | 'waiting' {
    if (this.#length < this.#needed) return 'waiting';
    const received = Buffer.concat(this.#pieces);
    let start = 0;
    if (!this.#header) {
      const lineEnd = received.indexOf(newline);
      if (lineEnd < 0) return this.#wait(received, received.length + 1);
      const line = received.toString('utf8', 0, lineEnd);
      start = lineEnd + 1;
      if (line === `${name} missing` || line === `${name} ambiguous`) {
        this.#wait(received.subarray(start), 1);
        return {};
      }
      this.#header = this.#parseHeader(line);
    }
    const { id, kind, size } = this.#header;
    const end = start + size;
    if (received.length <= end) {
      return this.#wait(received.subarray(start), size + 1);
    }
    // A copy: a small object must not keep alive everything that was read with it.
    const content = Buffer.from(received.subarray(start, end));
    this.#header = undefined;
    this.#wait(received.subarray(end + 1), 1);
    return { object: { id, kind, content } };
  }

  #wait(rest: Buffer, needed: number): 'waiting' {
    this.#pieces = [rest];
    this.#length = rest.length;
    this.#needed = needed;
    return 'waiting';
  }

  #parseHeader(line: string): Header {
    const match =
      /^([0-9a-f]{40}|[0-9a-f]{64}) (blob|tree|commit|tag) (\d+)$/.exec(line);
    if (!match) throw new UnexpectedAnswer(line);
    const size = Number(match[3]);
    if (size > this.maximumSize) {
      throw new UnexpectedAnswer(`${line}, which is too large`);
    }
    return { id: match[1], kind: match[2] as ObjectKind, size };
  }
}
