// SPDX-License-Identifier: Apache-2.0
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { GitFleetRepositories } from '../GitFleetRepositories';

/**
 * A portal in a process of its own, made to be killed: commits the change given as JSON in
 * `CAUSEWAY_TEST_COMMIT` and prints the receipt.
 */
async function main(): Promise<void> {
  const { directory, integrations, change } = JSON.parse(
    process.env.CAUSEWAY_TEST_COMMIT ?? '{}',
  );
  const fleet = new GitFleetRepositories({
    directory,
    integrations: ScmIntegrations.fromConfig(
      new ConfigReader({ integrations }),
    ),
    render: () => Promise.reject(new Error('This process renders nothing.')),
  });
  const receipt = await fleet.commit(change, AbortSignal.timeout(60_000));
  process.stdout.write(JSON.stringify(receipt));
}

void main();
