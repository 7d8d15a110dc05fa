// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createBackend } from '@backstage/backend-defaults';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { promotionWitnessServiceRef } from '@causeway/plugin-delivery-node';
import { features } from 'backend/features';
import { sayPoint } from './killPoints';

/**
 * The portal as it is, but for a witness of its promotions that obeys an order to die. The order is
 * a file that names a kill point. It is taken away before it is obeyed, so that the portal which is
 * started next lives.
 */
const order = process.env.CAUSEWAY_TEST_ORDER_TO_DIE;
if (!order) {
  throw new Error('CAUSEWAY_TEST_ORDER_TO_DIE must name a file');
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
      onEffect(point) {
        if (!existsSync(order)) return;
        if (readFileSync(order, 'utf8') !== sayPoint(point)) return;
        rmSync(order);
        process.kill(process.pid, 'SIGKILL');
      },
    }),
  }),
);
backend.start();
