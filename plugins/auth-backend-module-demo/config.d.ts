// SPDX-License-Identifier: Apache-2.0

export interface Config {
  auth?: {
    providers?: {
      /**
       * Sign-in without a password, for a portal on one's own machine. Refused when NODE_ENV is
       * `production` or `backend.baseUrl` is not a loopback address.
       */
      demo?: {
        /**
         * Entity refs of the users that may be chosen.
         * @visibility frontend
         */
        users: string[];
      };
    };
  };
}
