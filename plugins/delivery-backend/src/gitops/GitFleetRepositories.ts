// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import type { ScmIntegrationRegistry } from '@backstage/integration';
import type { Target } from '@causeway/plugin-delivery-common';
import { commitPage, credentialsFromIntegrations } from './credentials';
import { FleetRepository, type Written } from './FleetRepository';
import type {
  AnalysisChange,
  ColourChange,
  CommitReceipt,
  DeclaredImage,
  FleetChange,
  FleetDiff,
  FleetLocation,
  FleetPreview,
  FleetRepositories,
  OverlaysChange,
  OverlaysReceipt,
} from './FleetRepositories';
import { Mirror } from './Mirror';
import { diffTargets } from './diffTargets';
import { rememberRenders, type Render } from './rememberRenders';

/** What fleet repositories need. */
export interface GitFleetRepositoriesOptions {
  /** Folder for the mirrors; of this process alone. */
  readonly directory: string;
  /** Credentials come from here, by the host of a repository. */
  readonly integrations: ScmIntegrationRegistry;
  /** Builds a folder with kustomize; see `@causeway/kustomize`. */
  readonly render: Render;
  readonly clock?: () => Date;
  /** Milliseconds for one fetch or push. Default 30 s. */
  readonly remoteTimeout?: number;
}

/** Fleet repositories by the `git` program: one bare mirror each, made when first needed. */
export class GitFleetRepositories implements FleetRepositories {
  readonly #repositories = new Map<
    string,
    { readonly mirror: Mirror; readonly fleet: FleetRepository }
  >();

  readonly #render: Render;

  constructor(private readonly options: GitFleetRepositoriesOptions) {
    this.#render = rememberRenders(options.render);
  }

  async commit(
    change: FleetChange,
    signal: AbortSignal,
  ): Promise<CommitReceipt> {
    const { fleet } = this.#at(change.location);
    return this.#receipt(change.location, await fleet.commit(change, signal));
  }

  async restoreAnalysis(
    change: AnalysisChange,
    signal: AbortSignal,
  ): Promise<CommitReceipt> {
    const { fleet } = this.#at(change.location);
    const written = await fleet.restoreAnalysis(change, signal);
    return this.#receipt(change.location, written);
  }

  async changeColours(
    change: ColourChange,
    signal: AbortSignal,
  ): Promise<CommitReceipt> {
    const { fleet } = this.#at(change.location);
    const written = await fleet.changeColours(change, signal);
    return this.#receipt(change.location, written);
  }

  async changeOverlays(
    change: OverlaysChange,
    signal: AbortSignal,
  ): Promise<OverlaysReceipt> {
    const { fleet } = this.#at(change.location);
    const { says, ...written } = await fleet.changeOverlays(change, signal);
    return { ...this.#receipt(change.location, written), says };
  }

  async overlayImages(
    location: FleetLocation,
    overlays: Parameters<FleetRepositories['overlayImages']>[1],
    signal: AbortSignal,
  ): Promise<OverlaysReceipt['says']> {
    const { fleet } = this.#at(location);
    return fleet.overlayImages(location.branch, overlays, signal);
  }

  async canHurry(
    location: FleetLocation,
    targets: readonly Target[],
    signal: AbortSignal,
  ): Promise<readonly Target[]> {
    const { fleet } = this.#at(location);
    return fleet.canHurry(location.branch, targets, signal);
  }

  async findCommit(
    location: FleetLocation,
    promotion: string,
    signal: AbortSignal,
  ): Promise<CommitReceipt | undefined> {
    const { fleet } = this.#at(location);
    const found = await fleet.findCommit(location.branch, promotion, signal);
    return found && this.#receipt(location, found);
  }

  async contains(
    location: FleetLocation,
    revision: string,
    commit: string,
  ): Promise<boolean | undefined> {
    const { fleet } = this.#at(location);
    return fleet.contains(location.branch, revision, commit);
  }

  async declaredImages(
    location: FleetLocation,
    target: Target,
    signal: AbortSignal,
  ): Promise<readonly DeclaredImage[]> {
    const { fleet } = this.#at(location);
    return fleet.declaredImages(location.branch, target, signal);
  }

  async diff(preview: FleetPreview, signal: AbortSignal): Promise<FleetDiff> {
    const at = this.#at(preview.location);
    return diffTargets(preview, { ...at, render: this.#render, signal });
  }

  #at({ repository }: FleetLocation) {
    const known = this.#repositories.get(repository);
    if (known) return known;
    checkUrl(repository);
    const { directory, integrations, remoteTimeout } = this.options;
    const mirror = new Mirror(repository, {
      directory,
      credentials: credentialsFromIntegrations(integrations),
      remoteTimeout,
    });
    const clock = this.options.clock ?? (() => new Date());
    const made = { mirror, fleet: new FleetRepository(mirror, clock) };
    this.#repositories.set(repository, made);
    return made;
  }

  #receipt({ repository }: FleetLocation, written: Written): CommitReceipt {
    const url = commitPage(this.options.integrations, repository, written.sha);
    return { ...written, ...(url && { url }) };
  }
}

/** @throws InputError for anything but an http or https address without credentials */
export function checkUrl(repository: string): void {
  const url = URL.canParse(repository) ? new URL(repository) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new InputError(
      'The address of a repository must begin with http:// or https:// and hold no credentials; those belong to "integrations" of the portal.',
    );
  }
}
