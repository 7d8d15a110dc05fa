// SPDX-License-Identifier: Apache-2.0
import { createExtensionPoint } from '@backstage/backend-plugin-api';
import type { DeviceActionExecutor } from './DeviceActionExecutor';

/**
 * Where modules bring kinds of actions on devices. Those that need the Kubernetes API alone, and the
 * jobs of the configuration, are there already.
 *
 * @public
 */
export interface DeviceActionsExtensionPoint {
  /** @throws Error when there is a kind of that name */
  addExecutor(executor: DeviceActionExecutor): void;
}

/**
 * Extension point of the delivery plugin for actions on devices.
 *
 * @public
 */
export const deviceActionsExtensionPoint =
  createExtensionPoint<DeviceActionsExtensionPoint>({
    id: 'delivery.device-actions',
  });
