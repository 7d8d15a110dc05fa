// SPDX-License-Identifier: Apache-2.0
import type {
  BackstageCredentials,
  PermissionsService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { RELATION_OWNED_BY } from '@backstage/catalog-model';
import { NotAllowedError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { templateManagementPermission } from '@backstage/plugin-scaffolder-common/alpha';

/** Who may onboard a service: anybody one that is not there, its owners and the keepers of templates one that is. */
export class ServiceOwners {
  constructor(
    private readonly parts: {
      readonly catalog: CatalogService;
      readonly userInfo: UserInfoService;
      readonly permissions: PermissionsService;
    },
  ) {}

  /** @throws NotAllowedError when the service is somebody else's */
  async mayChange(
    service: string,
    credentials: BackstageCredentials,
  ): Promise<void> {
    const { catalog, userInfo, permissions } = this.parts;
    const entity = await catalog.getEntityByRef(service, { credentials });
    if (!entity) return;
    const owners = (entity.relations ?? [])
      .filter(({ type }) => type === RELATION_OWNED_BY)
      .map(({ targetRef }) => targetRef);
    const { ownershipEntityRefs } = await userInfo.getUserInfo(credentials);
    if (owners.some(owner => ownershipEntityRefs.includes(owner))) return;
    const [decision] = await permissions.authorize(
      [{ permission: templateManagementPermission }],
      { credentials },
    );
    if (decision.result === AuthorizeResult.ALLOW) return;
    throw new NotAllowedError(
      `${service} belongs to ${
        owners.join(', ') || 'nobody'
      }. Ask them, or choose another name.`,
    );
  }
}
