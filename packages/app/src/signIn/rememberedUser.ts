// SPDX-License-Identifier: Apache-2.0
const KEY = 'causeway.demo-user';

/** The demo user who signed in last in this browser, so that a reload does not ask again. */
export const rememberedUser = {
  read: (): string | undefined => window.localStorage.getItem(KEY) ?? undefined,
  write: (entityRef: string) => window.localStorage.setItem(KEY, entityRef),
  forget: () => window.localStorage.removeItem(KEY),
};
