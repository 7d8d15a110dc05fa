// SPDX-License-Identifier: Apache-2.0
import type { LogProblem, RecordedEvent, Verification } from './EventLog';
import { hashOf, hashOfSeal, NO_HASH } from './hashChain';

/** The last event of a stream, as written down somewhere. */
interface Head {
  readonly stream: string;
  readonly version: number;
  readonly hash: string;
}

interface Seal {
  readonly number: number;
  readonly at: string;
  /** JSON: `[stream, version, hash][]`. */
  readonly heads: string;
  readonly previousHash: string;
  readonly hash: string;
}

/**
 * Checks a whole log. Each chain must hold by itself, end where its head says, and still contain what
 * every seal wrote down; so changing, dropping, inserting or cutting off events is noticed, unless
 * somebody rewrote chain, heads and all later seals (keep exported seals elsewhere against that).
 * @param log.events - by stream, then by version
 */
export async function verifyLog(log: {
  readonly events: AsyncIterable<RecordedEvent>;
  readonly heads: AsyncIterable<Head>;
  readonly seals: AsyncIterable<Seal>;
}): Promise<Verification> {
  const problems: LogProblem[] = [];
  const heads = await collect(log.heads);
  const seals = await collect(log.seals);
  const sealed = new Map<string, Head[]>();
  for (const head of sealedHeads(seals, problems)) {
    sealed.set(head.stream, [...(sealed.get(head.stream) ?? []), head]);
  }
  const ends = new Map<string, Head>();
  let events = 0;
  for await (const event of log.events) {
    events += 1;
    problems.push(...checkLink(event, ends.get(event.stream)));
    problems.push(...checkSealed(event, sealed.get(event.stream) ?? []));
    ends.set(event.stream, event);
  }
  problems.push(
    ...heads.flatMap(head => checkEnd(head, ends.get(head.stream))),
  );
  const headed = new Set(heads.map(({ stream }) => stream));
  for (const stream of ends.keys()) {
    if (!headed.has(stream)) {
      problems.push({ stream, version: 0, problem: 'The stream has no head.' });
    }
  }
  for (const [stream, marks] of sealed) {
    const end = ends.get(stream)?.version ?? 0;
    for (const { version } of marks.filter(mark => mark.version > end)) {
      problems.push({ stream, version, problem: 'A sealed event is missing.' });
    }
  }
  return {
    intact: problems.length === 0,
    events,
    streams: ends.size,
    problems,
  };
}

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function checkLink(
  event: RecordedEvent,
  before: Head | undefined,
): readonly LogProblem[] {
  const { stream, version } = event;
  const found: LogProblem[] = [];
  if (version !== (before?.version ?? 0) + 1) {
    found.push({ stream, version, problem: 'An event before it is missing.' });
  }
  if (event.previousHash !== (before?.hash ?? NO_HASH)) {
    found.push({
      stream,
      version,
      problem: 'It does not continue the event before it.',
    });
  }
  if (event.hash !== hashOf(event)) {
    found.push({ stream, version, problem: 'The event was changed.' });
  }
  return found;
}

function checkSealed(
  event: RecordedEvent,
  marks: readonly Head[],
): readonly LogProblem[] {
  return marks
    .filter(
      ({ version, hash }) => version === event.version && hash !== event.hash,
    )
    .map(({ stream, version }) => ({
      stream,
      version,
      problem: 'It is not the event that was sealed.',
    }));
}

function checkEnd(head: Head, end: Head | undefined): readonly LogProblem[] {
  const { stream, version } = head;
  if (end?.version === version && end.hash === head.hash) return [];
  return [
    { stream, version, problem: 'The stream does not end where it should.' },
  ];
}

function sealedHeads(
  seals: readonly Seal[],
  problems: LogProblem[],
): readonly Head[] {
  let previousHash = NO_HASH;
  return seals.flatMap(seal => {
    if (seal.previousHash !== previousHash || seal.hash !== hashOfSeal(seal)) {
      problems.push({
        stream: 'seals',
        version: seal.number,
        problem: 'The seal was changed, or one before it is missing.',
      });
    }
    previousHash = seal.hash;
    return parseHeads(seal);
  });
}

function parseHeads(seal: Seal): readonly Head[] {
  const heads: unknown = JSON.parse(seal.heads);
  if (!Array.isArray(heads)) return [];
  return heads.map(([stream, version, hash]: [string, number, string]) => ({
    stream,
    version,
    hash,
  }));
}
