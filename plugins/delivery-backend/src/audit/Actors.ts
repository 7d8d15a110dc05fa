// SPDX-License-Identifier: Apache-2.0

/** People and groups, as the catalog knows them. */
export interface Actors {
  /**
   * How to name someone in a commit. Never fails for somebody the catalog does not know: it then
   * answers with the entity ref as name and an address that says so.
   * @throws ServiceUnavailableError when the catalog can not be asked.
   */
  describe(
    entityRef: string,
  ): Promise<{ readonly name: string; readonly email: string }>;
  /**
   * Whether a user belongs to a group, directly or through a child group; both entity refs.
   * @throws ServiceUnavailableError when the catalog can not be asked.
   */
  isMember(user: string, group: string): Promise<boolean>;
}
