// SPDX-License-Identifier: Apache-2.0

/** Accounts that every forge under test has: one administers, two write, one only reads. */
export const logins = ['causeway', 'mia', 'jonas', 'flux'] as const;

/** Login of an account under test. */
export type Login = (typeof logins)[number];

/** The organization that owns the repositories of the tests. */
export const owner = 'norden';

/** A forge with the accounts and the organization of the tests. */
export interface ForgeUnderTest {
  /** Without a slash at the end. */
  readonly url: string;
  /** Password of every account. */
  readonly password: string;
  stop(): Promise<void>;
}
