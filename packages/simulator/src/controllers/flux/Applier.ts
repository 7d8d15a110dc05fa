// SPDX-License-Identifier: Apache-2.0
import { KubernetesClient } from '../runtime/KubernetesClient';
import { KubernetesError } from '../runtime/KubernetesError';
import { KubernetesObject, Resource } from '../runtime/resources';
import { InventoryEntry, Kustomization } from './fluxObjects';
import {
  applyOrder,
  identityOf,
  manifestIdentity,
  ObjectIdentity,
  subjectName,
} from './inventory';
import { Manifest } from './Renderer';
import { threeWayPatch } from './threeWayPatch';

/** A manifest that the server refuses. Nothing of its rendering was applied. */
export class ApplyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ApplyError';
  }
}

/** What happened to one object. */
export interface Applied {
  readonly identity: ObjectIdentity;
  readonly outcome: 'created' | 'configured' | 'unchanged';
}

interface Step {
  readonly manifest: Manifest;
  readonly identity: ObjectIdentity;
  readonly resource: Resource;
  readonly change:
    | { readonly kind: 'create' }
    | { readonly kind: 'patch'; readonly patch: object }
    | { readonly kind: 'none'; readonly uid: string };
}

const fieldManager = 'kustomize-controller';
const dryRun = { dryRun: 'All', fieldManager };

/** The labels that say which Kustomization owns an object. */
export function ownerLabels({
  metadata,
}: Kustomization): Readonly<Record<string, string>> {
  return {
    'kustomize.toolkit.fluxcd.io/name': metadata.name,
    'kustomize.toolkit.fluxcd.io/namespace': metadata.namespace ?? '',
  };
}

/**
 * Applies renderings and removes what they no longer contain. The server is
 * asked about every change before any is made, but for namespaces and kinds,
 * which the rest needs. What was applied is remembered to tell fields that were
 * dropped from fields that others own.
 */
export class Applier {
  readonly #applied = new Map<string, Manifest>();

  constructor(private readonly client: KubernetesClient) {}

  /**
   * Makes the cluster hold these manifests.
   * @throws ApplyError when the server refuses one.
   */
  async apply(
    owner: Kustomization,
    manifests: readonly Manifest[],
  ): Promise<readonly Applied[]> {
    const labelled = manifests
      .map(manifest => withLabels(manifest, ownerLabels(owner)))
      .sort(applyOrder);
    const needed = labelled.filter(
      ({ kind }) => kind === 'Namespace' || kind === 'CustomResourceDefinition',
    );
    const rest = labelled.filter(manifest => !needed.includes(manifest));
    const applied: Applied[] = [];
    for (const stage of [needed, rest]) {
      const steps: Step[] = [];
      for (const manifest of stage) steps.push(await this.#plan(manifest));
      for (const step of steps) applied.push(await this.#perform(step));
    }
    return applied;
  }

  /** Deletes what is listed, if it still is the owner's, and returns what was deleted. */
  async prune(
    owner: Kustomization,
    entries: readonly InventoryEntry[],
  ): Promise<readonly ObjectIdentity[]> {
    const pruned: ObjectIdentity[] = [];
    for (const entry of entries) {
      const identity = identityOf(entry);
      const resource =
        identity &&
        (await this.client.resource(identity.apiVersion, identity.kind));
      const live = resource && (await this.client.get(resource, identity));
      if (!identity || !resource || !live || !isOwned(live, owner)) continue;
      await this.client.delete(resource, identity, {
        propagationPolicy: 'Background',
        uid: live.metadata.uid,
      });
      this.#applied.delete(live.metadata.uid);
      pruned.push(identity);
    }
    return pruned;
  }

  async #plan(manifest: Manifest): Promise<Step> {
    const identity = manifestIdentity(manifest);
    const resource = await this.client.resource(
      manifest.apiVersion,
      manifest.kind,
    );
    if (!resource) {
      throw new ApplyError(
        `${subjectName(identity)} dry-run failed: no matches for kind "${
          manifest.kind
        }" in version "${manifest.apiVersion}"`,
      );
    }
    const live = await this.client.get(resource, identity);
    const step = { manifest, identity, resource };
    try {
      if (!live) {
        await this.client.create(
          resource,
          identity.namespace,
          manifest,
          dryRun,
        );
        return { ...step, change: { kind: 'create' } };
      }
      const { status: _status, ...wanted } = manifest as Manifest & {
        status?: unknown;
      };
      const patch = threeWayPatch(
        this.#applied.get(live.metadata.uid),
        wanted,
        live,
      );
      if (!patch)
        return { ...step, change: { kind: 'none', uid: live.metadata.uid } };
      await this.client.patch(resource, identity, patch, { query: dryRun });
      return { ...step, change: { kind: 'patch', patch } };
    } catch (error) {
      throw refused(identity, error);
    }
  }

  async #perform({
    manifest,
    identity,
    resource,
    change,
  }: Step): Promise<Applied> {
    if (change.kind === 'none') {
      this.#applied.set(change.uid, manifest);
      return { identity, outcome: 'unchanged' };
    }
    try {
      const query = { fieldManager };
      const stored =
        change.kind === 'create'
          ? await this.client.create(
              resource,
              identity.namespace,
              manifest,
              query,
            )
          : await this.client.patch(resource, identity, change.patch, {
              query,
            });
      this.#applied.set(stored.metadata.uid, manifest);
      return {
        identity,
        outcome: change.kind === 'create' ? 'created' : 'configured',
      };
    } catch (error) {
      throw refused(identity, error);
    }
  }
}

function withLabels(
  manifest: Manifest,
  labels: Readonly<Record<string, string>>,
): Manifest {
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      labels: { ...manifest.metadata.labels, ...labels },
    },
  };
}

function isOwned(
  { metadata }: KubernetesObject,
  owner: Kustomization,
): boolean {
  const kept =
    metadata.annotations?.['kustomize.toolkit.fluxcd.io/prune'] === 'disabled';
  return (
    !kept &&
    Object.entries(ownerLabels(owner)).every(
      ([key, value]) => metadata.labels?.[key] === value,
    )
  );
}

function refused(identity: ObjectIdentity, error: unknown): unknown {
  const final =
    error instanceof KubernetesError &&
    error.status < 500 &&
    error.status !== 401;
  if (!final) return error;
  const reason = error.reason || error.status;
  return new ApplyError(
    // The real controller lists refusals one per line and ends each line.
    `${subjectName(identity)} dry-run failed (${reason}): ${error.message}\n`,
  );
}
