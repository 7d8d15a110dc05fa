// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import limiter from 'p-limit';
import { rest } from '../clusters/pause';
import type { PrometheusSource } from '../monitoring/createCanaryMetrics';
import type { DeviceFleet } from './DeviceFleet';
import { readTelemetry } from './readTelemetry';

/** Clusters whose measurements are read at the same time. */
const clustersAtOnce = 4;

/**
 * Reads the measurements of all devices again and again, cluster by cluster, from the Prometheus
 * servers that have them. A server that fails leaves what is known with its age, and is logged when it
 * begins to fail.
 */
export class FleetTelemetry {
  readonly #failing = new Set<string>();
  readonly #inTurn = limiter(clustersAtOnce);
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(
    private readonly parts: {
      readonly sources: readonly PrometheusSource[];
      readonly fleet: DeviceFleet;
      readonly logger: LoggerService;
      /** Milliseconds between two readings. */
      readonly interval: number;
      /** The label that names the node of a series. */
      readonly nodeLabel: string;
    },
  ) {}

  start(): void {
    if (this.parts.sources.length > 0) this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Reads every cluster that has devices once. */
  async read(): Promise<void> {
    const { fleet, sources } = this.parts;
    await Promise.all(
      fleet.clusters().flatMap(cluster => {
        const [first] = cluster.deviceNames();
        if (first === undefined) return [];
        return sources
          .filter(({ clusters }) => clusters?.includes(cluster.name) ?? true)
          .map(source =>
            this.#inTurn(() => this.#readCluster(source, cluster.name)),
          );
      }),
    );
  }

  async #readCluster(source: PrometheusSource, cluster: string): Promise<void> {
    const { fleet, logger, nodeLabel } = this.parts;
    const { measured, problems } = await readTelemetry(
      source,
      { cluster, nodeLabel },
      this.#stop.signal,
    );
    if (this.#stop.signal.aborted) return;
    fleet.report(cluster, measured);
    const key = `${source.name} ${cluster}`;
    const [problem] = problems;
    if (problem === undefined) this.#failing.delete(key);
    else if (!this.#failing.has(key)) {
      this.#failing.add(key);
      logger.warn(
        `Measurements of the devices in ${cluster} are missing: the Prometheus server ${problem}.`,
      );
    }
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.read();
      await rest(this.parts.interval, this.#stop.signal);
    }
  }
}
