// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Figures, pause, quantile } from '../figures';
import { MeasuredProcess } from '../MeasuredProcess';
import { timeLists } from './lists';
import type { Addresses, Answer, Question } from './protocol';
import { OBJECTS_PER_DEVICE } from './deviceObjects';
import { CountingWatches } from './watches';

type Clusters = MeasuredProcess<Question, Answer>;

const SECONDS_OF_LOAD = 10;
/** What runs often is compiled in this time. */
const SECONDS_BEFORE = 3;
const LEASE_SECONDS = 60;
const FAN_OUT = 50;

/**
 * Starts simulated API servers for many devices in many clusters, each with
 * its own HTTPS port, all in one process, and measures them from another.
 */
export async function measureServers(
  deviceCount: number,
  clusterCount: number,
): Promise<Figures> {
  const world: Clusters = new MeasuredProcess(join(__dirname, 'world.ts'));
  try {
    const empty = await world.ask({
      ask: 'empty',
      devices: deviceCount,
      clusters: clusterCount,
    });
    const full = await world.ask({ ask: 'fill' });
    return {
      devices: full.devices,
      clusters: full.addresses.urls.length,
      objects: full.objects,
      ...startFigures(empty, full),
      ...(await listFigures(full.addresses)),
      ...(await watchFigures(world, full.addresses)),
    };
  } finally {
    world.stop();
  }
}

function startFigures(empty: Answer, full: Answer): Figures {
  const heap = full.heap - empty.heap;
  return {
    'ports open after, ms': empty.milliseconds,
    'memory with empty clusters, MB': empty.resident / 1e6,
    'objects stored after further, ms': full.milliseconds,
    'processor time for that, s': full.processor - empty.processor,
    'memory, MB': full.resident / 1e6,
    'heap, MB': full.heap / 1e6,
    'heap per device, bytes': heap / full.devices,
    'heap per object, bytes': heap / full.objects,
    'objects per device': OBJECTS_PER_DEVICE,
  };
}

async function listFigures(addresses: Addresses): Promise<Figures> {
  await timeLists({ ...addresses, urls: addresses.urls.slice(0, 3) });
  const { pages, wholes, wholeBytes } = await timeLists(addresses);
  return {
    'page of 500, P50, ms': quantile(pages, 0.5),
    'page of 500, P95, ms': quantile(pages, 0.95),
    'whole list of a cluster, P50, ms': quantile(wholes, 0.5),
    'whole list of a cluster, P95, ms': quantile(wholes, 0.95),
    'whole list of a cluster, mean size, MB': wholeBytes / 1e6,
  };
}

/** Leases are renewed as fast as it goes, once with one watch of each cluster, once with many of one. */
async function watchFigures(
  world: Clusters,
  addresses: Addresses,
): Promise<Figures> {
  const all = await underLoad(world, addresses, 1);
  const one = { ...addresses, urls: addresses.urls.slice(0, 1) };
  const many = await underLoad(world, one, FAN_OUT);
  const { resident } = await world.ask({ ask: 'measure' });
  const perRenewal = all.processor / all.renewals;
  return {
    'lease renewals per second, with a watch of each cluster':
      all.renewals / all.seconds,
    'processor time per renewal, its client included, ms': perRenewal * 1000,
    [`devices that one core renews every ${LEASE_SECONDS} s`]: Math.floor(
      LEASE_SECONDS / perRenewal,
    ),
    [`watch events per second, ${FAN_OUT} watches of one cluster`]:
      many.events / many.seconds,
    'processor time per event then, ms': (many.processor / many.events) * 1000,
    'memory after all, MB': resident / 1e6,
  };
}

async function underLoad(
  world: Clusters,
  addresses: Addresses,
  watchesPerCluster: number,
) {
  const watches = new CountingWatches();
  await watches.open(addresses, watchesPerCluster);
  await world.ask({ ask: 'renew', clusters: addresses.urls.length });
  await pause(SECONDS_BEFORE);
  const before = await world.ask({ ask: 'count' });
  const { events } = watches;
  const begun = performance.now();
  await pause(SECONDS_OF_LOAD);
  const after = await world.ask({ ask: 'count' });
  const seconds = (performance.now() - begun) / 1000;
  const told = watches.events - events;
  await world.ask({ ask: 'renew', clusters: 0 });
  watches.close();
  return {
    seconds,
    events: told,
    renewals: after.renewals - before.renewals,
    processor: after.processor - before.processor,
  };
}
