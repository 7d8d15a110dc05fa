// SPDX-License-Identifier: Apache-2.0
import type {
  BackstageCredentials,
  BackstageServicePrincipal,
} from '@backstage/backend-plugin-api';

/** What the portal shows where it acts for itself. */
export const portalCredentials: BackstageCredentials<BackstageServicePrincipal> =
  {
    $$type: '@backstage/BackstageCredentials',
    principal: { type: 'service', subject: 'plugin:delivery' },
  };
