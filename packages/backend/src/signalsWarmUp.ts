// SPDX-License-Identifier: Apache-2.0
import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';

const HOLD_OPEN_MS = 500;

/**
 * The signals backend installs its websocket listener when the first upgrade request comes by, and
 * drops that one. Without this, the first person who opens the portal after a start waits for the
 * browser's retry. So the backend makes the first connection itself and closes it again.
 */
export default createBackendModule({
  pluginId: 'signals',
  moduleId: 'warm-up',
  register(registration) {
    registration.registerInit({
      deps: {
        config: coreServices.rootConfig,
        lifecycle: coreServices.rootLifecycle,
        logger: coreServices.logger,
      },
      async init({ config, lifecycle, logger }) {
        lifecycle.addStartupHook(() => {
          const url = new URL(
            '/api/signals',
            config.getString('backend.baseUrl'),
          );
          url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
          const socket = new WebSocket(url);
          socket.onerror = () => logger.debug('No signals listener yet');
          setTimeout(() => socket.close(), HOLD_OPEN_MS).unref();
        });
      },
    });
  },
});
