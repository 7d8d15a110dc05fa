// SPDX-License-Identifier: Apache-2.0
import { run, type Ended } from '../run';

const others = ['ai-inference-service', 'fleet-repository'];

/** Whether the language of a template is there wherever these tests run: Node and Go are. */
export function canCheckItself(template: string): boolean {
  return !others.includes(template);
}

/**
 * Go compiles its own packages once for these settings: for the programs of a
 * cluster, and not a second time for the services.
 */
const environment = { CGO_ENABLED: '0', GOFLAGS: '-trimpath' };

/** Runs the checks of repositories, two at a time. */
export class OwnChecks {
  readonly #lanes: [Promise<unknown>, Promise<unknown>] = [
    Promise.resolve(),
    Promise.resolve(),
  ];
  #next: 0 | 1 = 0;

  /** Gets the dependencies of the repository in a folder, and checks it, lint to coverage. */
  begin(folder: string): Promise<Ended> {
    const lane = this.#next;
    this.#next = lane === 0 ? 1 : 0;
    const ended = this.#lanes[lane].then(() =>
      run('make', ['install', 'check'], folder, environment),
    );
    // The test of the repository says that it failed.
    this.#lanes[lane] = ended.catch(() => undefined);
    return ended;
  }
}
