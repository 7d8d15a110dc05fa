// SPDX-License-Identifier: Apache-2.0
import { createHmac, timingSafeEqual } from 'node:crypto';

/** What an account may do in every repository. */
export type AccountRole = 'administrator' | 'developer' | 'reader';

/** Somebody, or some machine, that can sign in to the forge. */
export interface Account {
  readonly id: number;
  readonly login: string;
  readonly fullName: string;
  readonly email: string;
  readonly role: AccountRole;
}

/** A branch that only some accounts may move. */
export interface ProtectedBranch {
  readonly branch: string;
  readonly pushers: readonly string[];
}

/** Whether an account may change anything in repositories. */
export function mayWrite(account: Account | undefined): account is Account {
  return account !== undefined && account.role !== 'reader';
}

/** The access token of an account; it can be told from the password, which all demo accounts share. */
export function accessTokenOf(login: string, password: string): string {
  return createHmac('sha256', password)
    .update(`access token of ${login}`)
    .digest('hex')
    .slice(0, 40);
}

function same(one: string, other: string): boolean {
  const left = createHmac('sha256', 'compare').update(one).digest();
  const right = createHmac('sha256', 'compare').update(other).digest();
  return timingSafeEqual(left, right);
}

/** Who sent a request: nobody, a known account, or somebody with wrong credentials. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'account'; readonly account: Account }
  | { readonly kind: 'refused' };

/** Reads `Authorization: Basic …`, `token …` or `Bearer …` as Gitea does. */
export function identify(
  authorization: string | undefined,
  accounts: readonly Account[],
  password: string,
): Caller {
  if (!authorization) return { kind: 'anonymous' };
  const [scheme, value = ''] = authorization.split(/ +/, 2);
  const found = /^basic$/i.test(scheme)
    ? accountOfPair(Buffer.from(value, 'base64').toString(), accounts, password)
    : accounts.find(({ login }) => same(accessTokenOf(login, password), value));
  return found ? { kind: 'account', account: found } : { kind: 'refused' };
}

function accountOfPair(
  pair: string,
  accounts: readonly Account[],
  password: string,
) {
  const colon = pair.indexOf(':');
  if (colon < 0) return undefined;
  const account = accounts.find(({ login }) => login === pair.slice(0, colon));
  const secret = pair.slice(colon + 1);
  if (!account) return undefined;
  const accepted =
    same(secret, password) ||
    same(secret, accessTokenOf(account.login, password));
  return accepted ? account : undefined;
}
