// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../build/ensureBuilt';
import { startCluster } from '../cluster/startCluster';
import { failWith, progressLines } from './terminal';

/**
 * `cluster [--nodes N] [--no-flux] [--name NAME]`: builds what is missing,
 * starts one cluster and keeps it until Ctrl-C.
 *
 * Exit codes: 0 stopped by hand, 69 Go is missing, 1 anything else.
 */
export async function run(args: readonly string[]): Promise<void> {
  const say = progressLines();
  try {
    const { values } = parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        name: { type: 'string', default: 'causeway' },
        nodes: { type: 'string', default: '3' },
        flux: { type: 'boolean', default: true },
      },
    });
    await ensureBuilt({ progress: say });
    say('starting the cluster');
    const cluster = await startCluster({
      name: values.name,
      nodes: Number(values.nodes),
      flux: values.flux,
    });
    say(`${cluster.name} is ready at ${cluster.url}`);
    process.stdout.write(
      `\n  export KUBECONFIG=${cluster.kubeconfigFile}\n\nCtrl-C stops it and removes everything.\n`,
    );
    await interrupted();
    say('stopping');
    await cluster.stop();
    say('stopped');
  } catch (error) {
    failWith(error);
  }
}

async function interrupted(): Promise<void> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}
