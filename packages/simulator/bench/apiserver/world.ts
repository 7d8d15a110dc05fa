// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApiServer } from '../../src/apiserver';
import type { ApiServer } from '../../src/apiserver';
import { planFleet } from '../../src/devices/planFleet';
import type { FleetPlan } from '../../src/devices/planFleet';
import { certificates } from '../../src/world/certificates';
import { objectsOf } from './deviceObjects';
import type { Answer, Question } from './protocol';
import { Renewals } from './Renewals';

/**
 * The process that holds the clusters. It is one of its own, so that its
 * memory and processor time are those of the clusters and nothing else.
 */
class BenchmarkedWorld {
  readonly #token = randomUUID();
  #servers: readonly ApiServer[] = [];
  #plan: FleetPlan | undefined;
  #objects = 0;
  #ca = '';
  #renewals: Renewals | undefined;

  async answer(question: Question): Promise<Answer> {
    const begun = performance.now();
    await this.#perform(question);
    const milliseconds = performance.now() - begun;
    if (question.ask !== 'count') globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    return {
      milliseconds,
      resident: rss,
      heap: heapUsed,
      processor: (user + system) / 1e6,
      objects: this.#objects,
      devices: this.#devicesOfClusters().flat().length,
      renewals: this.#renewals?.answered ?? 0,
      addresses: {
        urls: this.#servers.map(({ url }) => url),
        token: this.#token,
        ca: this.#ca,
      },
    };
  }

  async #perform(question: Question): Promise<void> {
    switch (question.ask) {
      case 'empty':
        await this.#start(question.devices, question.clusters);
        break;
      case 'fill':
        this.#fill();
        break;
      case 'renew':
        await this.#renew(question.clusters);
        break;
      case 'measure':
      case 'count':
        break;
      default:
        question satisfies never;
    }
  }

  async #start(devices: number, clusters: number): Promise<void> {
    const sites = Math.max(clusters, Math.min(20_000, Math.round(devices / 6)));
    this.#plan = planFleet({ sites, devices, clusters });
    const directory = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
    const { serving, ca } = await certificates(directory, new Date());
    rmSync(directory, { recursive: true });
    this.#ca = ca;
    this.#servers = await Promise.all(
      this.#plan.clusters.map(name =>
        startApiServer({
          name,
          port: 0,
          tls: serving,
          tokens: [
            { token: this.#token, user: 'bench', groups: ['system:masters'] },
          ],
          clock: () => new Date(),
          historyLimit: 1_000,
        }),
      ),
    );
  }

  #fill(): void {
    const now = new Date();
    for (const server of this.#servers) {
      if (!this.#plan) throw new Error('there are no clusters to fill yet');
      this.#objects += server.restore(objectsOf(this.#plan, server.name, now));
    }
  }

  async #renew(clusters: number): Promise<void> {
    this.#renewals?.stop();
    const devices = this.#devicesOfClusters();
    this.#renewals = new Renewals(
      this.#servers
        .slice(0, clusters)
        .map(({ url }, index) => ({ url, devices: devices[index] })),
      { token: this.#token, ca: this.#ca },
    );
    await this.#renewals.begun;
  }

  #devicesOfClusters(): readonly (readonly string[])[] {
    return this.#servers.map(({ name }) =>
      (this.#plan?.devicesOf(name) ?? []).map(device => device.name),
    );
  }
}

const world = new BenchmarkedWorld();
process.on('message', (question: Question) => {
  world.answer(question).then(
    answer => process.send?.(answer),
    error => {
      process.stderr.write(`${error.stack}\n`);
      process.exit(1);
    },
  );
});
// Nothing is left to serve when the benchmark is gone.
process.on('disconnect', () => process.exit(0));
