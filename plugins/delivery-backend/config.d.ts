// SPDX-License-Identifier: Apache-2.0

export interface Config {
  /** Pipelines, releases, promotions and rollbacks. */
  delivery?: {
    /** The fleet repository of pipeline documents that name none. */
    fleet?: {
      /** Clone URL (http or https) without credentials; those come from `integrations`. */
      repository: string;
      /** Default: main. */
      branch?: string;
    };
    /** Folder for mirrors of Git repositories; they can be made again at any time. */
    dataDirectory?: string;
    releases?: {
      /** What the CI of which repositories signs its release reports with. */
      secrets?: Array<{
        /** URL of a repository; `*` stands for anything but a slash. */
        repository: string;
        /** @visibility secret */
        secret: string;
      }>;
    };
    webhooks?: {
      /** Push webhooks of Gitea and Forgejo. */
      gitea?: {
        /** @visibility secret */
        secret: string;
      };
    };
    clusters?: {
      /** Write to clusters under the name of the user, by impersonation. Default: false. */
      impersonate?: boolean;
      /** Objects of one cluster that are kept in memory at most. */
      maximumObjects?: number;
    };
  };
}
