// SPDX-License-Identifier: Apache-2.0
import type { Account } from '../forge/accounts';
import { people } from './demo/services';

/** Who may do what in the demo forge: people develop, the portal administers, Flux and viewers read. */
export const accounts: readonly Account[] = [
  account(
    1,
    'causeway',
    'Causeway',
    'causeway@norden.example',
    'administrator',
  ),
  account(2, 'flux', 'Flux', 'flux@norden.example', 'reader'),
  ...Object.entries(people).map(([login, { name, email }], index) =>
    account(10 + index, login, name, email, 'developer'),
  ),
  account(20, 'lena', 'Lena Okafor', 'lena@norden.example', 'reader'),
];

/** Who may push to the branch that the clusters follow: the portal, and the platform group. */
export const fleetPushers: readonly string[] = ['causeway', 'ines'];

/** The catalog's entity ref of the person with an address; undefined for machines and strangers. */
export function personRef(email: string): string | undefined {
  const found = accounts.find(
    ({ email: other, id }) => other === email && id >= 10,
  );
  return found && `user:default/${found.login}`;
}

function account(
  id: number,
  login: string,
  fullName: string,
  email: string,
  role: Account['role'],
): Account {
  return { id, login, fullName, email, role };
}
