// SPDX-License-Identifier: Apache-2.0
import type { JsonObject, KubeObject } from '../objects';
import type { DeleteOptions } from '../writes/DeleteOptions';
import type { ResourceType } from './ResourceType';

/** What a subresource answers: an object, or text as `log` does. */
export type SubresourceAnswer =
  | {
      readonly kind: 'object';
      readonly code: number;
      readonly body: JsonObject;
    }
  | {
      readonly kind: 'text';
      /** Default 200. */
      readonly code?: number;
      readonly chunks: AsyncIterable<string>;
    };

/** What a subresource may do to the object it belongs to. */
export interface SubresourceContext {
  readonly type: ResourceType;
  readonly object: KubeObject;
  readonly parameters: URLSearchParams;
  readonly now: Date;
  /** All objects of another kind in a namespace. */
  objects(collection: string, namespace: string): KubeObject[];
  /** Replaces the object, status included. */
  replace(object: KubeObject): KubeObject;
  delete(options: DeleteOptions): void;
  /** Text a container printed. */
  podLog(container: string, options: PodLogOptions): AsyncIterable<string>;
  /** What the path calls the object, which may be more than its name. */
  readonly address: string;
  /** The path behind the subresource, part by part. */
  readonly path: readonly string[];
  /** What the program of the pod answers; undefined where nobody plays one. */
  askPod(question: {
    readonly port: number;
    readonly path: string;
  }): PodAnswer | undefined;
}

/**
 * A status of HTTP, and a body.
 *
 * @public
 */
export interface PodAnswer {
  readonly code: number;
  readonly text: string;
}

/**
 * Parameters of `log`.
 *
 * @public
 */
export interface PodLogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
}

/** A subresource with rules of its own; `status` and `scale` need none. */
export interface SubresourceHandler {
  /** Kind shown in discovery. */
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly ('get' | 'create')[];
  /** Whether a path may follow it, as behind `proxy`. */
  readonly takesPath?: boolean;
  /** The name of the object in what a path calls it; the same when left out. */
  objectNamed?(address: string): string;
  get?(context: SubresourceContext): SubresourceAnswer;
  create?(context: SubresourceContext, body: JsonObject): SubresourceAnswer;
}
