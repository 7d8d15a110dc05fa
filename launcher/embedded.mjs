// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Children } from './children.mjs';
import { configurationFiles } from './configuration.mjs';
import { Failure } from './failure.mjs';
import { repository } from './folders.mjs';
import { startPostgres } from './postgres.mjs';
import { progress } from './progress.mjs';
import { usualClusters } from './simulatedClusters.mjs';
import {
  environmentOfSettings,
  readSettings,
  requireFreePorts,
} from './settings.mjs';

// Transpiles TypeScript while it is loaded, as the Backstage CLI does for a backend.
const TRANSPILE = ['--require', '@backstage/cli-node/config/nodeTransform.cjs'];
const PATIENCE_MS = 120_000;
// Two hundred clusters come up more slowly than four.
const PATIENCE_PER_CLUSTER_MS = 2_000;

async function answers(url, init) {
  try {
    const response = await fetch(url, {
      ...init,
      signal: AbortSignal.timeout(2_000),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * PostgreSQL, the simulator unless it is switched off, and, if asked for, the portal's backend, as
 * one thing that starts and stops.
 */
export class EmbeddedDefault {
  #node;
  #environment;
  #settings;
  #configuration;
  #children;
  #postgres;
  #died;

  static async prepare(node, environment) {
    const settings = await readSettings();
    const configuration = configurationFiles(settings);
    const children = new Children(settings.data);
    await children.endLeftovers();
    await requireFreePorts(settings);
    return new EmbeddedDefault(node, environment, {
      settings,
      configuration,
      children,
    });
  }

  constructor(node, environment, { settings, configuration, children }) {
    this.#node = node;
    this.#settings = settings;
    this.#configuration = configuration;
    this.#children = children;
    this.#environment = {
      ...environment,
      ...environmentOfSettings(settings),
      NODE_ENV: 'development',
      NODE_COMPILE_CACHE: join(repository, '.cache', 'node'),
    };
  }

  get settings() {
    return this.#settings;
  }

  get environment() {
    return this.#environment;
  }

  get address() {
    return `http://localhost:${this.#settings.portal}`;
  }

  /** Options of the Backstage CLI and of a backend that name the configuration files. */
  get configurationOptions() {
    return this.#configuration.flatMap(file => ['--config', file]);
  }

  /** Starts PostgreSQL and the simulator; the simulator gets ready in the background. */
  async startSurroundings() {
    if (this.#settings.flags.simulation) {
      progress('Starting PostgreSQL, the simulated clusters and the forge');
      this.#startNode('simulator', 'packages/simulator/src/main.ts');
    } else {
      progress('Starting PostgreSQL; the clusters are your own');
    }
    this.#postgres = await startPostgres({
      directory: this.#settings.postgresDirectory,
      port: this.#settings.postgresPort,
      password: this.#settings.postgresPassword,
      keep: true,
    });
  }

  /** Starts the portal's backend, which serves the built pages too. */
  startPortal() {
    progress('Starting the portal');
    this.#startNode(
      'portal',
      'packages/backend/src/index.ts',
      this.configurationOptions,
    );
  }

  /** Resolves when the simulated world runs its services, at once when there is none. */
  async untilSimulatorReady() {
    if (!this.#settings.flags.simulation) {
      return undefined;
    }
    const forge = `http://127.0.0.1:${this.#settings.simulator}`;
    return this.#until('the simulated clusters', () =>
      answers(`${forge}/simulation/health`),
    );
  }

  /**
   * Resolves when a demo user can sign in and the delivery backend is healthy. Readiness alone is
   * not enough: the catalog knows its users only a moment later.
   */
  untilPortalReady() {
    return this.#until(
      'the portal',
      async () =>
        (await answers(`${this.address}/.backstage/health/v1/readiness`)) &&
        (await answers(`${this.address}/api/delivery/health`)) &&
        (await answers(`${this.address}/api/auth/demo/refresh`, {
          headers: { 'x-demo-user': 'user:default/mia' },
        })),
    );
  }

  /** Ends everything that was started, in order. */
  async stop() {
    await this.#children.stop();
    await this.#postgres?.stop();
    this.#postgres = undefined;
  }

  #startNode(name, entry, parameters = []) {
    this.#children.start(
      name,
      this.#node.executable,
      [...TRANSPILE, join(repository, entry), ...parameters],
      {
        cwd: join(repository, 'packages', 'backend'),
        env: this.#environment,
        onExit: reason => {
          this.#died ??= new Failure(
            `The ${name} ended unexpectedly (${reason}). Its last words are in ${this.#children.logFile(
              name,
            )}`,
          );
        },
      },
    );
  }

  /** Rejects when a process of the embedded default ends by itself. */
  async untilSomethingDies() {
    while (!this.#died) {
      await new Promise(resolve => setTimeout(resolve, 500));
    }
    throw this.#died;
  }

  async #until(what, isReady) {
    const patience =
      PATIENCE_MS +
      PATIENCE_PER_CLUSTER_MS *
        (this.#settings.clusterPorts.length - usualClusters);
    const deadline = Date.now() + patience;
    while (!(await isReady())) {
      if (this.#died) {
        throw this.#died;
      }
      if (Date.now() > deadline) {
        throw new Failure(
          `Gave up waiting for ${what} after ${
            patience / 1000
          } s. See the logs in ${join(this.#settings.data, 'logs')}`,
        );
      }
      await new Promise(resolve => setTimeout(resolve, 150));
    }
  }
}

/** Runs `work`, and ends everything when it fails or the person presses Ctrl-C. Returns its exit code. */
export async function withEmbeddedDefault(node, environment, work) {
  const embedded = await EmbeddedDefault.prepare(node, environment);
  const interrupted = new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => resolve('interrupted'));
    }
  });
  try {
    await Promise.race([work(embedded), interrupted]);
  } finally {
    progress('Stopping');
    await embedded.stop();
  }
}
