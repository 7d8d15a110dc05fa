// SPDX-License-Identifier: Apache-2.0
import type { ObservedIdentity } from '@causeway/plugin-delivery-common';
import type { WatchedKind } from '@causeway/plugin-delivery-node';
import {
  trimDeployment,
  trimGitRepository,
  trimJob,
  trimKustomization,
  trimService,
} from './trim';

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

/** Services: which of two colours gets the requests. What else is known of a cluster does not need them. */
export const services = {
  name: 'services',
  path: '/api/v1/services',
  hint: 'Check that the address belongs to a Kubernetes API server.',
  trim: trimService,
  detail: true,
} satisfies WatchedKind<ObservedIdentity>;

/** Jobs that try a colour before it gets requests, by their label. */
export const smokeTests = {
  name: 'jobs.batch',
  path: '/apis/batch/v1/jobs?labelSelector=causeway.dev%2Fsmoke-test',
  hint: 'Check that the address belongs to a Kubernetes API server.',
  trim: trimJob,
  detail: true,
} satisfies WatchedKind<ObservedIdentity>;
