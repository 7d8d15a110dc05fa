// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { run, type Ended } from '../run';

/** Minor versions of Python 3 for which all packages of the service in Python are built. */
const pythons = ['11', '12', '13'];

/** Why a template's repositories can not check themselves here, if so: Node and Go are wherever these tests run. */
export function whyNotChecked(template: string): string | undefined {
  if (template !== 'ai-inference-service') return undefined;
  const { stdout } = spawnSync('python3', ['--version'], { encoding: 'utf8' });
  const [version, minor] = stdout?.match(/3\.(\d+)[.\d]*/) ?? ['no'];
  return minor && pythons.includes(minor)
    ? undefined
    : `its packages are for Python 3.${pythons.join(
        ', 3.',
      )}, and ${version} is here`;
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
