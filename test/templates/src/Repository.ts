// SPDX-License-Identifier: Apache-2.0
import type { Ended } from './run';

/** What a template made, in a folder as its first commit. */
export interface Repository {
  readonly folder: string;
  /** Texts by path. */
  readonly files: ReadonlyMap<string, string>;
  /** How its own checks ended, lint to coverage; of those whose language the machine has. */
  readonly checks: Promise<Ended> | undefined;
}
