// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import {
  parseRevision,
  targetKey,
  type Target,
} from '@causeway/plugin-delivery-common';
import { diffObjects } from './diffObjects';
import type { FleetRepository } from './FleetRepository';
import type { FleetDiff, FleetPreview } from './FleetRepositories';
import type { Mirror } from './Mirror';
import { overlayFiles } from './overlayFiles';
import { planChange } from './planChange';
import type { Render } from './rememberRenders';

interface Surroundings {
  readonly mirror: Mirror;
  readonly fleet: FleetRepository;
  readonly render: Render;
  readonly signal: AbortSignal;
}

/**
 * What a promotion would change in the clusters, in two parts that together lead from what a
 * cluster last applied to what it would apply:
 *
 * 1. the release: what was last applied, against the same with the images of the release;
 * 2. configuration only: that, against the branch with the images of the release.
 *
 * So an object can be listed twice, and a line of part 2 never comes from the release. Where it is
 * not known what was applied last, the branch stands for it and part 2 is empty.
 */
export async function diffTargets(
  preview: FleetPreview,
  around: Surroundings,
): Promise<FleetDiff> {
  const { branch } = preview.location;
  const diffs = await around.fleet.atTip(branch, around.signal, async tip => {
    const found: FleetDiff[] = [];
    // One after the other: building is heavy, and other requests want a turn too.
    for (const targets of together(preview.targets)) {
      found.push(await diffTarget(targets, tip, preview, around));
    }
    return found;
  });
  return {
    objects: diffs.flatMap(({ objects }) => objects),
    unchanged: diffs.reduce((sum, { unchanged }) => sum + unchanged, 0),
  };
}

/** Node groups of an overlay are rendered as one. */
function together(targets: readonly Target[]): readonly (readonly Target[])[] {
  const groups = new Map<string, Target[]>();
  for (const target of targets) {
    const { cluster, path, nodeGroup } = target;
    const key =
      nodeGroup === undefined ? targetKey(target) : `${cluster} ${path}`;
    groups.set(key, [...(groups.get(key) ?? []), target]);
  }
  return [...groups.values()];
}

/** @param targets - one, or the node groups of one overlay */
async function diffTarget(
  targets: readonly Target[],
  tip: string,
  { lastApplied, ...wanted }: FleetPreview,
  around: Surroundings,
): Promise<FleetDiff> {
  const [{ cluster }] = targets;
  const applied = await appliedCommit(lastApplied?.(targets[0]), around.mirror);
  const base = applied
    ? await tryRender(applied, targets, wanted, around)
    : undefined;
  const now = await renderBoth(tip, targets, wanted, around);
  const { plain, promoted } = base ?? now;
  const release = diffObjects(plain, promoted, {
    cluster,
    configurationOnly: false,
  });
  const configuration = diffObjects(promoted, now.promoted, {
    cluster,
    configurationOnly: true,
  });
  const same = new Set(configuration.same);
  return {
    objects: [...release.objects, ...configuration.objects],
    unchanged: release.same.filter(key => same.has(key)).length,
  };
}

async function appliedCommit(
  revision: string | undefined,
  mirror: Mirror,
): Promise<string | undefined> {
  if (revision === undefined) return undefined;
  const commit = parseRevision(revision)?.checksum;
  return commit && (await mirror.has(commit)) ? commit : undefined;
}

type Wanted = Pick<FleetPreview, 'images' | 'hurry' | 'colours'>;

interface Rendered {
  readonly plain: string;
  /** The same with the images of the release. */
  readonly promoted: string;
}

/** An old commit may not hold the overlay, or hold it broken; then it is as good as unknown. */
async function tryRender(
  commit: string,
  targets: readonly Target[],
  wanted: Wanted,
  around: Surroundings,
): Promise<Rendered | undefined> {
  try {
    return await renderBoth(commit, targets, wanted, around);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

async function renderBoth(
  commit: string,
  targets: readonly Target[],
  wanted: Wanted,
  { mirror, render, signal }: Surroundings,
): Promise<Rendered> {
  const [target] = targets;
  const { edits } = await planChange(mirror, commit, {
    ...wanted,
    targets,
    // It has no id yet.
    promotion: 'preview',
  });
  const tree = await mirror.files(commit);
  const filesWith = async (edited?: ReadonlyMap<string, string>) => {
    const files = await overlayFiles(mirror, tree, target.path, edited);
    if (files) return files;
    throw new InputError(`The fleet repository has no ${target.path}.`);
  };
  const build = async (contents: ReadonlyMap<string, string>) => {
    try {
      return await render(
        { files: contents, path: target.path, loadRestrictions: 'none' },
        { signal },
      );
    } catch (error) {
      throw meaning(error, target);
    }
  };
  const plain = await build(await filesWith());
  if (edits.length === 0) return { plain, promoted: plain };
  // An edit can name a component that was not needed before.
  const edited = new Map(edits.map(({ path, contents }) => [path, contents]));
  return { plain, promoted: await build(await filesWith(edited)) };
}

const unbuildable = new Set([
  'buildFailed',
  'remoteBase',
  'invalidInput',
  'tooLarge',
]);

function meaning(error: unknown, { path }: Target): unknown {
  const broken =
    error instanceof Error &&
    'code' in error &&
    unbuildable.has(String(error.code));
  return broken
    ? new InputError(
        `${path} of the fleet repository can not be built: ${error.message}`,
      )
    : error;
}
