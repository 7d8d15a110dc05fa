// SPDX-License-Identifier: Apache-2.0

export interface Config {
  /** The simulated world that the portal may show and trouble. Left out where everything is real. */
  simulation?: {
    /** Base URL of the simulator's forge and control API, for example `http://127.0.0.1:7100`. */
    url: string;
    /**
     * Bearer token of its control API. Stays in the backend.
     * @visibility secret
     */
    token: string;
  };
}
