// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { BareRepository } from '../../git/BareRepository';
import { subjectOf } from '../../git/parseCommits';
import { git, GitError } from '../../git/program';
import { GitRepository } from './fluxObjects';

/** Why a source could not be read, in Flux's reasons and words. */
export class SourceError extends Error {
  constructor(
    readonly reason:
      | 'AuthenticationFailed'
      | 'GitOperationFailed'
      | 'EmptyGitRepository'
      | 'InvalidReference',
    message: string,
  ) {
    super(message);
    this.name = 'SourceError';
  }
}

/** What a fetch found. */
export interface FetchedCommit {
  readonly sha: string;
  /** `main@sha1:…` */
  readonly revision: string;
  readonly subject: string;
}

/** An archive's identity. */
export interface ArchiveFacts {
  readonly digest: string;
  readonly size: number;
}

/** Basic authentication of a Git remote. */
export interface GitCredentials {
  readonly username: string;
  readonly password: string;
}

const fetchedReference = 'refs/source/fetched';

/** The local mirror of one source: a bare repository that only ever holds what was fetched. */
export class GitSource {
  #mirror: Promise<BareRepository> | undefined;

  constructor(private readonly directory: string) {}

  /**
   * Fetches what the reference points to now.
   * @throws SourceError when the remote cannot be read or has no such reference.
   */
  async fetch(
    spec: GitRepository['spec'],
    credentials: GitCredentials | undefined,
    known: boolean,
    signal: AbortSignal,
  ): Promise<FetchedCommit> {
    const mirror = await this.#open();
    const { name, reference } = referenceOf(spec.ref);
    try {
      await git(
        [
          'fetch',
          '--quiet',
          '--no-tags',
          '--force',
          spec.url,
          `${reference}:${fetchedReference}`,
        ],
        {
          gitDirectory: mirror.directory,
          environment: authorization(credentials),
          signal,
        },
      );
    } catch (error) {
      if (error instanceof GitError)
        throw await this.#explain(error, spec, reference, known, credentials);
      throw error;
    }
    const commit = await mirror.commit(fetchedReference);
    if (!commit)
      throw new SourceError('GitOperationFailed', `no commit at ${reference}`);
    const prefix = name ? `${name}@` : '';
    return {
      sha: commit.sha,
      revision: `${prefix}sha1:${commit.sha}`,
      subject: subjectOf(commit.message),
    };
  }

  /** Digest and size of the archive of a fetched commit. */
  async archive(sha: string): Promise<ArchiveFacts> {
    const bytes = await (await this.#open()).archive(sha, 'tar.gz');
    return {
      digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      size: bytes.length,
    };
  }

  /** All files of a fetched commit as text. */
  async files(sha: string): Promise<ReadonlyMap<string, string>> {
    const files = await (await this.#open()).files(sha);
    return new Map(
      [...files].map(([path, content]) => [path, content.toString()]),
    );
  }

  #open(): Promise<BareRepository> {
    this.#mirror ??= openOrCreate(this.directory);
    return this.#mirror;
  }

  async #explain(
    error: GitError,
    spec: GitRepository['spec'],
    reference: string,
    known: boolean,
    credentials: GitCredentials | undefined,
  ): Promise<SourceError> {
    const said = error.standardError;
    const missing =
      /couldn't find remote ref|Server does not allow request for unadvertised object/.test(
        said,
      );
    if (missing && (await this.#isEmpty(spec.url, credentials))) {
      return new SourceError('EmptyGitRepository', 'git repository is empty');
    }
    const step = known && !missing ? 'list remote for' : 'clone';
    const reason = missing
      ? `couldn't find remote ref "${reference.replace(/^\+/, '')}"`
      : remoteProblem(said, spec.url);
    return new SourceError(
      'GitOperationFailed',
      `failed to checkout and determine revision: unable to ${step} '${spec.url}': ${reason}`,
    );
  }

  async #isEmpty(
    url: string,
    credentials: GitCredentials | undefined,
  ): Promise<boolean> {
    const listed = await git(['ls-remote', '--heads', '--tags', url], {
      environment: authorization(credentials),
    });
    return listed.length === 0;
  }
}

async function openOrCreate(directory: string): Promise<BareRepository> {
  try {
    await access(`${directory}/HEAD`);
    return new BareRepository(directory);
  } catch {
    return BareRepository.create(directory);
  }
}

function referenceOf(ref: GitRepository['spec']['ref']): {
  name: string | undefined;
  reference: string;
} {
  if (ref?.commit) return { name: ref.branch, reference: `+${ref.commit}` };
  if (ref?.tag) return { name: ref.tag, reference: `+refs/tags/${ref.tag}` };
  const branch = ref?.branch ?? 'master';
  return { name: branch, reference: `+refs/heads/${branch}` };
}

/** Credentials by environment: arguments could be read by everybody on the machine. */
function authorization(
  credentials: GitCredentials | undefined,
): Record<string, string> {
  if (!credentials) return {};
  const pair = Buffer.from(
    `${credentials.username}:${credentials.password}`,
  ).toString('base64');
  return {
    GIT_CONFIG_COUNT: '3',
    GIT_CONFIG_KEY_2: 'http.extraHeader',
    GIT_CONFIG_VALUE_2: `Authorization: Basic ${pair}`,
  };
}

function remoteProblem(said: string, url: string): string {
  if (
    /Authentication failed|could not read Username|could not read Password|HTTP 40[13]|error: 40[13]/.test(
      said,
    )
  ) {
    return 'authentication required: ';
  }
  const request = `Get "${url}/info/refs?service=git-upload-pack"`;
  if (/Connection refused|Failed to connect/.test(said)) {
    const { hostname, port } = new URL(url);
    return `${request}: dial tcp ${hostname}:${port}: connect: connection refused`;
  }
  if (/Empty reply from server|Connection reset/.test(said))
    return `${request}: EOF`;
  if (/not found/i.test(said)) return 'repository not found';
  return said.trim().split('\n').at(-1) ?? 'unknown error';
}
