// SPDX-License-Identifier: Apache-2.0

export interface Config {
  catalog?: {
    providers?: {
      /** Sites and clusters of the fleet as entities. */
      fleet?: {
        /** Entity ref of who owns them. Default `group:default/unknown`. */
        owner?: string;
        /** Entity ref of the system that they are a part of; none when left out. */
        system?: string;
        /** Seconds between two readings of the fleet. Default 60. */
        seconds?: number;
      };
    };
  };
}
