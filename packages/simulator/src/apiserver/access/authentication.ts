// SPDX-License-Identifier: Apache-2.0
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type {
  AccessDecision,
  AccessRequest,
  User,
} from '../kinds/ResourceType';
import { badRequest, forbidden, unauthorized } from '../status';

/**
 * A bearer token and whom it stands for.
 *
 * @public
 */
export interface TokenGrant {
  readonly token: string;
  readonly user: string;
  readonly groups: readonly string[];
}

export const ANONYMOUS: User = {
  name: 'system:anonymous',
  groups: ['system:unauthenticated'],
};

const AUTHENTICATED = 'system:authenticated';

/** The user behind a token; `undefined` for a token nobody has. */
export function userOfToken(
  tokens: readonly TokenGrant[],
  token: string,
): User | undefined {
  const grant = tokens.find(candidate => sameSecret(candidate.token, token));
  return grant && asAuthenticated(grant.user, grant.groups);
}

/**
 * Who sends a request: the owner of its bearer token, nobody without one.
 *
 * @throws ApiError 401 for a token nobody has.
 */
export function authenticate(
  headers: IncomingHttpHeaders,
  tokens: readonly TokenGrant[],
): User {
  const { authorization } = headers;
  if (authorization === undefined) return ANONYMOUS;
  const token = /^Bearer\s+(\S+)$/i.exec(authorization)?.[1];
  const user = token === undefined ? undefined : userOfToken(tokens, token);
  if (!user) throw unauthorized();
  return user;
}

/**
 * Whom a request is made for: by the `Impersonate-User` and `-Group` headers,
 * where the sender may impersonate them.
 *
 * @throws ApiError 403 when the sender may not.
 */
export function impersonated(
  headers: IncomingHttpHeaders,
  user: User,
  isAllowed: (user: User, request: AccessRequest) => AccessDecision,
): User {
  const name = headers['impersonate-user'];
  const groups = listOf(headers['impersonate-group']);
  if (name === undefined && groups.length === 0) return user;
  if (typeof name !== 'string') {
    throw badRequest('requested groups without impersonating a user');
  }
  const wanted = [
    { resource: 'users', name },
    ...groups.map(group => ({ resource: 'groups', name: group })),
  ];
  for (const one of wanted) {
    const request = { verb: 'impersonate', group: '', ...one };
    if (!isAllowed(user, request).allowed) {
      const why = `User "${user.name}" cannot impersonate resource "${one.resource}" in API group "" at the cluster scope`;
      throw forbidden({ group: '', plural: one.resource }, one.name, why);
    }
  }
  return asAuthenticated(name, groups);
}

function asAuthenticated(name: string, groups: readonly string[]): User {
  if (name === ANONYMOUS.name || groups.includes(AUTHENTICATED)) {
    return { name, groups };
  }
  return { name, groups: [...groups, AUTHENTICATED] };
}

/** Node joins repeated headers with commas, but for some names. */
function listOf(header: string | string[] | undefined): string[] {
  if (header === undefined) return [];
  const values = Array.isArray(header) ? header : header.split(',');
  return values.map(value => value.trim()).filter(Boolean);
}

function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
