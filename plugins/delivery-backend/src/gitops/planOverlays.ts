// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import {
  targetKey,
  type ReleaseImage,
  type Target,
} from '@causeway/plugin-delivery-common';
import type {
  DeclaredImage,
  OverlayEdit,
  OverlayReading,
} from './FleetRepositories';
import { placesAt, type ImagePlace } from './imagePlaces';
import type { Mirror } from './Mirror';
import type { Edit } from './planEdits';

/** Changes of files in which several targets may stand. */
class FileChanges {
  readonly #files = new Map<string, Edit & { readonly before: string }>();

  /** @throws InputError like {@link ImagePlace.edit}; then nothing is changed */
  edit(place: ImagePlace, images: readonly DeclaredImage[]): void {
    const { path, mode, text } = place;
    const { contents } = this.#files.get(path) ?? { contents: text };
    const edited = place.edit(contents, images);
    this.#files.set(path, { path, mode, before: text, contents: edited });
  }

  get edits(): readonly Edit[] {
    return [...this.#files.values()]
      .filter(({ before, contents }) => before !== contents)
      .map(({ path, mode, contents }) => ({ path, mode, contents }));
  }
}

/** Files with new contents for the targets that say at a commit what they are said to say. */
export async function planOverlays(
  mirror: Mirror,
  base: string,
  overlays: readonly OverlayEdit[],
): Promise<readonly Edit[]> {
  const find = placesAt(mirror, base);
  const found = await Promise.all(
    overlays.map(async edit => ({
      edit,
      place: await ifUsable(() => find(edit.target, namesOf(edit))),
    })),
  );
  const changes = new FileChanges();
  for (const { edit, place } of found) {
    if ('problem' in place || !saysSame(place.images, edit.from, edit.to))
      continue;
    await ifUsable(async () => changes.edit(place, edit.to));
  }
  return changes.edits;
}

/**
 * Files with new contents that give all node groups of some targets the images, as a wave does it one
 * after the other. @throws InputError when one can not be given them
 */
export async function planOverrides(
  mirror: Mirror,
  base: string,
  targets: readonly Target[],
  images: readonly ReleaseImage[],
): Promise<readonly Edit[]> {
  const find = placesAt(mirror, base);
  const names = images.map(({ name }) => name);
  const changes = new FileChanges();
  for (const target of targets) changes.edit(await find(target, names), images);
  return changes.edits;
}

/**
 * What targets declare at a commit, by target key, or why that can not be read, or not be edited to say
 * what it may be wanted to say.
 */
export async function overlayImages(
  mirror: Mirror,
  commit: string,
  overlays: readonly Pick<OverlayEdit, 'target' | 'to'>[],
): Promise<ReadonlyMap<string, OverlayReading>> {
  const find = placesAt(mirror, commit);
  const found = await Promise.all(
    overlays.map(async edit => {
      const reading = await ifUsable(async () => {
        const place = await find(edit.target, namesOf(edit));
        place.check(edit.to);
        return { images: place.images };
      });
      return [targetKey(edit.target), reading] as const;
    }),
  );
  return new Map(found);
}

/** Whether images say the same of those that are wanted. */
export function saysSame(
  images: readonly DeclaredImage[],
  others: readonly DeclaredImage[],
  wanted: readonly Pick<DeclaredImage, 'name'>[],
): boolean {
  return wanted.every(({ name }) => {
    const one = images.find(image => image.name === name);
    const other = others.find(image => image.name === name);
    return one?.tag === other?.tag && one?.digest === other?.digest;
  });
}

function namesOf({ to }: Pick<OverlayEdit, 'to'>): readonly string[] {
  return to.map(({ name }) => name);
}

/** One target that cannot be read or edited keeps no other from its step. */
async function ifUsable<T>(
  use: () => Promise<T>,
): Promise<T | { readonly problem: string }> {
  try {
    return await use();
  } catch (error) {
    if (error instanceof InputError) return { problem: error.message };
    throw error;
  }
}
