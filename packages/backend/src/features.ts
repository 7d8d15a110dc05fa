// SPDX-License-Identifier: Apache-2.0

/** Everything the portal's backend is made of; each import begins when this is called. */
export function features() {
  return [
    // The portal itself
    import('@backstage/plugin-app-backend'),
    import('@backstage/plugin-events-backend'),
    import('@backstage/plugin-signals-backend'),
    import('@backstage/plugin-notifications-backend'),
    import('@backstage/plugin-user-settings-backend'),

    // Who you are and what you may do
    import('@backstage/plugin-auth-backend'),
    import('@backstage/plugin-auth-backend-module-github-provider'),
    import('@backstage/plugin-auth-backend-module-oidc-provider'),
    import('@causeway/plugin-auth-backend-module-demo'),
    import('@backstage/plugin-permission-backend'),
    import('@causeway/plugin-permission-backend-module-delivery'),

    // What there is
    import('@backstage/plugin-catalog-backend'),
    import('@backstage/plugin-catalog-backend-module-logs'),
    import('@causeway/plugin-catalog-backend-module-fleet'),
    import('@backstage/plugin-search-backend'),
    import('@backstage/plugin-search-backend-module-catalog'),
    import('@backstage/plugin-search-backend-module-pg'),

    // How new things come about
    import('@backstage/plugin-scaffolder-backend'),
    import('@backstage/plugin-scaffolder-backend-module-gitea'),
    import('@backstage/plugin-scaffolder-backend-module-github'),
    import('@backstage/plugin-scaffolder-backend-module-gitlab'),
    import('@causeway/plugin-scaffolder-backend-module-delivery'),
    import('@backstage/plugin-catalog-backend-module-scaffolder-entity-model'),

    // Clusters and delivery
    import('@backstage/plugin-kubernetes-backend'),
    import('@causeway/plugin-kubernetes-backend-module-delivery'),
    import('@causeway/plugin-delivery-backend'),
    import('@causeway/plugin-simulation-backend'),

    // The first websocket after a start would hang; this one is it
    import('./signalsWarmUp'),
  ];
}
