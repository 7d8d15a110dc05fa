// SPDX-License-Identifier: Apache-2.0

export interface Config {
  permission?: {
    delivery?: {
      /**
       * Who plays which part. Groups are entity refs or names of groups in the namespace `default`.
       */
      roles?: {
        /** May approve, and take cloud stages back. Default: team-leads, product-owners. */
        approvers?: string[];
        /** May create services from templates. Default: developers. */
        creators?: string[];
        /** May promote to edge stages and take them back. Default: edge-operators. */
        edgeOperators?: string[];
        /** May do everything, and read the audit log. Default: platform. */
        platform?: string[];
      };
      /**
       * Names of stages that an owning team may take back itself; `*` stands for any characters.
       * Default: *-staging.
       */
      stagingStages?: string[];
    };
  };
}
