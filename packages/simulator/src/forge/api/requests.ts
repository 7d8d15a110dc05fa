// SPDX-License-Identifier: Apache-2.0
import type { Request } from 'express';
import { Account, mayWrite } from '../accounts';
import { Forge } from '../Forge';
import { ForgeRepository } from '../ForgeRepository';
import { mayPush } from '../protections';
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

/** An account that may change the settings of repositories, or a refusal. */
export function requireAdministrator(request: Request): Account {
  const account = requireAccount(request);
  if (account.role !== 'administrator')
    throw new ApiError(
      403,
      'user should be an owner or a collaborator with admin write of a repository',
    );
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
  if (!mayWrite(account))
    throw new ApiError(
      403,
      'user should have a permission to write to the target branch',
    );
  if (!mayPush(account, repository.protectionOf(branch)))
    throw new ApiError(
      403,
      `user cannot commit to repo [user: ${account.login}]`,
    );
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
  if (!value) throw new ApiError(422, `[${goName(field)}]: Required`);
  return value;
}

/** Gitea names fields in such sentences as its own program does: `new_branch_name` is `NewBranchName`. */
function goName(field: string): string {
  return field
    .split('_')
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

function fieldOf(body: unknown, field: string): unknown {
  return typeof body === 'object' && body !== null
    ? (body as Record<string, unknown>)[field]
    : undefined;
}

/** A truth value of the body; undefined when it is missing. */
export function flagField(body: unknown, field: string): boolean | undefined {
  const value = fieldOf(body, field) ?? undefined;
  if (value !== undefined && typeof value !== 'boolean')
    throw new ApiError(422, `[${field}]: must be true or false`);
  return value;
}

/** A count of the body; undefined when it is missing. */
export function countField(body: unknown, field: string): number | undefined {
  const value = fieldOf(body, field) ?? undefined;
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || Number(value) < 0)
    throw new ApiError(422, `[${field}]: must be a whole number`);
  return Number(value);
}

/** A list of texts of the body; undefined when it is missing. */
export function listField(
  body: unknown,
  field: string,
): readonly string[] | undefined {
  const value = fieldOf(body, field) ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.some(item => typeof item !== 'string'))
    throw new ApiError(422, `[${field}]: must be a list of texts`);
  return value;
}
