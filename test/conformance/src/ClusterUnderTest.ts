// SPDX-License-Identifier: Apache-2.0

/** An API server the suite is run against, and the little it needs beside its API. */
export interface ClusterUnderTest {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** Bearer token of a cluster administrator. */
  readonly token: string;
  /** PEM of the certificate authority of `url`, in base64. */
  readonly caData: string;
  /** Forgets history, so that old lists cannot be continued; may take a while to show. */
  compact(): Promise<void>;
  stop(): Promise<void>;
}
