// SPDX-License-Identifier: Apache-2.0
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ObjectName } from '../../runtime/resources';
import { Receiver, ReceiverType } from './notificationObjects';

/** Where a receiver is called: a digest of its token and its name, so that the address is a secret too. */
export function webhookPath(
  token: string,
  { name, namespace = '' }: ObjectName,
): string {
  const digest = createHash('sha256').update(token + name + namespace);
  return `/hook/${digest.digest('hex')}`;
}

function same(a: string, b: string): boolean {
  const [first, second] = [Buffer.from(a), Buffer.from(b)];
  return first.length === second.length && timingSafeEqual(first, second);
}

/** Whether a header holds the digest of the body under the token, behind the algorithm and `=`. */
function isSigned(header: string, token: string, body: Buffer): boolean {
  const [, algorithm, signature] =
    /^(sha1|sha256|sha512)=([0-9a-f]+)$/.exec(header) ?? [];
  if (!algorithm) return false;
  return same(
    signature,
    createHmac(algorithm, token).update(body).digest('hex'),
  );
}

interface Check {
  /** Header with the name of the event. */
  readonly event?: string;
  accepts(
    header: (name: string) => string,
    token: string,
    body: Buffer,
  ): boolean;
}

const checks: Readonly<Record<ReceiverType, Check>> = {
  generic: { accepts: () => true },
  'generic-hmac': {
    accepts: (header, token, body) =>
      isSigned(header('x-signature'), token, body),
  },
  github: {
    event: 'x-github-event',
    accepts: (header, token, body) =>
      isSigned(
        header('x-hub-signature-256') || header('x-hub-signature'),
        token,
        body,
      ),
  },
  gitea: {
    event: 'x-gitea-event',
    accepts: (header, token, body) =>
      isSigned(`sha256=${header('x-gitea-signature')}`, token, body),
  },
  gitlab: {
    event: 'x-gitlab-event',
    accepts: (header, token) => same(header('x-gitlab-token'), token),
  },
};

/** Why a call of a receiver is refused; undefined when it is to be obeyed. */
export function refusalOf(
  { spec }: Receiver,
  token: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): string | undefined {
  const header = (name: string) => String(headers[name] ?? '');
  const check = checks[spec.type];
  if (!check.accepts(header, token, body))
    return `the call is not signed as the type ${spec.type} asks for`;
  const wanted = spec.events ?? [];
  if (!check.event || wanted.length === 0) return undefined;
  const event = header(check.event);
  return wanted.some(name => name.toLowerCase() === event.toLowerCase())
    ? undefined
    : `the event '${event}' is not authorised`;
}
