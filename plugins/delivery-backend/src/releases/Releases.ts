// SPDX-License-Identifier: Apache-2.0
import type { Release } from '@causeway/plugin-delivery-common';

/** Releases that CI reported. Immutable once recorded. */
export interface Releases {
  get(id: string): Promise<Release | undefined>;
  /** Newest first, at most `limit`. */
  list(service: string, limit: number): Promise<readonly Release[]>;
  findByVersion(service: string, version: string): Promise<Release | undefined>;
  /** The release that carries this image digest. */
  findByDigest(service: string, digest: string): Promise<Release | undefined>;
  subscribe(
    listener: (change: {
      readonly service: string;
      readonly release: string;
    }) => void,
  ): () => void;
}
