// SPDX-License-Identifier: Apache-2.0

/** What the catalog says about one service, as far as delivery needs it. */
export interface Service {
  /** Entity ref, for example `component:default/parcel-vision`. */
  readonly ref: string;
  readonly title: string;
  /** Entity refs of its owners. */
  readonly owners: readonly string[];
  /** Name of its system, without kind and namespace. */
  readonly system?: string;
  /** URL of the folder it is described in; undefined when the catalog does not know a URL. */
  readonly source?: string;
  /** Where its pipeline document is; undefined without the annotation. */
  readonly pipeline?: PipelineLocation;
}

/** The resolved annotation, or why it can not be resolved. */
export type PipelineLocation =
  | { readonly url: string }
  | { readonly problem: string };

/** Services of the catalog. Methods throw `ServiceUnavailableError` when the catalog can not be asked. */
export interface Services {
  /** Undefined when the catalog has no such entity. May be some seconds old. */
  find(ref: string): Promise<Service | undefined>;
  /** Every entity with a pipeline annotation, fresh from the catalog. */
  withPipelines(): Promise<readonly Service[]>;
}
