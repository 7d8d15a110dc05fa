// SPDX-License-Identifier: Apache-2.0
import { createApiRef } from '@backstage/frontend-plugin-api';
import type { DeliveryClient } from '@causeway/plugin-delivery-common';

/** What the pages of waves ask of the backend. */
export type WaveClient = Pick<
  DeliveryClient,
  'getWave' | 'getWaves' | 'steerWave'
>;

/** The waves of the delivery backend. */
export const waveApiRef = createApiRef<WaveClient>({
  id: 'plugin.fleet.waves',
});
