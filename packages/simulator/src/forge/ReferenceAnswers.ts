// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import { packet } from '@causeway/git';
import type { BareRepository } from '../git/BareRepository';
import { git } from '../git/program';
import { advertisement, capabilitiesIn, listReferences } from './advertisement';

/** A body and what it is. */
export interface ReferenceAnswer {
  readonly type: string;
  readonly body: Buffer;
}

/** What of the protocol can be answered by knowing the references. */
export interface ReferenceQuestion {
  readonly method: string;
  /** The part after the repository, e.g. `/info/refs`. */
  readonly path: string;
  readonly service: 'git-upload-pack' | 'git-receive-pack';
  /** Header `Git-Protocol`. */
  readonly protocol: string;
  /** All that was sent; undefined when it is too much, or packed. */
  readonly body: Buffer | undefined;
}

const announcement = Buffer.concat([
  packet('# service=git-upload-pack\n'),
  packet('flush'),
]);

/**
 * Tells which references a repository has without starting git, in git's own words: what it can do
 * is asked of it once, where the references are is read from the repository's files each time.
 */
export class ReferenceAnswers {
  readonly #abilities = new Map<string, Promise<Buffer>>();

  /** @param environment of git, as it serves repositories */
  constructor(private readonly environment: Readonly<Record<string, string>>) {}

  /** Undefined for everything that git has to answer itself. */
  async answer(
    { method, path, service, protocol, body }: ReferenceQuestion,
    repository: BareRepository,
  ): Promise<ReferenceAnswer | undefined> {
    const isModern = protocol === 'version=2';
    if (service !== 'git-upload-pack' || (protocol && !isModern))
      return undefined;
    if (method === 'GET' && path === '/info/refs') {
      const found = isModern
        ? await this.#ability(repository, protocol)
        : await this.#advertise(repository);
      const type = 'application/x-git-upload-pack-advertisement';
      return found && { type, body: found };
    }
    if (method !== 'POST' || !isModern || !body) return undefined;
    const found = listReferences(body, await repository.allReferences());
    const type = 'application/x-git-upload-pack-result';
    return found && { type, body: found };
  }

  async #advertise(repository: BareRepository): Promise<Buffer | undefined> {
    const references = await repository.allReferences();
    // What git says of an empty repository holds for no other.
    if (!advertisement(references, '')) return undefined;
    const capabilities = capabilitiesIn(await this.#ability(repository, ''));
    if (capabilities === undefined) return undefined;
    const listed = advertisement(references, capabilities);
    return listed && Buffer.concat([announcement, listed]);
  }

  /** What git itself says first. */
  #ability(repository: BareRepository, protocol: string): Promise<Buffer> {
    const known = this.#abilities.get(protocol);
    if (known) return known;
    const asked = git(
      [
        'upload-pack',
        '--stateless-rpc',
        '--advertise-refs',
        repository.directory,
      ],
      { environment: { ...this.environment, GIT_PROTOCOL: protocol } },
    );
    this.#abilities.set(protocol, asked);
    asked.catch(() => this.#abilities.delete(protocol));
    return asked;
  }
}

/** The body of a short request that is not packed; undefined for others, which stay unread. */
export async function shortBody(
  request: IncomingMessage,
): Promise<Buffer | undefined> {
  const length = Number(request.headers['content-length']);
  if (!(length <= 2048) || request.headers['content-encoding'])
    return undefined;
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}
