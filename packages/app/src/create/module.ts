// SPDX-License-Identifier: Apache-2.0
import {
  ApiBlueprint,
  configApiRef,
  createFrontendModule,
  discoveryApiRef,
  fetchApiRef,
  identityApiRef,
} from '@backstage/frontend-plugin-api';
import { scmIntegrationsApiRef } from '@backstage/integration-react';
import { scaffolderApiRef } from '@backstage/plugin-scaffolder-react';
import { ConfiguredHostsScaffolderClient } from './ConfiguredHostsScaffolderClient';

/** What is different about creating services in this portal. */
export const createModule = createFrontendModule({
  pluginId: 'scaffolder',
  extensions: [
    ApiBlueprint.make({
      params: define =>
        define({
          api: scaffolderApiRef,
          deps: {
            config: configApiRef,
            discoveryApi: discoveryApiRef,
            scmIntegrationsApi: scmIntegrationsApiRef,
            fetchApi: fetchApiRef,
            identityApi: identityApiRef,
          },
          factory: ({ config, ...others }) =>
            new ConfiguredHostsScaffolderClient(others, config),
        }),
    }),
  ],
});
