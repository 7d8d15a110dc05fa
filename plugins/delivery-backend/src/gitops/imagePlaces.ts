// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import type { ReleaseImage, Target } from '@causeway/plugin-delivery-common';
import { editImages, readImages } from './editImages';
import {
  checkOverrides,
  countApplications,
  editOverrides,
  readOverrides,
  type GroupTarget,
} from './editOverrides';
import type { DeclaredImage } from './FleetRepositories';
import type { Mirror } from './Mirror';
import {
  inFile,
  readOverlay,
  readOwnResources,
  type OwnResource,
} from './planEdits';

/** Where in Git the images of a target stand. */
export interface ImagePlace {
  readonly path: string;
  readonly mode: string;
  readonly text: string;
  readonly images: readonly DeclaredImage[];
  /** The text with these images; another text of the same file may be given. @throws InputError */
  edit(text: string, images: readonly DeclaredImage[]): string;
  /** @throws InputError when it could not be edited so */
  check(images: readonly DeclaredImage[]): void;
}

/** Finds the place of a target, for the images of these names; for all without names. @throws InputError when it has none */
export type FindPlace = (
  target: Target,
  names?: readonly string[],
) => Promise<ImagePlace>;

/**
 * The places of targets at a commit: the `images` of an overlay's kustomization, or the override of a node
 * group in the EdgeApplication that the overlay lists. Files that targets share are read once.
 */
export function placesAt(mirror: Mirror, commit: string): FindPlace {
  const resources = new Map<string, Promise<readonly OwnResource[]>>();
  const resourcesOf = ({ path }: Target) => {
    const known = resources.get(path) ?? readOwnResources(mirror, commit, path);
    resources.set(path, known);
    return known;
  };
  return async (target, names) => {
    if (isOfGroup(target))
      return overrideOf(target, await resourcesOf(target), names);
    const { path, mode, text } = await readOverlay(mirror, commit, target.path);
    const edit: ImagePlace['edit'] = (before, images) =>
      inFile(path, () => editImages(before, images.filter(isPinned)));
    return {
      path,
      mode,
      text,
      images: inFile(path, () => readImages(text)),
      edit,
      check: images => edit(text, images),
    };
  };
}

function isOfGroup(target: Target): target is Target & GroupTarget {
  return target.nodeGroup !== undefined;
}

function overrideOf(
  target: Target & GroupTarget,
  resources: readonly OwnResource[],
  names: readonly string[] | undefined,
): ImagePlace {
  const { workload, nodeGroup } = target;
  const [found, ...others] = resources.filter(
    ({ path, text }) =>
      // Other files are nobody's business here, also broken ones.
      text.includes('EdgeApplication') &&
      inFile(path, () => countApplications(text, target)) > 0,
  );
  if (!found)
    throw new InputError(
      `${target.path} of the fleet repository lists no EdgeApplication with a Deployment that becomes ${workload.namespace}/${workload.name} in the node group ${nodeGroup}. Add it to its resources, or correct "path" or "workload" of the target in the pipeline.`,
    );
  if (others.length > 0)
    throw new InputError(
      `Both ${found.path} and ${others[0].path} of the fleet repository have an EdgeApplication that brings ${workload.name}; keep one.`,
    );
  const { path, mode, text } = found;
  return {
    path,
    mode,
    text,
    images: inFile(path, () => readOverrides(text, target, names)),
    edit: (before, images) =>
      inFile(path, () => editOverrides(before, target, images)),
    check: images => inFile(path, () => checkOverrides(text, target, images)),
  };
}

/** Only what has a tag and a digest can be written to a kustomization. */
function isPinned(image: DeclaredImage): image is ReleaseImage {
  return image.tag !== undefined && image.digest !== undefined;
}
