// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ObjectReader } from '../ObjectReader';

const run = promisify(execFile);

/** A real repository in a temporary folder. */
export class TestRepository {
  private constructor(readonly directory: string) {}

  static async create(): Promise<TestRepository> {
    const directory = await mkdtemp(join(tmpdir(), 'causeway-objects-'));
    await run('git', ['init', '--bare', '--quiet', '-b', 'main', directory]);
    return new TestRepository(directory);
  }

  environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      GIT_DIR: this.directory,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: 'Nils Berg',
      GIT_AUTHOR_EMAIL: 'nils@norden.example',
      GIT_COMMITTER_NAME: 'Nils Berg',
      GIT_COMMITTER_EMAIL: 'nils@norden.example',
    };
  }

  reader(patience?: number): ObjectReader {
    return new ObjectReader({
      environment: () => this.environment(),
      patience,
    });
  }

  /** Runs git and returns what it printed, without the last line end. */
  async git(args: readonly string[], input?: string | Buffer): Promise<string> {
    const running = run('git', [...args], {
      env: this.environment(),
      maxBuffer: 64 * 1024 * 1024,
    });
    // Git may end before it has read what it does not need.
    running.child.stdin?.on('error', () => undefined).end(input ?? '');
    return (await running).stdout.replace(/\n$/, '');
  }

  /** Stores a file of any contents and returns its id. */
  blob(content: string | Buffer): Promise<string> {
    return this.git(['hash-object', '-w', '--stdin'], content);
  }

  /** Stores a commit of the files on a branch and returns its id. */
  async commit(
    files: Readonly<Record<string, string>>,
    options: { parents?: readonly string[]; message?: string } = {},
  ): Promise<string> {
    const { parents = [], message = 'Change' } = options;
    const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
    const [first, ...others] = parents;
    const stream = [
      'feature done\ncommit refs/heads/main\nmark :1\n',
      'committer Nils Berg <nils@norden.example> 1700000000 +0100\n',
      data(message),
      first
        ? `from ${first}\n`
        : 'from 0000000000000000000000000000000000000000\n',
      ...others.map(parent => `merge ${parent}\n`),
      'deleteall\n',
      ...Object.entries(files).map(
        ([path, text]) =>
          `M 100644 inline ${JSON.stringify(path)}\n${data(text)}`,
      ),
      'get-mark :1\ndone\n',
    ];
    const args = ['fast-import', '--quiet', '--force', '--date-format=raw'];
    return this.git(args, stream.join(''));
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
