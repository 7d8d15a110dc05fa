// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import {
  targetKey,
  type ReleaseImage,
  type Target,
} from '@causeway/plugin-delivery-common';
import { editImages, readImages } from './editImages';
import type { DeclaredImage, OverlayEdit } from './FleetRepositories';
import type { Mirror } from './Mirror';
import { findOverlay, type Edit } from './planEdits';

/** Files with new contents for the overlays that say at a commit what they are said to say. */
export async function planOverlays(
  mirror: Mirror,
  base: string,
  overlays: readonly OverlayEdit[],
): Promise<readonly Edit[]> {
  const edits = await Promise.all(
    overlays.map(({ target, from, to }) =>
      ifUsable(async () => {
        const found = await overlayAt(mirror, base, target);
        if (!found || !saysSame(found.images, from, to)) return undefined;
        const { path, mode, text } = found;
        const contents = editImages(text, to);
        return contents === text ? undefined : { path, mode, contents };
      }),
    ),
  );
  return edits.filter(edit => edit !== undefined);
}

/**
 * What overlays declare at a commit, by target key, without those that are not there or could not be
 * edited to say what they may be wanted to say.
 */
export async function overlayImages(
  mirror: Mirror,
  commit: string,
  overlays: readonly Pick<OverlayEdit, 'target' | 'to'>[],
): Promise<ReadonlyMap<string, readonly DeclaredImage[]>> {
  const found = await Promise.all(
    overlays.map(async ({ target, to }) => {
      const overlay = await ifUsable(async () => {
        const read = await overlayAt(mirror, commit, target);
        if (read) editImages(read.text, to);
        return read;
      });
      return overlay ? [[targetKey(target), overlay.images] as const] : [];
    }),
  );
  return new Map(found.flat());
}

/** Whether images say the same of those that are wanted. */
export function saysSame(
  images: readonly DeclaredImage[],
  others: readonly DeclaredImage[],
  wanted: readonly Pick<ReleaseImage, 'name'>[],
): boolean {
  return wanted.every(({ name }) => {
    const one = images.find(image => image.name === name);
    const other = others.find(image => image.name === name);
    return one?.tag === other?.tag && one?.digest === other?.digest;
  });
}

async function overlayAt(mirror: Mirror, commit: string, target: Target) {
  const overlay = await findOverlay(mirror, commit, target.path);
  return overlay && { ...overlay, images: readImages(overlay.text) };
}

/** One overlay that cannot be read or edited keeps no other from its step. */
async function ifUsable<T>(
  use: () => Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    return await use();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
