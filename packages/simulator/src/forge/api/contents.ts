// SPDX-License-Identifier: Apache-2.0
import PromiseRouter from 'express-promise-router';
import type { Request, Response, Router } from 'express';
import { NewCommit, Signature } from '../../git/importCommits';
import { Account } from '../accounts';
import { ForgeRepository } from '../ForgeRepository';
import { ApiError } from './errors';
import {
  ApiContext,
  checkMayPush,
  repositoryOf,
  requireAccount,
  requiredField,
  resolveRevision,
  textField,
} from './requests';
import { commitShape, contentsShape } from './shapes';

type Action = 'create' | 'update' | 'delete';

const verbs = {
  create: 'Add',
  update: 'Update',
  delete: 'Delete',
} satisfies Record<Action, string>;

/** Reading files and folders, and changing single files by commit. */
export function contentRoutes(context: ApiContext): Router {
  const router = PromiseRouter();
  const base = '/repos/:owner/:repo';

  router.get(
    [`${base}/contents`, `${base}/contents/*`],
    async (request, response) => {
      const repository = repositoryOf(context, request);
      const path = pathOf(request);
      const revision =
        typeof request.query.ref === 'string' && request.query.ref
          ? request.query.ref
          : 'main';
      const sha = await resolveRevision(repository, revision);
      const lastCommit = (place: string) =>
        lastCommitOf(repository, sha, place);
      const entry = path ? await repository.git.entry(sha, path) : undefined;
      if (entry?.kind === 'blob') {
        const content = await repository.git.blob(entry.sha);
        response.json(
          contentsShape(context, repository, {
            entry,
            revision,
            lastCommit: await lastCommit(path),
            content,
          }),
        );
        return;
      }
      if (path && !entry)
        throw ApiError.notFound(
          `object does not exist [id: , rel_path: ${path}]`,
        );
      const listing = [];
      for (const child of await repository.git.tree(sha, path)) {
        listing.push(
          contentsShape(context, repository, {
            entry: child,
            revision,
            lastCommit: await lastCommit(child.path),
          }),
        );
      }
      response.json(listing);
    },
  );

  router.get(
    [`${base}/raw/*`, `${base}/media/*`],
    async (request, response) => {
      const repository = repositoryOf(context, request);
      const sha = await resolveRevision(repository, request.query.ref);
      const content = await repository.git.readFile(sha, pathOf(request));
      if (!content) throw ApiError.notFound();
      response.type('text/plain').send(content);
    },
  );

  router.post(`${base}/contents/*`, change('create'));
  router.put(`${base}/contents/*`, change('update'));
  router.delete(`${base}/contents/*`, change('delete'));
  return router;

  function change(action: Action) {
    return async (request: Request, response: Response) => {
      const account = requireAccount(request);
      const repository = repositoryOf(context, request);
      const answer = await commitFile({
        context,
        repository,
        account,
        action,
        path: pathOf(request),
        body: request.body,
      });
      response.status(action === 'create' ? 201 : 200).json(answer);
    };
  }
}

function pathOf(request: Request): string {
  const path = (request.params as Record<string, string>)[0] ?? '';
  if (path.split('/').some(part => part === '..' || part === '.git')) {
    throw new ApiError(
      422,
      `path contains a malformed path component [path: ${path}]`,
    );
  }
  return path.replace(/\/$/, '');
}

async function lastCommitOf(
  repository: ForgeRepository,
  revision: string,
  path: string,
): Promise<string> {
  return (
    (await repository.git.log({ from: revision, path, limit: 1 }))[0]?.sha ??
    revision
  );
}

interface FileCommand {
  readonly context: ApiContext;
  readonly repository: ForgeRepository;
  readonly account: Account;
  readonly action: Action;
  readonly path: string;
  readonly body: unknown;
}

async function commitFile(command: FileCommand) {
  const { context, repository, account, action, path, body } = command;
  const branch = textField(body, 'branch') ?? 'main';
  const target = textField(body, 'new_branch') ?? branch;
  checkMayPush(context, repository, account, target);
  const sha = await context.forge.moving(repository, account, async () => {
    const tip = await repository.git.resolve(`refs/heads/${branch}`);
    // The first commit of an empty repository makes its branch.
    const begins =
      !tip && (await repository.git.references('refs/heads/')).length === 0;
    if (!tip && !begins)
      throw ApiError.notFound(`branch does not exist [name: ${branch}]`);
    await checkExpectation(command, tip);
    const content =
      action === 'delete'
        ? undefined
        : Buffer.from(requiredText(body, 'content'), 'base64');
    const person = signatures(context, account, body);
    const message = textField(body, 'message') || `${verbs[action]} ${path}`;
    const commit: NewCommit = {
      branch: target,
      parent: tip,
      message,
      ...person,
      changes: [{ path, content }],
    };
    return (await repository.git.write([commit]))[0];
  });
  const entry =
    action === 'delete' ? undefined : await repository.git.entry(sha, path);
  const commit = await repository.git.commit(sha);
  const content = entry ? await repository.git.blob(entry.sha) : undefined;
  return {
    content: entry
      ? contentsShape(context, repository, {
          entry,
          revision: target,
          lastCommit: sha,
          content,
        })
      : null,
    commit: commit
      ? {
          ...commitShape(context, repository, commit).commit,
          ...commitShape(context, repository, commit),
        }
      : null,
    verification: {
      verified: false,
      reason: 'gpg.error.not_signed_commit',
      signature: '',
      payload: '',
    },
  };
}

function requiredText(body: unknown, field: string): string {
  const value = textField(body, field);
  if (value === undefined) throw new ApiError(422, `[${field}]: Required`);
  return value;
}

/** A create must find nothing; an update or delete must know the blob it replaces. */
async function checkExpectation(
  { repository, action, path, body }: FileCommand,
  tip: string | undefined,
): Promise<void> {
  const present = tip ? await repository.git.entry(tip, path) : undefined;
  if (action === 'create') {
    if (present)
      throw new ApiError(422, `repository file already exists [path: ${path}]`);
    return;
  }
  if (!present)
    throw ApiError.notFound(`object does not exist [id: , rel_path: ${path}]`);
  const expected = requiredField(body, 'sha');
  if (expected !== present.sha) {
    throw new ApiError(
      422,
      `sha does not match [given: ${expected}, expected: ${present.sha}]`,
    );
  }
}

function signatures(context: ApiContext, account: Account, body: unknown) {
  const own = context.forge.signatureOf(account);
  const named = (field: string): Signature => {
    const value: unknown =
      typeof body === 'object' && body !== null
        ? (body as Record<string, unknown>)[field]
        : undefined;
    const name = textField(value, 'name');
    const email = textField(value, 'email');
    return name && email ? { name, email, date: own.date } : own;
  };
  return { author: named('author'), committer: named('committer') };
}
