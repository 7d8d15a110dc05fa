// SPDX-License-Identifier: Apache-2.0
import type {
  Pipeline,
  PipelineProblem,
} from '@causeway/plugin-delivery-common';

/** A service's pipeline document as last read. */
export type PipelineReading =
  | {
      readonly state: 'valid';
      readonly pipeline: Pipeline;
      readonly url: string;
      readonly readAt: Date;
      /** The newest document is broken; `pipeline` is the last good one. */
      readonly newer?: { readonly problems: readonly PipelineProblem[] };
    }
  | {
      readonly state: 'invalid';
      readonly url: string;
      readonly readAt: Date;
      readonly problems: readonly PipelineProblem[];
    }
  | {
      readonly state: 'unreadable';
      readonly url?: string;
      readonly message: string;
    };

/** The pipelines of all services with the annotation `causeway.dev/pipeline`. Reads come from memory. */
export interface Pipelines {
  /** Undefined when the catalog has no such service or it has no pipeline annotation. */
  get(service: string): Promise<PipelineReading | undefined>;
  /** Valid pipelines known now. */
  list(): readonly Pipeline[];
  /** Reads again, for example after a push to the repository. */
  refresh(service?: string): Promise<void>;
  subscribe(
    listener: (change: { readonly service: string }) => void,
  ): () => void;
}
