// SPDX-License-Identifier: Apache-2.0

/** A demo user as the sign-in page introduces them. */
export interface DemoUser {
  readonly entityRef: string;
  readonly name: string;
  readonly role: string;
  /** What this person may do, in one sentence. */
  readonly may: string;
}

/** The people of the demo organisation, in the order in which a first visitor meets them. */
export const demoUsers: readonly DemoUser[] = [
  {
    entityRef: 'user:default/mia',
    name: 'Mia Lindqvist',
    role: 'Developer, Vision',
    may: 'Pushes commits and asks for promotions of parcel-vision.',
  },
  {
    entityRef: 'user:default/jonas',
    name: 'Jonas Weber',
    role: 'Team lead, Vision',
    may: 'Approves releases for cloud production and rolls back.',
  },
  {
    entityRef: 'user:default/omar',
    name: 'Omar Haddad',
    role: 'Product owner',
    may: 'Approves releases of every service.',
  },
  {
    entityRef: 'user:default/ines',
    name: 'Ines Duarte',
    role: 'Operator, Platform',
    may: 'Promotes and rolls back at the edge, reads the audit log.',
  },
  {
    entityRef: 'user:default/nils',
    name: 'Nils Berg',
    role: 'Developer, Belts, Labels and Tracking',
    may: 'Works on the other services; may only look at parcel-vision.',
  },
  {
    entityRef: 'user:default/lena',
    name: 'Lena Okafor',
    role: 'Viewer',
    may: 'Sees everything and changes nothing.',
  },
];
