// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { ConflictError, ServiceUnavailableError } from '@backstage/errors';
import {
  targetKey,
  type Colour,
  type ReleaseImage,
  type Target,
} from '@causeway/plugin-delivery-common';
import type {
  DeclaredImage,
  AnalysisChange,
  ColourChange,
  CommitReceipt,
  FleetChange,
  FleetPreview,
  FleetRepositories,
  OverlayEdit,
  OverlaysChange,
  OverlaysReceipt,
} from '../../gitops/FleetRepositories';
import { saysSame } from '../../gitops/planOverlays';

interface MemoryCommit extends FleetChange {
  readonly sha: string;
}

/** What an overlay with two colours declares, or what a cluster has of it. */
export interface MemoryColours {
  selected: Colour;
  blue: MemoryColour;
  green: MemoryColour;
}

interface MemoryColour {
  readonly images: readonly ReleaseImage[];
  readonly replicas: number;
}

/** A fleet repository as a list of commits. */
export class MemoryFleet implements FleetRepositories {
  readonly commits: MemoryCommit[] = [];
  /** Overlays that hold the Canary of their target. */
  readonly canaries = new Set<string>();
  /** By overlay, the promotion for which its engine skips the analysis. */
  readonly skipping = new Map<string, string>();
  /** Promotions for which engines compare again. */
  readonly restored: string[] = [];
  /** Nobody answers. */
  down = false;
  /** The revisions that the clusters had applied, as the newest preview was told. */
  previewedFrom: readonly (string | undefined)[] = [];
  /** The branch is protected against us. */
  protected = false;

  async commit(change: FleetChange): Promise<CommitReceipt> {
    const earlier = await this.findCommit(change.location, change.promotion);
    if (earlier) return earlier;
    if (this.protected) {
      throw new ConflictError('The push was refused ten times');
    }
    const sha = createHash('sha1')
      .update(`${this.commits.length} ${change.promotion}`)
      .digest('hex');
    this.commits.push({ ...change, sha });
    this.#colour(change);
    for (const { path } of change.targets) {
      this.skipping.delete(path);
      if (change.hurry && this.canaries.has(path))
        this.skipping.set(path, change.promotion);
    }
    return { sha, branch: 'main', changed: true, ...this.#told(change) };
  }

  async restoreAnalysis({
    promotion,
    targets,
  }: AnalysisChange): Promise<CommitReceipt> {
    this.#reach();
    if (this.protected) {
      throw new ConflictError('The push was refused ten times');
    }
    const sha = createHash('sha1').update(`restore ${promotion}`).digest('hex');
    const here = targets.filter(
      ({ path }) => this.skipping.get(path) === promotion,
    );
    for (const { path } of here) this.skipping.delete(path);
    if (here.length > 0) this.restored.push(promotion);
    return { sha, branch: 'main', changed: this.restored.includes(promotion) };
  }

  /** Overlays with two colours, by the key of their target. */
  readonly colours = new Map<string, MemoryColours>();
  /** The steps that were written for promotions between colours, each once. */
  readonly colourSteps: string[] = [];

  async changeColours({
    promotion,
    step,
    targets,
  }: ColourChange): Promise<CommitReceipt> {
    this.#reach();
    const name = `${step} ${promotion}`;
    const sha = createHash('sha1').update(name).digest('hex');
    if (!this.colourSteps.includes(name)) {
      this.colourSteps.push(name);
      for (const { target, colour } of targets) {
        const here = this.colours.get(targetKey(target));
        if (!here) continue;
        if (step === 'retire') here[colour] = { ...here[colour], replicas: 0 };
        else here.selected = colour;
      }
    }
    return { sha, branch: 'main', changed: true };
  }

  /** The first commit of a promotion between colours. */
  #colour({ targets, images, colours }: FleetChange): void {
    for (const target of targets) {
      const here = this.colours.get(targetKey(target));
      const choice = colours?.choices[targetKey(target)];
      if (!here || !choice) continue;
      here[choice.to] = { images, replicas: choice.replicas };
      if (colours?.atOnce) here.selected = choice.to;
    }
  }

  /** Steps of waves over overlays, by their names, with the devices that each changed. */
  readonly overlaySteps = new Map<string, readonly string[]>();
  /** Overlays of devices that were changed, by folder. */
  readonly overlays = new Map<string, readonly DeclaredImage[]>();

  async changeOverlays({
    promotion,
    overlays,
  }: OverlaysChange): Promise<OverlaysReceipt> {
    this.#reach();
    const sha = createHash('sha1').update(promotion).digest('hex');
    if (!this.overlaySteps.has(promotion)) {
      const changed = overlays.filter(({ target, from, to }) => {
        const says = this.imagesAt(target);
        return saysSame(says, from, to) && !saysSame(says, to, to);
      });
      for (const { target, to } of changed) this.overlays.set(target.path, to);
      this.overlaySteps.set(
        promotion,
        changed.map(
          ({ target, to }) => `${target.device}: ${to.map(({ tag }) => tag)}`,
        ),
      );
    }
    const says = await this.overlayImages(undefined, overlays);
    return { sha, branch: 'main', changed: true, says };
  }

  async overlayImages(
    _location: unknown,
    overlays: readonly Pick<OverlayEdit, 'target'>[],
  ) {
    this.#reach();
    return new Map(
      overlays.map(({ target }) => [
        targetKey(target),
        { images: this.imagesAt(target) },
      ]),
    );
  }

  async canHurry(_location: unknown, targets: readonly Target[]) {
    this.#reach();
    return targets.filter(({ path }) => this.canaries.has(path));
  }

  #told({ hurry, targets }: FleetChange): { skipsAnalysis?: true } {
    const skips = hurry && targets.some(({ path }) => this.canaries.has(path));
    return skips ? { skipsAnalysis: true } : {};
  }

  async findCommit(
    _location: unknown,
    promotion: string,
  ): Promise<CommitReceipt | undefined> {
    this.#reach();
    const found = this.commits.find(each => each.promotion === promotion);
    return (
      found && {
        sha: found.sha,
        branch: 'main',
        changed: true,
        ...this.#told(found),
      }
    );
  }

  async contains(
    _location: unknown,
    revision: string,
    commit: string,
  ): Promise<boolean | undefined> {
    const shas = this.commits.map(({ sha }) => sha);
    const tip = shas.indexOf(revision.split(':')[1]);
    return tip >= shas.indexOf(commit);
  }

  async declaredImages(_location: unknown, target: Target) {
    return this.imagesAt(target);
  }

  async diff({ targets, lastApplied }: FleetPreview) {
    this.#reach();
    this.previewedFrom = targets.map(target => lastApplied?.(target));
    return { objects: [], unchanged: 3 };
  }

  /** What the newest commit that touched the target declares. */
  imagesAt(target: Target): readonly DeclaredImage[] {
    const overlay = this.overlays.get(target.path);
    if (overlay) return overlay;
    const touching = this.commits.filter(({ targets }) =>
      targets.some(({ path }) => path === target.path),
    );
    return touching[touching.length - 1]?.images ?? [];
  }

  get revision(): string {
    const tip = this.commits[this.commits.length - 1]?.sha ?? '0'.repeat(40);
    return `main@sha1:${tip}`;
  }

  #reach() {
    if (this.down) {
      throw new ServiceUnavailableError(
        'The fleet repository can not be reached',
      );
    }
  }
}
