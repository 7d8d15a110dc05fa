// SPDX-License-Identifier: Apache-2.0
import { isAbsolute } from 'node:path';
import { startWorld, World, WorldOptions } from './world/startWorld';

const stopWithin = 1_800;

/** Reads the settings of the process from its environment, or says which one is missing. */
function settings(environment: NodeJS.ProcessEnv): WorldOptions {
  const required = (name: string) => {
    const value = environment[name];
    if (!value)
      throw new Error(
        `${name} is not set. \`npm start\` sets it; see packages/simulator/README.md.`,
      );
    return value;
  };
  const port = (name: string, fallback: number) => {
    const value = Number(environment[name] ?? fallback);
    if (!Number.isInteger(value) || value < 1 || value > 65_535)
      throw new Error(`${name} is not a port: ${environment[name]}`);
    return value;
  };
  const ciDuration = Number(environment.CAUSEWAY_CI_DURATION ?? 4_000);
  if (!(ciDuration >= 0)) {
    throw new Error(
      `CAUSEWAY_CI_DURATION is not a number of milliseconds: ${environment.CAUSEWAY_CI_DURATION}`,
    );
  }
  const dataDirectory = required('CAUSEWAY_DATA');
  if (!isAbsolute(dataDirectory))
    throw new Error(`CAUSEWAY_DATA must be an absolute path: ${dataDirectory}`);
  const forge = port('CAUSEWAY_SIMULATOR_PORT', 7100);
  const portal = `http://127.0.0.1:${port('CAUSEWAY_PORT', 7007)}/api/delivery`;
  return {
    dataDirectory,
    ciDuration,
    ports: { forge, clusters: [1, 2, 3, 4].map(offset => forge + offset) },
    secrets: {
      clusterToken: required('CAUSEWAY_CLUSTER_TOKEN'),
      forgePassword: required('CAUSEWAY_FORGE_PASSWORD'),
    },
    releaseReport: {
      url: `${portal}/releases`,
      secret: required('CAUSEWAY_RELEASE_SECRET'),
    },
    pushWebhook: {
      url: `${portal}/webhooks/gitea`,
      secret: required('CAUSEWAY_WEBHOOK_SECRET'),
    },
  };
}

async function main(): Promise<void> {
  const running: { world?: World } = {};
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    // Nothing that is kept is half written at any moment, so a hard end is safe when a part is slow.
    setTimeout(() => process.exit(0), stopWithin).unref();
    await running.world?.stop();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const world = await startWorld(settings(process.env));
  running.world = world;
  const clusters = Object.values(world.clusters).map(({ name, url }) => ({
    name,
    url,
  }));
  process.stdout.write(
    `${JSON.stringify({ event: 'ready', forge: world.forge.url, clusters })}\n`,
  );
}

main().catch(error => {
  process.stderr.write(
    `The simulator could not start: ${
      error instanceof Error ? error.message : error
    }\n`,
  );
  process.exit(1);
});
