// SPDX-License-Identifier: Apache-2.0
import {
  createServiceFactory,
  createServiceRef,
} from '@backstage/backend-plugin-api';
import { createClusterAccess, type ClusterAccess } from './ClusterAccess';

/**
 * The one {@link ClusterAccess} of a backend, shared by all plugins in it. Replace it in tests with
 * `createServiceFactory({ service: clusterAccessServiceRef, … })`.
 *
 * @public
 */
export const clusterAccessServiceRef = createServiceRef<ClusterAccess>({
  id: 'delivery.cluster-access',
  scope: 'root',
  defaultFactory: async service =>
    createServiceFactory({ service, deps: {}, factory: createClusterAccess }),
});
