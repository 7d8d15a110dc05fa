import { randomBytes } from 'node:crypto';

const header = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const nothing = /^0+$/;

/** Where a request belongs, as W3C Trace Context says it. */
export interface Trace {
  readonly traceId: string;
  /** The header to send on, with a span of our own. */
  readonly traceparent: string;
}

/** Goes on with the caller's trace, or begins one when the header is missing or wrong. */
export function continueTrace(
  traceparent: string | undefined,
  random: (bytes: number) => Buffer = randomBytes,
): Trace {
  const [, caller = '', parent = '', flags = '01'] =
    header.exec(traceparent ?? '') ?? [];
  const known = caller !== '' && !nothing.test(caller) && !nothing.test(parent);
  const traceId = known ? caller : random(16).toString('hex');
  const spanId = random(8).toString('hex');
  return {
    traceId,
    traceparent: `00-${traceId}-${spanId}-${known ? flags : '01'}`,
  };
}
