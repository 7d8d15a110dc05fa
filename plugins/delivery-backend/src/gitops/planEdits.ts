// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { InputError } from '@backstage/errors';
import type { ReleaseImage, Target } from '@causeway/plugin-delivery-common';
import { parseDocument } from 'yaml';
import { editImages } from './editImages';
import type { Mirror, TreeFile } from './Mirror';
import { ownResources } from './ownResources';
import { restoreAnalysis, skipAnalysis, type Renaming } from './skipAnalysis';
import {
  CANARY_COMPONENT,
  takeInCanary,
  waitsForRelease,
} from './takeInCanary';

/** The names that kustomize looks for, in its order. */
const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** A file with new contents. */
export interface Edit {
  readonly path: string;
  readonly mode: string;
  readonly contents: string;
}

/** What is to be written, and whether it tells engines to skip their analysis. */
export interface Planned {
  readonly edits: readonly Edit[];
  readonly skipsAnalysis: boolean;
}

/**
 * Files with new contents that set `images` in the overlays of `targets` at a commit. Where no release
 * was before, that lets the component `canary` of the overlay in, because Flagger can begin from now
 * on. What engines were told for the sake of speed is taken back; with `hurry`, they are told so for that promotion.
 */
export async function planEdits(
  mirror: Mirror,
  base: string,
  targets: readonly Target[],
  wanted: {
    readonly images: readonly ReleaseImage[];
    /** Id of the promotion. */
    readonly hurry?: string;
  },
): Promise<Planned> {
  const { images, hurry: promotion } = wanted;
  const paths = [...new Set(targets.map(({ path }) => cleaned(path)))];
  const overlays = await Promise.all(
    paths.map(path => readOverlay(mirror, base, path)),
  );
  const awaiting = await overlaysAwaitingCanary(mirror, base, overlays);
  const kustomizations = overlays.flatMap(({ path, mode, text }) => {
    const contents = inFile(path, () => {
      const released = editImages(text, images);
      return awaiting.has(path) ? takeInCanary(released) : released;
    });
    return contents === text ? [] : [{ path, mode, contents }];
  });
  let isSkipped = false;
  const resources = await editResources(
    mirror,
    base,
    targets,
    (text, renaming, here) => {
      const restored = restoreAnalysis(text);
      if (promotion === undefined) return restored;
      const hurried = here.reduce(
        (before, target) =>
          skipAnalysis(before, target, { promotion, renaming }),
        restored,
      );
      isSkipped ||= hurried !== restored;
      return hurried;
    },
  );
  return {
    edits: [...kustomizations, ...resources],
    skipsAnalysis: isSkipped,
  };
}

/** The kustomizations that no release has reached yet and that have a canary for those to come. */
async function overlaysAwaitingCanary(
  mirror: Mirror,
  base: string,
  overlays: readonly Overlay[],
): Promise<ReadonlySet<string>> {
  const waiting = overlays.filter(({ path, text }) =>
    inFile(path, () => waitsForRelease(text)),
  );
  const found = await Promise.all(
    waiting.map(({ path }) =>
      findOverlay(mirror, base, `${posix.dirname(path)}/${CANARY_COMPONENT}`),
    ),
  );
  return new Set(
    waiting
      .filter((_overlay, index) => isComponent(found[index]))
      .map(({ path }) => path),
  );
}

function isComponent(overlay: Overlay | undefined): boolean {
  return (
    overlay !== undefined &&
    parseDocument(overlay.text).get('kind') === 'Component'
  );
}

/** Files with new contents among those that the targets' overlays list as resources of their own folder; none where there is no overlay. */
export async function editResources(
  mirror: Mirror,
  base: string,
  targets: readonly Target[],
  edit: (
    text: string,
    renaming: Renaming,
    targets: readonly Target[],
  ) => string,
): Promise<readonly Edit[]> {
  const paths = [...new Set(targets.map(({ path }) => cleaned(path)))];
  const edits = await Promise.all(
    paths.map(async folder => {
      const resources = await readOwnResources(mirror, base, folder);
      const here = targets.filter(each => cleaned(each.path) === folder);
      return resources.flatMap(
        ({ path, mode, text, renaming }): readonly Edit[] => {
          const after = inFile(path, () => edit(text, renaming, here));
          return after === text ? [] : [{ path, mode, contents: after }];
        },
      );
    }),
  );
  return edits.flat();
}

/** A file that an overlay, or a component in its folder, lists as a resource of its own folder. */
export interface OwnResource extends Overlay {
  readonly renaming: Renaming;
}

/** The resources of an overlay's own folder and of the components in it; none where there is no overlay. */
export async function readOwnResources(
  mirror: Mirror,
  base: string,
  folder: string,
): Promise<readonly OwnResource[]> {
  const overlay = await findOverlay(mirror, base, folder);
  if (!overlay) return [];
  const own = inFile(overlay.path, () => ownResources(overlay.text));
  const components = await Promise.all(
    own.components.map(name =>
      readOwnResources(mirror, base, `${cleaned(folder)}/${name}`),
    ),
  );
  const files = await mirror.filesAt(
    base,
    own.files.map(name => `${cleaned(folder)}/${name}`),
  );
  const regular = files.filter(isRegular);
  const contents = await mirror.read(regular.map(({ blob }) => blob));
  const listed = regular.map(({ path, mode }, index) => ({
    path,
    mode,
    text: contents[index].toString(),
  }));
  // What an overlay does to names it does to those of its components, too.
  return [...listed, ...components.flat()].map(file => ({
    ...file,
    renaming: own.renaming,
  }));
}

/** A file of the fleet repository. */
export interface Overlay {
  readonly path: string;
  readonly mode: string;
  readonly text: string;
}

/** The kustomization of a folder at a commit. @throws InputError when there is none, or more than one */
export async function readOverlay(
  mirror: Mirror,
  commit: string,
  folder: string,
): Promise<Overlay> {
  const found = await findOverlay(mirror, commit, folder);
  if (found) return found;
  throw new InputError(
    `The fleet repository has no ${cleaned(folder)}/${
      fileNames[0]
    }. Create it, or correct "path" of the target in the pipeline.`,
  );
}

/** The same; undefined when there is none. */
export async function findOverlay(
  mirror: Mirror,
  commit: string,
  folder: string,
): Promise<Overlay | undefined> {
  const path = cleaned(folder);
  const candidates = fileNames.map(name => `${path}/${name}`);
  const [file, other] = await mirror.filesAt(commit, candidates);
  if (!file) return undefined;
  if (other) {
    throw new InputError(
      `The fleet repository has both ${file.path} and ${other.path}; kustomize wants one.`,
    );
  }
  if (!isRegular(file)) {
    throw new InputError(`${file.path} of the fleet repository is no file.`);
  }
  const [contents] = await mirror.read([file.blob]);
  return { path: file.path, mode: file.mode, text: contents.toString() };
}

function isRegular({ mode }: TreeFile): boolean {
  return mode === '100644' || mode === '100755';
}

function cleaned(path: string): string {
  const parts = path.split('/').filter(part => part !== '' && part !== '.');
  if (parts.includes('..')) {
    throw new InputError(`The path "${path}" leaves the fleet repository.`);
  }
  return parts.join('/');
}

/** Names the file in what is wrong with it. */
export function inFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${path} of the fleet repository: ${error.message}`);
  }
}
