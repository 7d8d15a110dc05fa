// SPDX-License-Identifier: Apache-2.0
import { makePluginWrapper } from '@causeway/plugin-delivery-react';

/** One runtime per app for every view of the plugin; a change is on the page at once. */
export const deliveryWrapper = makePluginWrapper({ gatherFor: 150 });
