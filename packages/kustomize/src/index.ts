// SPDX-License-Identifier: Apache-2.0

/**
 * The real kustomize in the process: WebAssembly in a worker thread, without
 * network or disk.
 *
 * @packageDocumentation
 */

export { createKustomize } from './createKustomize';
export type {
  Kustomize,
  KustomizeBuildOptions,
  KustomizeInput,
  KustomizeOptions,
} from './createKustomize';
export { KustomizeError } from './KustomizeError';
export type { KustomizeErrorCode } from './KustomizeError';
