// SPDX-License-Identifier: Apache-2.0
import {
  coreServices,
  createBackendPlugin,
  resolvePackagePath,
} from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  clusterAccessServiceRef,
  deviceActionsExtensionPoint,
  type DeviceActionExecutor,
  progressiveEnginesExtensionPoint,
  promotionWitnessServiceRef,
} from '@causeway/plugin-delivery-node';
import { connectOutside } from './connectOutside';
import { createDelivery } from './createDelivery';
import { knownEngines } from './engines/knownEngines';

/** The plugin, on a world that tests may exchange. */
export function createDeliveryPlugin(connect: typeof connectOutside) {
  return createBackendPlugin({
    pluginId: 'delivery',
    register(env) {
      const engines = [...knownEngines()];
      env.registerExtensionPoint(progressiveEnginesExtensionPoint, {
        addEngine: engine => {
          engines.push(engine);
        },
      });
      const executors: DeviceActionExecutor[] = [];
      env.registerExtensionPoint(deviceActionsExtensionPoint, {
        addExecutor: executor => {
          executors.push(executor);
        },
      });
      env.registerInit({
        deps: {
          access: clusterAccessServiceRef,
          auditor: coreServices.auditor,
          auth: coreServices.auth,
          catalog: catalogServiceRef,
          config: coreServices.rootConfig,
          database: coreServices.database,
          http: coreServices.httpRouter,
          httpAuth: coreServices.httpAuth,
          lifecycle: coreServices.lifecycle,
          logger: coreServices.logger,
          notifications: notificationService,
          permissions: coreServices.permissions,
          permissionsRegistry: coreServices.permissionsRegistry,
          scheduler: coreServices.scheduler,
          signals: signalsServiceRef,
          urlReader: coreServices.urlReader,
          witness: promotionWitnessServiceRef,
        },
        async init({
          database,
          http,
          lifecycle,
          scheduler,
          witness,
          ...services
        }) {
          const client = await database.getClient();
          if (!database.migrations?.skip) {
            await client.migrate.latest({
              directory: resolvePackagePath(
                '@causeway/plugin-delivery-backend',
                'migrations',
              ),
            });
          }
          const outside = connect({ ...services, engines });
          const delivery = createDelivery({
            ...services,
            ...outside,
            executors,
            database: client,
            clock: () => new Date(),
            onEffect: point => witness.onEffect(point),
          });
          // These prove who they are by a signature or a key, or tell nothing.
          for (const path of ['/releases', '/webhooks', '/canary', '/health']) {
            http.addAuthPolicy({ path, allow: 'unauthenticated' });
          }
          http.use(delivery.router);
          lifecycle.addStartupHook(() => {
            outside.start();
            delivery.start();
          });
          lifecycle.addShutdownHook(async () => {
            await delivery.stop();
            await outside.stop();
          });
          await scheduler
            .createScheduledTaskRunner({
              frequency: { seconds: 10 },
              timeout: { minutes: 2 },
              scope: 'local',
            })
            .run({
              id: 'refresh-pipelines',
              fn: () => delivery.refreshPipelines(),
            });
        },
      });
    },
  });
}

/**
 * Pipelines, releases, promotions and rollbacks.
 *
 * @public
 */
export const deliveryPlugin = createDeliveryPlugin(connectOutside);
