// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { remoteTip } from '@causeway/git';
import { BareRepository } from '../../git/BareRepository';
import { subjectOf } from '../../git/parseCommits';
import { git, GitError } from '../../git/program';
import { SharedWork } from '../runtime/SharedWork';
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

/** An artifact's identity: made of paths and contents only, as of Flux's archives without times and owners. */
export interface ArtifactFacts {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** Basic authentication of a Git remote. */
export interface GitCredentials {
  readonly username: string;
  readonly password: string;
}

const fetchedReference = 'refs/source/fetched';

/** A file of a fetched commit. */
interface FetchedFile {
  readonly blob: string;
  readonly text: string;
}

/** What there is of a fetched commit. */
interface FetchedContent {
  readonly sha: string;
  readonly files: Promise<ReadonlyMap<string, FetchedFile>>;
}

/** How long a fetch may take, in milliseconds. It is one for all that wait, so no single one of them ends it. */
const longestFetch = 120_000;

/** The local mirror of one source: a bare repository that only ever holds what was fetched. */
export class GitSource {
  #mirror: Promise<BareRepository> | undefined;
  #last: FetchedCommit | undefined;
  readonly #fetched = new SharedWork(() => this.#fetchNow());
  /** Of the commit that was asked for last. */
  #content: FetchedContent | undefined;

  constructor(
    private readonly spec: Pick<GitRepository['spec'], 'url' | 'ref'>,
    private readonly credentials: GitCredentials | undefined,
    private readonly directory: string,
  ) {}

  /**
   * Fetches what the reference points to now. Those who ask at the same time share one fetch.
   * @throws SourceError when the remote cannot be read or has no such reference.
   */
  async fetch(known: boolean, signal: AbortSignal): Promise<FetchedCommit> {
    try {
      return await untilAborted(this.#fetched.run(), signal);
    } catch (error) {
      if (error instanceof GitError) throw await this.#explain(error, known);
      throw error;
    }
  }

  /** Digest and size of what a fetched commit holds. */
  async facts(sha: string): Promise<ArtifactFacts> {
    const hash = createHash('sha256');
    let size = 0;
    for (const [path, { blob, text }] of await this.#contentOf(sha)) {
      hash.update(`${path}\0${blob}\0`);
      size += Buffer.byteLength(text);
    }
    return { digest: `sha256:${hash.digest('hex')}`, size };
  }

  /** All files of a fetched commit as text. */
  async files(sha: string): Promise<ReadonlyMap<string, string>> {
    const found = await this.#contentOf(sha);
    return new Map([...found].map(([path, { text }]) => [path, text]));
  }

  async #fetchNow(): Promise<FetchedCommit> {
    const known = this.#last;
    this.#last =
      known && (await this.#isStill(known.sha)) ? known : await this.#get();
    return this.#last;
  }

  /** Whether the remote is seen to point to a commit; git finds out what is wrong when it is not. */
  async #isStill(sha: string): Promise<boolean> {
    const { url, ref } = this.spec;
    const { name, reference } = referenceOf(ref);
    if (!name || !/^https?:/.test(url)) return false;
    const tip = await remoteTip({
      url,
      reference: reference.replace(/^\+/, ''),
      authorization: this.credentials && basicAuthorization(this.credentials),
      signal: AbortSignal.timeout(longestFetch),
    });
    return tip === sha;
  }

  async #get(): Promise<FetchedCommit> {
    const mirror = await this.#open();
    const { name, reference } = referenceOf(this.spec.ref);
    await git(
      [
        'fetch',
        '--quiet',
        '--no-tags',
        // Its housekeeping is another process, and nobody but the reader looks here.
        '--no-auto-gc',
        '--force',
        this.spec.url,
        `${reference}:${fetchedReference}`,
      ],
      {
        gitDirectory: mirror.directory,
        environment: authorization(this.credentials),
        signal: AbortSignal.timeout(longestFetch),
      },
    );
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

  #contentOf(sha: string): FetchedContent['files'] {
    const before = this.#content;
    if (before?.sha === sha) return before.files;
    const content = { sha, files: this.#read(sha, before) };
    this.#content = content;
    // What could not be read now may be read at the next look.
    content.files.catch(() => {
      if (this.#content === content) this.#content = undefined;
    });
    return content.files;
  }

  /** Reads only what is another file than in the commit before. */
  async #read(
    sha: string,
    before: FetchedContent | undefined,
  ): Promise<ReadonlyMap<string, FetchedFile>> {
    const mirror = await this.#open();
    const known = await before?.files.catch(() => undefined);
    const files = await Promise.all(
      [...(await mirror.blobs(sha))].map(async ([path, blob]) => {
        const same = known?.get(path);
        const file =
          same?.blob === blob
            ? same
            : { blob, text: (await mirror.blob(blob)).toString() };
        return [path, file] as const;
      }),
    );
    return new Map(files);
  }

  #open(): Promise<BareRepository> {
    this.#mirror ??= openOrCreate(this.directory);
    return this.#mirror;
  }

  async #explain(error: GitError, known: boolean): Promise<SourceError> {
    const { url, ref } = this.spec;
    const said = error.standardError;
    const missing =
      /couldn't find remote ref|Server does not allow request for unadvertised object/.test(
        said,
      );
    if (missing && (await this.#isEmpty())) {
      return new SourceError('EmptyGitRepository', 'git repository is empty');
    }
    const step = known && !missing ? 'list remote for' : 'clone';
    const { reference } = referenceOf(ref);
    const reason = missing
      ? `couldn't find remote ref "${reference.replace(/^\+/, '')}"`
      : remoteProblem(said, url);
    return new SourceError(
      'GitOperationFailed',
      `failed to checkout and determine revision: unable to ${step} '${url}': ${reason}`,
    );
  }

  async #isEmpty(): Promise<boolean> {
    const { url } = this.spec;
    const listed = await git(['ls-remote', '--heads', '--tags', url], {
      environment: authorization(this.credentials),
    });
    return listed.length === 0;
  }
}

/** Waits no longer than until `signal` aborts, and rejects then with its reason. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work
      .finally(() => signal.removeEventListener('abort', abort))
      .then(resolve, reject);
  });
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

function basicAuthorization({ username, password }: GitCredentials): string {
  const pair = Buffer.from(`${username}:${password}`).toString('base64');
  return `Basic ${pair}`;
}

/** Credentials by environment: arguments could be read by everybody on the machine. */
function authorization(
  credentials: GitCredentials | undefined,
): Record<string, string> {
  if (!credentials) return {};
  return {
    GIT_CONFIG_COUNT: '3',
    GIT_CONFIG_KEY_2: 'http.extraHeader',
    GIT_CONFIG_VALUE_2: `Authorization: ${basicAuthorization(credentials)}`,
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
