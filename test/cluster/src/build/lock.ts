// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MILLISECONDS = 500;

/**
 * Runs `work` while no other process on this machine runs under the same lock.
 *
 * The lock is a file with the holder's process id; one whose holder is gone is
 * taken over. It only saves double work: what is built is renamed into place,
 * so even two builders at once would leave correct results.
 *
 * @param waiting - Called once, with the holder's process id, when the lock is taken.
 */
export async function withLock<Result>(
  file: string,
  waiting: (holder: number) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(file), { recursive: true });
  let told = false;
  while (!(await take(file))) {
    const holder = await holderOf(file);
    if (holder === undefined) continue;
    if (!isRunning(holder)) {
      await rm(file, { force: true });
      continue;
    }
    if (!told) waiting(holder);
    told = true;
    await sleep(RETRY_MILLISECONDS);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  // A link appears with its content: nobody ever reads a lock without a holder.
  const aside = `${file}.${randomUUID()}`;
  await writeFile(aside, `${process.pid}`);
  try {
    await link(aside, file);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(aside);
  }
}

/** Process id in the lock file; undefined when the file has just gone. */
async function holderOf(file: string): Promise<number | undefined> {
  try {
    return Number(await readFile(file, 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be signalled, but it is there.
    return hasCode(error, 'EPERM');
  }
}

function hasCode(error: unknown, code: string): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === code
  );
}
