// SPDX-License-Identifier: Apache-2.0
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { FleetFilter, FleetSort } from '@causeway/plugin-delivery-common';
import {
  defaultWavePolicy,
  knownHardware,
  previewWave,
  usualLimits,
} from '@causeway/plugin-delivery-common';
import { DeviceFleet } from '../../src/fleet/DeviceFleet';
import { FleetHistory, usualHistoryLimits } from '../../src/fleet/FleetHistory';
import { FleetViews, type Answer } from '../../src/fleet/FleetViews';
import { GeneratedCluster } from '../../src/fleet/testing/GeneratedCluster';
import { silentLogger } from '../../src/testing/silentLogger';
import { CountingDatabase } from './CountingDatabase';

/**
 * Measures the fleet in memory: how long it takes to take in, what it weighs, how fast it is read and a wave
 * over it is planned, what its heartbeats cost, and what half of it falling silent within a minute does to
 * readers, the database and open pages.
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

  const candidates = [...fleet.entries()].map(entry => ({
    id: entry.id,
    site: entry.site ?? '',
    cluster: entry.cluster,
    hardware: entry.hardware ?? '',
    connected: true,
    running: 'old',
    health: 'ok' as const,
    image: 'present' as const,
  }));
  const wave = { id: 'wave', target: 'new', policy: defaultWavePolicy };
  figures.push([
    'preview of a wave over all devices',
    milliseconds(await timed(() => previewWave(wave, candidates))),
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

/** Seconds: in which half falls silent, until the last counts as offline, and between two looks for such devices. */
const silence = { falling: 60, offline: 3 * 40, search: 5 };
/** Pages are told at most so often, in milliseconds. */
const hintPause = 2_000;

/**
 * Half of the devices fall silent, one after the other within a minute; two minutes later all of them have
 * become stale and then offline. A portal looks for that every five seconds, here as fast as it goes.
 */
async function storm(
  fleet: DeviceFleet,
  generated: readonly GeneratedCluster[],
  views: () => FleetViews,
): Promise<void> {
  const database = new CountingDatabase();
  const history = new FleetHistory({
    database: database.knex,
    clock,
    logger: silentLogger,
    limits: { ...usualHistoryLimits, interval: 1 },
  });
  history.start();
  let changes = 0;
  const hints = new Set<number>();
  fleet.subscribe(news => {
    history.note(news);
    changes += news.changes.length;
    hints.add(Math.floor(now / hintPause));
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
    const until = silence.falling + silence.offline;
    for (let second = 0; second < until; second += silence.search) {
      now += silence.search * 1_000;
      const share = 1 - Math.min(1, second / silence.falling) / 2;
      for (const [index, cluster] of generated.entries()) {
        // Each cluster beats every ten seconds, half of them now.
        if (index % 2 !== (second / silence.search) % 2) continue;
        cluster.beat(share);
        await nextTurn();
      }
      await nextTurn();
      await fleet.look();
    }
    await history.stop();
  });
  isOver = true;
  await reader;
  delay.disable();
  const rowsOf = (table: string, columns: number) =>
    (database.inserted.get(table) ?? 0) / columns;
  const again = await Promise.all([
    views().summary(everything),
    views().sites({}, everything),
    views().devices({}, { sort: 'health', limit: 50 }, everything),
  ]);
  const page = again.map(answer => JSON.stringify(answer?.view)).join('');
  figures.push(
    [
      'half of the devices silent within a minute: worked off in',
      milliseconds(whole - reads.reduce((sum, each) => sum + each, 0)),
    ],
    [
      'meanwhile: page P95, longest pause of the process',
      `${milliseconds(percentile(reads, 0.95))}, ${milliseconds(
        delay.max / 1e6,
      )}`,
    ],
    [
      'meanwhile: changes; rows for the database, in statements',
      `${changes}; ${rowsOf('fleet_history', 9)} and ${rowsOf(
        'fleet_devices',
        6,
      )}, ${database.statements}`,
    ],
    [
      'meanwhile: hints to open pages, and what one reads then, compressed',
      `${hints.size}, ${Math.round(gzipSync(page).length / 1000)} kB`,
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
