// SPDX-License-Identifier: Apache-2.0
import { createBackend } from '@backstage/backend-defaults';

const backend = createBackend();

// The portal itself
backend.add(import('@backstage/plugin-app-backend'));
backend.add(import('@backstage/plugin-events-backend'));
backend.add(import('@backstage/plugin-signals-backend'));
backend.add(import('@backstage/plugin-notifications-backend'));
backend.add(import('@backstage/plugin-user-settings-backend'));

// Who you are and what you may do
backend.add(import('@backstage/plugin-auth-backend'));
backend.add(import('@backstage/plugin-auth-backend-module-github-provider'));
backend.add(import('@backstage/plugin-auth-backend-module-oidc-provider'));
backend.add(import('@causeway/plugin-auth-backend-module-demo'));
backend.add(import('@backstage/plugin-permission-backend'));
backend.add(import('@causeway/plugin-permission-backend-module-delivery'));

// What there is
backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(import('@backstage/plugin-catalog-backend-module-logs'));
backend.add(import('@backstage/plugin-search-backend'));
backend.add(import('@backstage/plugin-search-backend-module-catalog'));
backend.add(import('@backstage/plugin-search-backend-module-pg'));

// Clusters and delivery
backend.add(import('@backstage/plugin-kubernetes-backend'));
backend.add(import('@causeway/plugin-kubernetes-backend-module-delivery'));
backend.add(import('@causeway/plugin-delivery-backend'));

// The first websocket after a start would hang; this one is it
backend.add(import('./signalsWarmUp'));

backend.start();
