import type { IncomingMessage } from 'node:http';

/** What goes back over the wire. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  /** How long others may keep it. Default: not at all. */
  readonly cacheControl?: string;
}

/** Answers requests of one method and path. */
export type Handler = (request: IncomingMessage) => Answer | Promise<Answer>;

/** A document. */
export function json(status: number, value: unknown): Answer {
  return {
    status,
    type: 'application/json',
    body: `${JSON.stringify(value)}\n`,
  };
}

/** A sentence that says what is wrong. */
export function problem(status: number, detail: string): Answer {
  return {
    ...json(status, { status, detail }),
    type: 'application/problem+json',
  };
}

/** What a request brings, as JSON, or the answer to give when it can not be taken. */
export async function documentOf(
  request: IncomingMessage,
  limit: number,
): Promise<{ readonly value: unknown } | { readonly refused: Answer }> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > limit)
      return { refused: problem(413, `At most ${limit} bytes are taken.`) };
    parts.push(part);
  }
  try {
    return { value: JSON.parse(Buffer.concat(parts).toString('utf8')) };
  } catch {
    return { refused: problem(400, 'The body must be a JSON document.') };
  }
}
