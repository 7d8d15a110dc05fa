// SPDX-License-Identifier: Apache-2.0
import type { ObservedIdentity } from '@causeway/plugin-delivery-common';
import { trimDeployment, trimGitRepository, trimKustomization } from './trim';

/** A kind of object that is watched in every cluster. */
export interface WatchedKind<T extends ObservedIdentity> {
  /** As `kubectl get` takes it, for example `deployments.apps`. */
  readonly name: string;
  /** Collection over all namespaces. */
  readonly path: string;
  /** What a cluster without this kind lacks. */
  readonly hint: string;
  /** Keeps what is needed; undefined when the object has not the shape of the kind. */
  readonly trim: (object: unknown) => T | undefined;
}

const fluxHint = 'Install Flux there, or take the cluster out of pipelines.';

/** Flux Kustomizations: what is applied from Git. */
export const kustomizations = {
  name: 'kustomizations.kustomize.toolkit.fluxcd.io',
  path: '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations',
  hint: fluxHint,
  trim: trimKustomization,
} satisfies WatchedKind<ObservedIdentity>;

/** Flux GitRepositories: what is fetched from Git. */
export const gitRepositories = {
  name: 'gitrepositories.source.toolkit.fluxcd.io',
  path: '/apis/source.toolkit.fluxcd.io/v1/gitrepositories',
  hint: fluxHint,
  trim: trimGitRepository,
} satisfies WatchedKind<ObservedIdentity>;

/** Deployments: what runs. */
export const deployments = {
  name: 'deployments.apps',
  path: '/apis/apps/v1/deployments',
  hint: 'Check that the address belongs to a Kubernetes API server.',
  trim: trimDeployment,
} satisfies WatchedKind<ObservedIdentity>;
