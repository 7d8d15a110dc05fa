// SPDX-License-Identifier: Apache-2.0
import type { Instant } from '../time';

/** One immutable version of a service, as its CI reported it. */
export interface Release {
  readonly id: string;
  /** Entity ref of the service. */
  readonly service: string;
  /** Semantic version or `develop-<sha>`; unique within a service. */
  readonly version: string;
  readonly commit: {
    readonly sha: string;
    readonly message: string;
    readonly author: string;
    /** Entity ref of the author when CI knows it; approving one's own release is refused by it. */
    readonly authorRef?: string;
    readonly url?: string;
    readonly time: Instant;
  };
  readonly images: readonly ReleaseImage[];
  readonly ci?: {
    readonly run: string;
    readonly url?: string;
    readonly startedAt: Instant;
    readonly finishedAt: Instant;
    readonly jobs: readonly {
      readonly name: string;
      readonly outcome: 'passed' | 'failed' | 'skipped';
    }[];
  };
  readonly reportedAt: Instant;
}

/** An image pinned by digest. */
export interface ReleaseImage {
  readonly name: string;
  readonly tag: string;
  /** `sha256:<64 hex>`. */
  readonly digest: string;
}
