// SPDX-License-Identifier: Apache-2.0
import { mockApis } from '@backstage/frontend-test-utils';
import { ScmIntegrations } from '@backstage/integration';
import { ConfiguredHostsScaffolderClient } from './ConfiguredHostsScaffolderClient';

test.each([
  ['those that are configured', [], ['git.norden.example']],
  ['those that the template names', ['github.com'], ['github.com']],
])('offers %s', async (_case, allowedHosts, offered) => {
  const config = mockApis.config({
    data: { integrations: { gitea: [{ host: 'git.norden.example' }] } },
  });
  const client = new ConfiguredHostsScaffolderClient(
    {
      scmIntegrationsApi: ScmIntegrations.fromConfig(config),
      discoveryApi: { getBaseUrl: async () => 'http://nowhere.invalid' },
      fetchApi: { fetch },
    },
    config,
  );
  const { integrations } = await client.getIntegrationsList({ allowedHosts });
  expect(integrations.map(({ host }) => host)).toEqual(offered);
});
