// SPDX-License-Identifier: Apache-2.0
import {
  areNodeGroups,
  type ColouredTarget,
  type Target,
} from '@causeway/plugin-delivery-common';
import { parseTrailers, trailerFormat } from './commitMessage';
import type { ColourChange, FleetChange } from './FleetRepositories';
import type { Mirror } from './Mirror';
import { planColours, planRetirement, planSwitch } from './planColours';
import { planEdits, type Edit, type Planned } from './planEdits';
import { planOverrides } from './planOverlays';

/** Files with new contents for the first commit of a promotion. */
export async function planChange(
  mirror: Mirror,
  base: string,
  change: Pick<FleetChange, 'targets' | 'images' | 'colours'> & {
    /** Its id. */
    readonly promotion: string;
    /** Engines skip their analysis for its sake. */
    readonly hurry?: boolean;
  },
): Promise<Planned> {
  const { targets, images, colours, hurry, promotion } = change;
  if (areNodeGroups(targets)) {
    const edits = await planOverrides(mirror, base, targets, images);
    return { edits, skipsAnalysis: false };
  }
  if (!colours) {
    return planEdits(mirror, base, targets, {
      images,
      ...(hurry && { hurry: promotion }),
    });
  }
  const edits = await planColours(mirror, base, targets, {
    images,
    promotion,
    ...colours,
  });
  return { edits, skipsAnalysis: false };
}

/** Files with new contents for a further commit of a promotion between two colours. */
export async function planColourStep(
  mirror: Mirror,
  base: string,
  change: Pick<
    ColourChange,
    'step' | 'targets' | 'images' | 'promotion' | 'since'
  >,
): Promise<readonly Edit[]> {
  const { step, targets, images } = change;
  if (step !== 'retire') return planSwitch(mirror, base, targets, images);
  const own: ColouredTarget[] = [];
  for (const each of targets) {
    const isTaken = await isTakenUp(mirror, base, each.target, change);
    if (!isTaken) own.push(each);
  }
  return planRetirement(mirror, base, own);
}

/** Another promotion wrote to the overlay after ours; then its colours are that one's business. */
async function isTakenUp(
  mirror: Mirror,
  base: string,
  { path }: Target,
  { promotion, since }: Pick<ColourChange, 'promotion' | 'since'>,
): Promise<boolean> {
  if (!since || !(await mirror.has(since))) return true;
  const found = await mirror.log([
    trailerFormat,
    `${since}..${base}`,
    '--',
    path,
  ]);
  return found
    .map(parseTrailers)
    .some(({ promotions, colours }) =>
      [...promotions, ...Object.values(colours).flat()].some(
        each => each !== promotion,
      ),
    );
}
