// SPDX-License-Identifier: Apache-2.0
import type { Forge } from '../forge/Forge';

/** A commit that somebody of the demo company makes on the branch `main`. */
export interface DemoCommit {
  /** `owner/name`. */
  readonly repository: string;
  readonly login: string;
  readonly message: string;
  readonly path: string;
  /** The new content of the file; undefined removes it. */
  readonly edit: (content: string | undefined) => string | undefined;
}

/**
 * Commits one changed file on the tip of `main`, as if pushed by that person;
 * nothing when the file would not change. CI and webhooks hear of it.
 *
 * @throws BranchMovedError when a push came in between.
 */
export async function commitAs(
  forge: Forge,
  { repository: name, login, message, path, edit }: DemoCommit,
): Promise<void> {
  const repository = forge.repository(name);
  const account = forge.account(login);
  if (!repository || !account)
    throw new Error(`The forge has no repository ${name} or no ${login}`);
  await forge.moving(repository, account, async () => {
    const parent = await repository.git.resolve('refs/heads/main');
    if (!parent) throw new Error(`${name} has no branch main`);
    const before = await repository.git.readFile(parent, path);
    const content = edit(before?.toString());
    if (content === before?.toString()) return;
    await repository.git.write([
      {
        branch: 'main',
        parent,
        author: forge.signatureOf(account),
        message,
        changes: [{ path, content }],
      },
    ]);
  });
}
