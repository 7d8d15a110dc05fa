// SPDX-License-Identifier: Apache-2.0
import type { Request } from 'express';
import { Account, mayPush, mayWrite } from '../accounts';
import { Forge } from '../Forge';
import { ForgeRepository } from '../ForgeRepository';
import { refusalReason } from '../smartHttp';
import { ApiError } from './errors';

/** What every route of the API works with. */
export interface ApiContext {
  readonly forge: Forge;
  /** Address of the forge without a slash at the end. */
  readonly baseUrl: () => string;
}

const accounts = new WeakMap<Request, Account>();

/** Remembers who sent a request. */
export function setAccount(request: Request, account: Account): void {
  accounts.set(request, account);
}

/** Who sent a request; undefined for an anonymous one. */
export function accountOf(request: Request): Account | undefined {
  return accounts.get(request);
}

/** The account that sent a request, or a refusal. */
export function requireAccount(request: Request): Account {
  const account = accountOf(request);
  if (!account) throw new ApiError(401, 'token is required');
  return account;
}

/** An account that may change repositories, or a refusal. */
export function requireWriter(request: Request): Account {
  const account = requireAccount(request);
  if (!mayWrite(account))
    throw new ApiError(403, 'user should have a permission to write to a repo');
  return account;
}

/** The repository named in the address, or a refusal. */
export function repositoryOf(
  { forge }: ApiContext,
  request: Request,
): ForgeRepository {
  const repository = forge.repository(
    `${request.params.owner}/${request.params.repo}`,
  );
  if (!repository) throw ApiError.notFound();
  return repository;
}

/** Refuses unless the account may move the branch and no fault forbids it now. */
export function checkMayPush(
  { forge }: ApiContext,
  repository: ForgeRepository,
  account: Account,
  branch: string,
): void {
  if (!mayPush(account, branch, repository.settings.protections)) {
    throw new ApiError(
      403,
      `user should have a permission to write to the target branch: ${branch}`,
    );
  }
  if (forge.faults.takeRefusal()) throw new ApiError(403, refusalReason);
}

/** The commit a name means; `HEAD` and nothing mean the default branch. */
export async function resolveRevision(
  repository: ForgeRepository,
  name: unknown,
): Promise<string> {
  const revision = typeof name === 'string' && name !== '' ? name : 'main';
  const sha = await repository.git.resolve(revision);
  if (!sha)
    throw ApiError.notFound(
      `object does not exist [id: ${revision}, rel_path: ]`,
    );
  return sha;
}

/** One page of a list as asked by `page` and `limit`; 50 by default and at most. */
export function pageOf(request: Request): {
  readonly skip: number;
  readonly limit: number;
} {
  const number = (value: unknown, fallback: number) => {
    const parsed = Number(value);
    return Number.isInteger(parsed) && parsed > 0 ? parsed : fallback;
  };
  const limit = Math.min(number(request.query.limit, 30), 50);
  return { skip: (number(request.query.page, 1) - 1) * limit, limit };
}

/** A text field of the body; undefined when it is missing. */
export function textField(body: unknown, field: string): string | undefined {
  if (typeof body !== 'object' || body === null || !(field in body))
    return undefined;
  const value = (body as Record<string, unknown>)[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string')
    throw new ApiError(422, `[${field}]: must be a string`);
  return value;
}

/** A text field of the body, or a refusal. */
export function requiredField(body: unknown, field: string): string {
  const value = textField(body, field);
  if (!value) throw new ApiError(422, `[${field}]: Required`);
  return value;
}
