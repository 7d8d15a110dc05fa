// SPDX-License-Identifier: Apache-2.0
import { FileDifference, TreeEntry } from '../../git/BareRepository';
import { Signature } from '../../git/importCommits';
import { CommitRecord } from '../../git/parseCommits';
import { Account } from '../accounts';
import { ForgeRepository } from '../ForgeRepository';
import type { CommitStatus } from '../records';
import { ApiContext } from './requests';

/** The instant as Gitea writes it. */
export function instant(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A user in Gitea's shape. */
export function userShape({ baseUrl }: ApiContext, account: Account) {
  return {
    id: account.id,
    login: account.login,
    username: account.login,
    login_name: '',
    full_name: account.fullName,
    email: account.email,
    avatar_url: '',
    html_url: `${baseUrl()}/${account.login}`,
    is_admin: account.role === 'administrator',
    active: true,
    restricted: account.role === 'reader',
    visibility: 'public',
  };
}

/** The account that wrote with this address; undefined for strangers. */
export function accountByEmail(
  { forge }: ApiContext,
  email: string,
): Account | undefined {
  return forge.accounts.find(account => account.email === email);
}

/** A repository in Gitea's shape. */
export function repositoryShape(
  context: ApiContext,
  repository: ForgeRepository,
  account: Account | undefined,
) {
  const { id, owner, name, description, createdAt } = repository.settings;
  const url = `${context.baseUrl()}/${owner}/${name}`;
  const writes = account !== undefined && account.role !== 'reader';
  return {
    id,
    owner: {
      id: 1,
      login: owner,
      username: owner,
      full_name: owner,
      email: '',
      avatar_url: '',
      html_url: `${context.baseUrl()}/${owner}`,
    },
    name,
    full_name: `${owner}/${name}`,
    description,
    empty: false,
    private: false,
    fork: false,
    template: false,
    mirror: false,
    archived: false,
    internal: false,
    html_url: url,
    url: `${context.baseUrl()}/api/v1/repos/${owner}/${name}`,
    clone_url: `${url}.git`,
    ssh_url: '',
    default_branch: 'main',
    has_issues: false,
    has_pull_requests: true,
    allow_merge_commits: true,
    allow_squash_merge: true,
    allow_fast_forward_only_merge: true,
    open_pr_counter: repository.pulls.filter(({ state }) => state === 'open')
      .length,
    created_at: createdAt,
    updated_at: createdAt,
    permissions: {
      admin: account?.role === 'administrator',
      push: writes,
      pull: true,
    },
  };
}

function signatureShape({ name, email, date }: Signature) {
  return { name, email, date: instant(date) };
}

/** A commit in Gitea's shape; `files` when the caller has them. */
export function commitShape(
  context: ApiContext,
  repository: ForgeRepository,
  commit: CommitRecord,
  files?: readonly FileDifference[],
) {
  const api = `${context.baseUrl()}/api/v1/repos/${repository.fullName}`;
  const html = `${context.baseUrl()}/${repository.fullName}`;
  const author = accountByEmail(context, commit.author.email);
  const committer = accountByEmail(context, commit.committer.email);
  return {
    url: `${api}/git/commits/${commit.sha}`,
    sha: commit.sha,
    created: instant(commit.committer.date),
    html_url: `${html}/commit/${commit.sha}`,
    commit: {
      url: `${api}/git/commits/${commit.sha}`,
      author: signatureShape(commit.author),
      committer: signatureShape(commit.committer),
      message: `${commit.message}\n`,
      tree: {
        url: `${api}/git/trees/${commit.tree}`,
        sha: commit.tree,
        created: instant(commit.committer.date),
      },
    },
    author: author ? userShape(context, author) : null,
    committer: committer ? userShape(context, committer) : null,
    parents: commit.parents.map(sha => ({
      url: `${api}/git/commits/${sha}`,
      sha,
      created: '0001-01-01T00:00:00Z',
    })),
    ...(files
      ? { files: files.map(({ path, status }) => ({ filename: path, status })) }
      : {}),
  };
}

/** A commit as it appears in pushes and branches. */
export function payloadCommit(
  context: ApiContext,
  repository: ForgeRepository,
  commit: CommitRecord,
  files: readonly FileDifference[] = [],
) {
  const person = ({ name, email }: Signature) => ({
    name,
    email,
    username: accountByEmail(context, email)?.login ?? '',
  });
  const paths = (status: FileDifference['status']) =>
    files.filter(file => file.status === status).map(({ path }) => path);
  return {
    id: commit.sha,
    message: `${commit.message}\n`,
    url: `${context.baseUrl()}/${repository.fullName}/commit/${commit.sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
    timestamp: instant(commit.committer.date),
    added: paths('added'),
    removed: paths('removed'),
    modified: paths('modified'),
  };
}

/** A file or folder in the shape of `contents`; `content` for a file that was asked for by itself. */
export function contentsShape(
  { baseUrl }: ApiContext,
  repository: ForgeRepository,
  options: {
    readonly entry: TreeEntry;
    readonly revision: string;
    readonly lastCommit: string;
    readonly content?: Buffer;
  },
) {
  const { entry, revision, lastCommit, content } = options;
  const repositoryUrl = `${baseUrl()}/api/v1/repos/${repository.fullName}`;
  const isFile = entry.kind === 'blob';
  const url = `${repositoryUrl}/contents/${entry.path}?ref=${encodeURIComponent(
    revision,
  )}`;
  const gitUrl = `${repositoryUrl}/git/${isFile ? 'blobs' : 'trees'}/${
    entry.sha
  }`;
  const html = `${baseUrl()}/${repository.fullName}/src/${revisionPath(
    revision,
  )}/${entry.path}`;
  return {
    name: entry.path.split('/').at(-1) ?? entry.path,
    path: entry.path,
    sha: entry.sha,
    last_commit_sha: lastCommit,
    type: isFile ? 'file' : 'dir',
    size: entry.size ?? 0,
    encoding: content ? 'base64' : null,
    content: content ? content.toString('base64') : null,
    target: null,
    url,
    html_url: html,
    git_url: gitUrl,
    download_url: isFile
      ? `${baseUrl()}/${repository.fullName}/raw/${revisionPath(revision)}/${
          entry.path
        }`
      : null,
    submodule_git_url: null,
    _links: { self: url, git: gitUrl, html },
  };
}

function revisionPath(revision: string): string {
  return /^[0-9a-f]{40}$/.test(revision)
    ? `commit/${revision}`
    : `branch/${revision}`;
}

/** A commit status in Gitea's shape. */
export function statusShape(
  context: ApiContext,
  repository: ForgeRepository,
  status: CommitStatus,
) {
  const creator = context.forge.account(status.creator);
  return {
    id: status.id,
    status: status.state,
    context: status.context,
    description: status.description,
    target_url: status.targetUrl,
    url: `${context.baseUrl()}/api/v1/repos/${repository.fullName}/statuses/${
      status.sha
    }`,
    creator: creator ? userShape(context, creator) : null,
    created_at: status.createdAt,
    updated_at: status.createdAt,
  };
}
