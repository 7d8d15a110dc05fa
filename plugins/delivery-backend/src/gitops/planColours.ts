// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import {
  targetKey,
  type Colour,
  type ColourChoices,
  type ColouredTarget,
  type ReleaseImage,
  type Target,
} from '@causeway/plugin-delivery-common';
import {
  editReplicas,
  editSelector,
  listsColours,
  readReplicas,
  readSelector,
} from './editColours';
import { editImages, readImages } from './editImages';
import { editSmokeTest, holdsSmokeTest } from './editSmokeTest';
import type { Mirror } from './Mirror';
import {
  inFile,
  readOverlay,
  readOwnResources,
  type Edit,
  type OwnResource,
} from './planEdits';

interface File {
  readonly path: string;
  readonly mode: string;
  readonly text: string;
}

/** An overlay with two colours as a commit has it. */
interface ColouredOverlay {
  readonly colours: Readonly<Record<Colour, File>>;
  readonly service: OwnResource;
  /** The colour that the Service in Git selects. */
  readonly selected: Colour;
}

/** The first commit: the colour of each target gets the images and its pods, and serves where that is asked for. */
export async function planColours(
  mirror: Mirror,
  base: string,
  targets: readonly Target[],
  wanted: {
    readonly images: readonly ReleaseImage[];
    readonly choices: ColourChoices;
    readonly atOnce: boolean;
    /** Id of the promotion. */
    readonly promotion: string;
  },
): Promise<readonly Edit[]> {
  const { images, choices, atOnce, promotion } = wanted;
  const smokeTests = await readSmokeTests(mirror, base, targets, choices);
  return editOverlays(mirror, base, targets, (overlay, target, write) => {
    const choice = choices[targetKey(target)];
    if (!choice)
      throw new InputError(`No colour was chosen for ${target.path}.`);
    const { live, to, replicas } = choice;
    write(overlay.colours[to], text => {
      const imaged = editImages(text, images);
      return to === live ? imaged : editReplicas(imaged, target, to, replicas);
    });
    if (atOnce) write(overlay.service, serve(target, to, overlay.service));
    const job = smokeTests.get(targetKey(target));
    // What goes back at once changes no image, and a Job that changes one has to be another Job.
    if (job && !atOnce) {
      write(job, text => editSmokeTest(text, target, promotion));
    }
  });
}

/**
 * Lets the Services select these colours.
 *
 * @throws InputError when a colour would not serve: it has no pods, or other images than `images`
 */
export function planSwitch(
  mirror: Mirror,
  base: string,
  targets: readonly ColouredTarget[],
  images: readonly ReleaseImage[] | undefined,
): Promise<readonly Edit[]> {
  return editOverlays(
    mirror,
    base,
    targets.map(({ target }) => target),
    (overlay, target, write) => {
      const colour = colourOf(targets, target);
      const { path, text } = overlay.colours[colour];
      inFile(path, () => checkServes(text, target, colour, images));
      write(overlay.service, serve(target, colour, overlay.service));
    },
  );
}

/** Takes the pods of colours away that no Service selects. Overlays of another shape are left alone. */
export async function planRetirement(
  mirror: Mirror,
  base: string,
  targets: readonly ColouredTarget[],
): Promise<readonly Edit[]> {
  try {
    return await editOverlays(
      mirror,
      base,
      targets.map(({ target }) => target),
      (overlay, target, write) => {
        const colour = colourOf(targets, target);
        if (overlay.selected === colour) return;
        write(overlay.colours[colour], text =>
          editReplicas(text, target, colour, 0),
        );
      },
    );
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

/** The files with the Jobs that try the colours, by target key; none where the document names no Job. */
async function readSmokeTests(
  mirror: Mirror,
  base: string,
  targets: readonly Target[],
  choices: ColourChoices,
): Promise<ReadonlyMap<string, OwnResource>> {
  const found = new Map<string, OwnResource>();
  for (const target of targets) {
    const choice = choices[targetKey(target)];
    if (!target.smokeTest || !choice || choice.live === choice.to) continue;
    const folder = `${target.path}/${choice.to}`;
    const resources = await readOwnResources(mirror, base, folder);
    const job = resources.find(({ text }) => holdsSmokeTest(text, target));
    if (!job) {
      throw new InputError(
        `${folder} of the fleet repository has no Job ${target.smokeTest} with the label causeway.dev/smoke-test in a file of its own.`,
      );
    }
    found.set(targetKey(target), job);
  }
  return found;
}

function serve(target: Target, colour: Colour, { renaming }: OwnResource) {
  return (text: string) => editSelector(text, target, colour, renaming);
}

function colourOf(targets: readonly ColouredTarget[], target: Target): Colour {
  const found = targets.find(
    each => targetKey(each.target) === targetKey(target),
  );
  if (!found) throw new InputError(`No colour was chosen for ${target.path}.`);
  return found.colour;
}

function checkServes(
  text: string,
  target: Target,
  colour: Colour,
  images: readonly ReleaseImage[] | undefined,
): void {
  if (readReplicas(text, target, colour) === 0) {
    throw new InputError(
      `${colour} of ${target.workload.name} is scaled to nothing, so it can not serve.`,
    );
  }
  const declared = readImages(text);
  const other = images?.find(
    image => !declared.some(({ digest }) => digest === image.digest),
  );
  if (other) {
    throw new InputError(
      `${colour} of ${target.workload.name} no longer declares ${other.name}:${other.tag}; something else wrote to it.`,
    );
  }
}

/** One file may be written for several targets: each sees what the one before wrote. */
async function editOverlays(
  mirror: Mirror,
  base: string,
  targets: readonly Target[],
  edit: (
    overlay: ColouredOverlay,
    target: Target,
    write: (file: File, change: (text: string) => string) => void,
  ) => void,
): Promise<readonly Edit[]> {
  const edits = new Map<string, Edit>();
  for (const target of targets) {
    const overlay = await readColoured(mirror, base, target);
    edit(overlay, target, ({ path, mode, text }, change) => {
      const before = edits.get(path)?.contents ?? text;
      const contents = inFile(path, () => change(before));
      if (contents !== text) edits.set(path, { path, mode, contents });
    });
  }
  return [...edits.values()];
}

/** @throws InputError when the overlay has not the shape that two colours need, with what is missing */
async function readColoured(
  mirror: Mirror,
  base: string,
  target: Target,
): Promise<ColouredOverlay> {
  const root = await readOverlay(mirror, base, target.path);
  inFile(root.path, () => checkRoot(root.text));
  const [blue, green] = await Promise.all([
    readOverlay(mirror, base, `${target.path}/blue`),
    readOverlay(mirror, base, `${target.path}/green`),
  ]);
  const resources = await readOwnResources(mirror, base, target.path);
  for (const service of resources) {
    const selected = readSelector(service.text, target, service.renaming);
    if (selected) return { colours: { blue, green }, service, selected };
  }
  throw new InputError(
    `${target.path} of the fleet repository has no Service ${target.workload.name} in a file of its own that selects a label of the value blue or green.`,
  );
}

function checkRoot(text: string): void {
  if (!listsColours(text)) {
    throw new InputError(
      'Blue/green needs the folders blue and green among its resources.',
    );
  }
  if (readImages(text).length > 0) {
    throw new InputError(
      'It sets "images" for both colours at once. Move them into blue and green.',
    );
  }
}
