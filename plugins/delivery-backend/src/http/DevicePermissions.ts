// SPDX-License-Identifier: Apache-2.0
import type { PermissionsRegistryService } from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  createConditionAuthorizer,
  type PermissionRuleset,
} from '@backstage/plugin-permission-node';
import {
  deviceResourceRefType,
  type DeviceResource,
} from '@causeway/plugin-delivery-node';
import type { DeviceReader } from '../fleet/DeviceReader';
import type { DeviceRights } from '../fleet/FleetViews';

/** Rights that depend on cluster and site alone. */
export type PlaceRights = DeviceRights & {
  readonly allows: (place: DeviceResource) => boolean;
};

const everything: PlaceRights = { key: 'all', allows: () => true };

/**
 * Makes rights of the decision of a permission policy. Rules look at cluster and site alone, so they
 * are applied once for each site and not for each of its devices.
 */
export class DevicePermissions {
  readonly #ruleset: PermissionRuleset<DeviceResource>;

  constructor(
    registry: Pick<PermissionsRegistryService, 'getPermissionRuleset'>,
  ) {
    this.#ruleset = registry.getPermissionRuleset(deviceResourceRefType);
  }

  rightsOf(decision: PolicyDecision): PlaceRights {
    if (decision.result === AuthorizeResult.ALLOW) return everything;
    const decide = createConditionAuthorizer(this.#ruleset);
    const known = new Map<string, boolean>();
    return {
      key: JSON.stringify(decision),
      allows: ({ cluster, site }) => {
        const place = JSON.stringify([cluster, site]);
        const before = known.get(place);
        if (before !== undefined) return before;
        const allowed = decide(decision, { cluster, site });
        known.set(place, allowed);
        return allowed;
      },
    };
  }
}

/** Loads devices by their ids, for the permission backend. Undefined where there is none. */
export async function loadDeviceResources(
  ids: readonly string[],
  fleet: Pick<DeviceReader, 'find'>,
): Promise<(DeviceResource | undefined)[]> {
  return ids.map(id => {
    const at = id.indexOf('/');
    const device = fleet.find(id.slice(0, at), id.slice(at + 1));
    return device && { cluster: device.cluster, site: device.site };
  });
}
