// SPDX-License-Identifier: Apache-2.0
import { measureServers } from './apiserver/measureServers';
import { tableOf } from './figures';
import { measureWorld } from './world/measureWorld';

/**
 * Measures what many devices in many clusters cost: first API servers alone,
 * with as many objects and requests as they take, then the whole world, which
 * goes on by itself. Prints tables and the same as JSON.
 *
 *   yarn bench:simulator [devices] [clusters] [servers | world]
 */
const [devices = '100000', clusters = '200', only] = process.argv.slice(2);
const size = [Number(devices), Number(clusters)] as const;

async function run(): Promise<void> {
  if (only !== 'world')
    process.stdout.write(tableOf('API servers', await measureServers(...size)));
  if (only !== 'servers')
    process.stdout.write(tableOf('World', await measureWorld(...size)));
}

run().catch(error => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
