// SPDX-License-Identifier: Apache-2.0
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { FleetFilter, FleetSort } from '@causeway/plugin-delivery-common';
import { knownHardware, usualLimits } from '@causeway/plugin-delivery-common';
import { DeviceFleet } from '../../src/fleet/DeviceFleet';
import { FleetViews, type Answer } from '../../src/fleet/FleetViews';
import { GeneratedCluster } from '../../src/fleet/testing/GeneratedCluster';

/**
 * Measures the fleet in memory: how long it takes to take in, what it weighs, how fast it is read, what
 * its heartbeats cost, and what half of it falling silent within a minute does to readers.
 *
 *   yarn bench:fleet [devices] [clusters] [sites]
 */
const [devices = '100000', clusters = '200', sites = '2000'] =
  process.argv.slice(2);
const size = {
  devices: Number(devices),
  clusters: Number(clusters),
  sites: Number(sites),
};

let now = Date.parse('2026-07-01T12:00:00Z');
const clock = () => new Date(now);
const everything = { key: 'all', allows: () => true };
const figures: (readonly [string, string])[] = [];

const milliseconds = (value: number) => `${value.toFixed(1)} ms`;
const megabytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`;

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * share) - 1];
}

/** Milliseconds of the processor: on a machine that others use too, the clock tells more about them. */
async function timed(work: () => unknown): Promise<number> {
  const from = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
}

const filters: readonly FleetFilter[] = [
  {},
  { health: ['critical', 'warning'] },
  { hardware: ['jetson-orin-nx'], connectivity: ['live'] },
  { site: ['site-17', 'site-18'] },
  { text: 'device-7 pi' },
  { label: ['kubernetes.io/arch=arm64'] },
];
const sorts: readonly FleetSort[] = [
  'name',
  '-lastSeen',
  'health',
  'temperature',
  'site',
];

/** Reads a page of each filter in each order, as many readers with different questions would. */
async function readPages(views: () => FleetViews): Promise<number[]> {
  const times: number[] = [];
  for (const filter of filters) {
    for (const sort of sorts) {
      times.push(
        await timedRead(() =>
          views().devices(filter, { sort, limit: 50 }, everything),
        ),
      );
      await nextTurn();
    }
  }
  return times;
}

async function timedRead(ask: () => Answer<unknown>): Promise<number> {
  return timed(async () => JSON.stringify(await ask()));
}

async function run(): Promise<void> {
  const fleet = new DeviceFleet({
    clock,
    hardware: name => (name && knownHardware[name]) || usualLimits,
    looksUntilSearch: 1,
  });
  const stop = new AbortController();
  const generated = Array.from(
    { length: size.clusters },
    (_, index) => new GeneratedCluster(size, index, clock),
  );
  const takenIn = await timed(async () => {
    for (const cluster of generated) {
      for (const kind of fleet.join(cluster.host()).kinds) {
        void kind.follow(stop.signal);
      }
      await nextTurn();
    }
    while (fleet.size < size.devices) {
      await fleet.look();
      await nextTurn();
    }
  });
  figures.push([
    'lists taken in and every device described',
    milliseconds(takenIn),
  ]);

  const at = clock().toISOString();
  const measured = await timed(async () => {
    for (const cluster of fleet.clusters()) {
      fleet.report(
        cluster.name,
        new Map(
          [...cluster.deviceNames()].map((name, index) => [
            name,
            {
              readings: {
                temperature: reading(40 + (index % 48), '°C', at),
                power: reading(4, 'W', at),
                memory: reading(60, '%', at),
                storage: reading(50, '%', at),
              },
            },
          ]),
        ),
      );
    }
    await fleet.look();
  });
  figures.push([
    'four measurements of every device taken in and judged',
    milliseconds(measured),
  ]);

  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  figures.push([
    'memory, of the process and of its objects',
    `${megabytes(rss)}, ${megabytes(heapUsed)}`,
  ]);

  const parts = { fleet, pipelines: { list: () => [] }, clock };
  let readers = 0;
  // Another run has another stamp, so nothing is answered from what was computed before.
  const views = () => new FleetViews({ ...parts, run: String((readers += 1)) });
  await readPages(views);
  const pages = await readPages(views);
  figures.push([
    'page of 50 devices, any filter and order, P95',
    milliseconds(percentile(pages, 0.95)),
  ]);
  const summaries: number[] = [];
  for (let count = 0; count < 30; count++) {
    summaries.push(await timedRead(() => views().summary(everything)));
    await nextTurn();
  }
  figures.push(['summary, P95', milliseconds(percentile(summaries, 0.95))]);
  const same = views();
  await same.summary(everything);
  figures.push([
    'summary that another reader has asked for',
    milliseconds(await timedRead(() => same.summary(everything))),
  ]);
  const answered = await views().sites({}, everything);
  const map = JSON.stringify(answered?.view);
  figures.push([
    `map data of ${size.sites} sites, as it is and compressed`,
    `${Math.round(map.length / 1000)} kB, ${Math.round(
      gzipSync(map).length / 1000,
    )} kB`,
  ]);

  const revision = fleet.revision;
  now += 10_000;
  const beats = await timed(async () => {
    for (const cluster of generated) {
      cluster.beat(1);
      await nextTurn();
    }
    await nextTurn();
    await fleet.look();
  });
  figures.push([
    'heartbeats of all devices (every 10 s), and the look after them',
    `${milliseconds(beats)}, revision ${
      fleet.revision === revision ? 'unchanged' : 'changed'
    }`,
  ]);

  await storm(fleet, generated, views);
  stop.abort();
  for (const [what, figure] of figures) {
    process.stdout.write(`| ${what} | ${figure} |\n`);
  }
  process.exit(0);
}

async function storm(
  fleet: DeviceFleet,
  generated: readonly GeneratedCluster[],
  views: () => FleetViews,
): Promise<void> {
  let changes = 0;
  let announced = 0;
  fleet.subscribe(news => {
    changes += news.changes.length;
    announced += 1;
  });
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const reads: number[] = [];
  let isOver = false;
  const reader = (async () => {
    while (!isOver) {
      reads.push(
        await timedRead(() =>
          views().devices(
            { connectivity: ['live'] },
            { sort: 'name', limit: 50 },
            everything,
          ),
        ),
      );
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  })();
  delay.enable();
  const whole = await timed(async () => {
    for (let second = 10; second <= 60; second += 10) {
      now += 10_000;
      for (const cluster of generated) {
        cluster.beat(0.5);
        await nextTurn();
      }
      await nextTurn();
      await fleet.look();
    }
  });
  isOver = true;
  await reader;
  delay.disable();
  figures.push(
    [
      'half of the devices silent within a minute: worked off in',
      milliseconds(whole),
    ],
    [
      'meanwhile: page P95, longest pause of the process',
      `${milliseconds(percentile(reads, 0.95))}, ${milliseconds(
        delay.max / 1e6,
      )}`,
    ],
    [
      'meanwhile: changes for the history, hints to pages at most',
      `${changes}, ${announced}`,
    ],
    ['incidents that it is shown as', String(fleet.incidents.length)],
  );
}

function reading(value: number, unit: string, at: string) {
  return { value, unit, at, source: 'bench' };
}

run().catch(error => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
