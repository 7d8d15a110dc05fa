// SPDX-License-Identifier: Apache-2.0
import { Condition, KubernetesObject, Resource } from '../../runtime/resources';
import { NamedReference } from '../fluxObjects';

/** A container repository whose tags Flux lists. */
export interface ImageRepository extends KubernetesObject {
  readonly spec: {
    /** Name without tag: `registry.norden.example/parcel-vision`. */
    readonly image: string;
    readonly interval?: string;
    readonly suspend?: boolean;
  };
  readonly status?: ImageRepositoryStatus;
}

/** Status of an ImageRepository. */
export interface ImageRepositoryStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly canonicalImageName?: string;
  readonly lastHandledReconcileAt?: string;
  readonly lastScanResult?: {
    readonly scanTime: string;
    readonly tagCount: number;
    readonly latestTags: readonly string[];
  };
}

/** How the latest of some tags is found. */
export interface TagPolicy {
  readonly semver?: { readonly range: string };
  readonly alphabetical?: { readonly order?: 'asc' | 'desc' };
  readonly numerical?: { readonly order?: 'asc' | 'desc' };
}

/** Which tags count, and what of them: `extract` may name groups of `pattern`, as `$version`. */
export interface TagFilter {
  readonly pattern?: string;
  readonly extract?: string;
}

/** The tag a repository's policy chooses. */
export interface ImagePolicy extends KubernetesObject {
  readonly spec: {
    readonly imageRepositoryRef: NamedReference;
    readonly filterTags?: TagFilter;
    readonly policy: TagPolicy;
    readonly suspend?: boolean;
  };
  readonly status?: ImagePolicyStatus;
}

/** An image with its tag. */
export interface ImageReference {
  readonly name: string;
  readonly tag: string;
}

/** Status of an ImagePolicy. */
export interface ImagePolicyStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly latestRef?: ImageReference;
  readonly observedPreviousRef?: ImageReference;
  readonly lastHandledReconcileAt?: string;
}

export const imageRepositories: Resource<ImageRepository> = {
  apiVersion: 'image.toolkit.fluxcd.io/v1',
  kind: 'ImageRepository',
  plural: 'imagerepositories',
  namespaced: true,
};

export const imagePolicies: Resource<ImagePolicy> = {
  apiVersion: 'image.toolkit.fluxcd.io/v1',
  kind: 'ImagePolicy',
  plural: 'imagepolicies',
  namespaced: true,
};
