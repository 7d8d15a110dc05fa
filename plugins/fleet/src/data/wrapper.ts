// SPDX-License-Identifier: Apache-2.0
import { makePluginWrapper } from '@causeway/plugin-delivery-react';

/**
 * When half a fleet goes away, the backend says so thousands of times; a page reads at most once in
 * two seconds. Devices and actions are told of on a channel of their own, waves with promotions.
 */
export const fleetReading = {
  gatherFor: 2_000,
  channels: ['fleet', 'delivery'],
} as const;

/** One runtime per app for every view of the plugin. */
export const fleetWrapper = makePluginWrapper(fleetReading);
