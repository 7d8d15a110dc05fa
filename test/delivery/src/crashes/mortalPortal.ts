// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createBackend } from '@backstage/backend-defaults';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { promotionWitnessServiceRef } from '@causeway/plugin-delivery-node';
import { features } from 'backend/features';
import { sayPoint } from './killPoints';

/**
 * The portal as it is, but for a witness of its promotions that obeys an order to rest: a file that
 * names a kill point. The promotion that comes there takes the order away and goes no further, until
 * the process is killed.
 */
const order = process.env.CAUSEWAY_TEST_ORDER_TO_REST;
if (!order) {
  throw new Error('CAUSEWAY_TEST_ORDER_TO_REST must name a file');
}

const backend = createBackend();
for (const feature of features()) {
  backend.add(feature);
}
backend.add(
  createServiceFactory({
    service: promotionWitnessServiceRef,
    deps: {},
    factory: () => ({
      async onEffect(point) {
        if (!existsSync(order)) return;
        if (readFileSync(order, 'utf8') !== sayPoint(point)) return;
        rmSync(order);
        await new Promise(() => {});
      },
    }),
  }),
);
backend.start();
