// SPDX-License-Identifier: Apache-2.0
import { access, rename } from 'node:fs/promises';

/**
 * Moves a finished folder to where it is looked for, at once: nobody ever sees
 * half of it. Where somebody else was faster, theirs stays, which is as good.
 */
export async function putInPlace(
  finished: string,
  target: string,
): Promise<void> {
  try {
    await rename(finished, target);
  } catch (error) {
    if (!(await exists(target))) throw error;
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
