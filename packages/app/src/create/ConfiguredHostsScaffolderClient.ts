// SPDX-License-Identifier: Apache-2.0
import type { ConfigApi } from '@backstage/frontend-plugin-api';
import { ScaffolderClient } from '@backstage/plugin-scaffolder-common';

type Options = ConstructorParameters<typeof ScaffolderClient>[0];
type Lists = ScaffolderClient['getIntegrationsList'];

/**
 * Offers every configured forge where a template names none, because templates do not know in which
 * portal they are. Backstage's own client offers the hosts that the template names and no other.
 */
export class ConfiguredHostsScaffolderClient extends ScaffolderClient {
  constructor(options: Options, private readonly config: ConfigApi) {
    super(options);
  }

  async getIntegrationsList({
    allowedHosts,
  }: Parameters<Lists>[0]): ReturnType<Lists> {
    return super.getIntegrationsList({
      allowedHosts:
        allowedHosts.length > 0 ? allowedHosts : configuredHosts(this.config),
    });
  }
}

/** Backstage knows of github.com and others without being told; nothing could be created there. */
function configuredHosts(config: ConfigApi): string[] {
  const integrations = config.getOptionalConfig('integrations');
  return (integrations?.keys() ?? []).flatMap(kind =>
    (integrations?.getOptionalConfigArray(kind) ?? []).flatMap(
      each => each.getOptionalString('host') ?? [],
    ),
  );
}
