// SPDX-License-Identifier: Apache-2.0

import { readAnswer } from './answer';
import { BuildPool } from './BuildPool';
import { compileKustomize } from './compileKustomize';
import { encodeRequest } from './request';

const mebibyte = 1024 * 1024;

/**
 * Limits of a builder.
 *
 * @public
 */
export interface KustomizeOptions {
  /** Builds that run at the same time, each in its own thread. Default 1. */
  readonly workers?: number;
  /** How long one build may run, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Largest sum of file names and contents, in bytes. Default 16 MiB. */
  readonly maxInputBytes?: number;
  /** How much memory one build may use, in bytes. Default 512 MiB. */
  readonly maxMemoryBytes?: number;
}

/**
 * What to build.
 *
 * @public
 */
export interface KustomizeInput {
  /**
   * File contents by path, relative to the root of the repository and with `/`
   * as separator, for example `services/parcel-vision/base/kustomization.yaml`.
   */
  readonly files:
    | ReadonlyMap<string, string>
    | Readonly<Record<string, string>>;
  /** The folder to build, relative to the same root; `.` is the root itself. */
  readonly path: string;
  /**
   * `rootOnly`, the kustomize program's default, refuses files (patches,
   * generator sources) outside the folder of the kustomization that names them.
   * `none` allows them anywhere in `files`, as Flux does. Default `rootOnly`.
   */
  readonly loadRestrictions?: 'rootOnly' | 'none';
}

/**
 * What may end one build early.
 *
 * @public
 */
export interface KustomizeBuildOptions {
  /** Ends the build; its reason is what `build` then rejects with. */
  readonly signal?: AbortSignal;
  /** Overrides the builder's limit for this build, in milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * Builds kustomizations, see {@link createKustomize}.
 *
 * @public
 */
export interface Kustomize {
  /**
   * Builds one folder and returns what `kustomize build` prints: all resources
   * as multi-document YAML.
   *
   * Every build starts from nothing and sees only `files`: no disk, network,
   * environment or other program. Helm charts, exec and function plugins and
   * everything remote are refused.
   *
   * @throws KustomizeError, or the reason of `options.signal` when it aborts
   */
  build(
    input: KustomizeInput,
    options?: KustomizeBuildOptions,
  ): Promise<string>;
  /** Ends all threads. Builds that are not done reject with the code `disposed`. */
  dispose(): Promise<void>;
}

/**
 * Creates a builder. It compiles kustomize and starts its threads at the first
 * build and keeps both, so make one and share it. Idle threads do not keep the
 * process alive.
 *
 * @public
 */
export function createKustomize(options: KustomizeOptions = {}): Kustomize {
  const { workers = 1, timeoutMs = 30_000 } = options;
  const { maxInputBytes = 16 * mebibyte, maxMemoryBytes = 512 * mebibyte } =
    options;
  const pool = new BuildPool({
    size: workers,
    loadModule: () => compileKustomize(maxMemoryBytes),
  });
  return {
    async build(input, { signal, timeoutMs: ownTimeoutMs } = {}) {
      signal?.throwIfAborted();
      const request = encodeRequest(input, maxInputBytes);
      const limits = { signal, timeoutMs: ownTimeoutMs ?? timeoutMs };
      return readAnswer(await pool.run(request, limits));
    },
    dispose: () => pool.dispose(),
  };
}
