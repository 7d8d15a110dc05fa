// SPDX-License-Identifier: Apache-2.0
import type { GitObject } from './BatchAnswers';
import type { ObjectReader } from './ObjectReader';
import { parseCommit, type Commit } from './parseCommit';
import { parseTree, type TreeEntry } from './parseTree';

/** A commit with its id. */
export interface FoundCommit extends Commit {
  readonly id: string;
}

/** Something at a path of a commit. */
export interface PathEntry extends Omit<TreeEntry, 'name'> {
  /** From the top folder, without a slash at its ends. */
  readonly path: string;
}

/** So many commits are looked at before a question about the history is given back. */
const nearby = 100;

/** An object is not there although another one names it. */
export class MissingObject extends Error {
  constructor(id: string) {
    super(`Object ${id} is missing.`);
    this.name = 'MissingObject';
  }
}

/** Commits, folders and files of a repository. */
export class GitObjects {
  constructor(private readonly reader: ObjectReader) {}

  /**
   * An object that has to be there.
   * @throws MissingObject when it is not
   */
  async read(id: string): Promise<GitObject> {
    const found = await this.reader.read(id);
    if (!found) throw new MissingObject(id);
    return found;
  }

  /** The commit that a name means; undefined when there is none. */
  async commit(name: string): Promise<FoundCommit | undefined> {
    const found = await this.reader.read(name);
    if (!found) return undefined;
    if (found.kind === 'commit') {
      return { ...parseCommit(found.content), id: found.id };
    }
    return found.kind === 'tag'
      ? this.commit(`${found.id}^{commit}`)
      : undefined;
  }

  /**
   * What is at a path; undefined for nothing.
   * @param commit id of a commit
   * @throws MissingObject when the commit or a folder is not there
   */
  async entryAt(commit: string, path: string): Promise<PathEntry | undefined> {
    const names = path.split('/').filter(Boolean);
    const last = names.pop();
    let folder = await this.#treeOf(commit);
    for (const name of names) {
      const next = (await this.#entries(folder)).find(
        entry => entry.name === name && entry.kind === 'tree',
      );
      if (!next) return undefined;
      folder = next.id;
    }
    const found = (await this.#entries(folder)).find(
      entry => entry.name === last,
    );
    if (!found) return undefined;
    const { name, ...entry } = found;
    return { ...entry, path: [...names, name].join('/') };
  }

  /**
   * All that is no folder, in Git's order of paths.
   * @param commit id of a commit
   * @throws MissingObject when the commit or a folder is not there
   */
  async files(commit: string): Promise<readonly PathEntry[]> {
    return this.#filesBelow(await this.#treeOf(commit), '');
  }

  /**
   * Whether `commit` contains `ancestor`, both ids of commits that are there. Undefined when their
   * neighbourhood does not tell.
   */
  async contains(
    commit: string,
    ancestor: string,
  ): Promise<boolean | undefined> {
    const below = await this.#findBelow(commit, ancestor);
    if (below !== undefined) return below;
    // History has no circles: what is contained in the ancestor can not contain it.
    return (await this.#findBelow(ancestor, commit)) ? false : undefined;
  }

  async #findBelow(
    start: string,
    wanted: string,
  ): Promise<boolean | undefined> {
    const seen = new Set([start]);
    for (const id of seen) {
      if (seen.has(wanted)) return true;
      if (seen.size > nearby) return undefined;
      const commit = await this.commit(id);
      if (!commit) throw new MissingObject(id);
      for (const parent of commit.parents) seen.add(parent);
    }
    return false;
  }

  async #filesBelow(
    tree: string,
    prefix: string,
  ): Promise<readonly PathEntry[]> {
    const found = await Promise.all(
      (
        await this.#entries(tree)
      ).map(async ({ name, ...entry }) => {
        const path = prefix + name;
        return entry.kind === 'tree'
          ? this.#filesBelow(entry.id, `${path}/`)
          : [{ ...entry, path }];
      }),
    );
    return found.flat();
  }

  async #treeOf(commit: string): Promise<string> {
    const found = await this.commit(commit);
    if (!found) throw new MissingObject(commit);
    return found.tree;
  }

  async #entries(tree: string): Promise<readonly TreeEntry[]> {
    const { id, content } = await this.read(tree);
    return parseTree(content, id.length / 2);
  }
}
