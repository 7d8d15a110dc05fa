// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { timeLists } from '../apiserver/lists';
import { CountingWatches } from '../apiserver/watches';
import { Figures, pause, quantile } from '../figures';
import { MeasuredProcess } from '../MeasuredProcess';
import type { WorldAnswer, WorldQuestion } from './protocol';

/** What has just started still settles. */
const SECONDS_BEFORE = 30;
const SECONDS_OF_LIFE = 60;
const QUERIES = 40;
/** What a page about the devices of a cluster asks. */
const QUERY = 'max by (site) (node_thermal_zone_temp)';

/** Starts a world of many devices in many clusters and measures how it starts, lives and answers. */
export async function measureWorld(
  devices: number,
  clusters: number,
): Promise<Figures> {
  const world = new MeasuredProcess<WorldQuestion, WorldAnswer>(
    join(__dirname, 'world.ts'),
  );
  try {
    const started = await world.ask({ ask: 'start', devices, clusters });
    await pause(SECONDS_BEFORE);
    const alone = await lifeOf(world);
    const watches = new CountingWatches();
    await watches.open(started.addresses, 1);
    const watched = await lifeOf(world, () => watches.events);
    watches.close();
    const { pages, wholes } = await timeLists(started.addresses);
    const queries = await timeQueries(started.metrics);
    const last = await world.ask({ ask: 'measure' });
    return {
      devices,
      clusters,
      'demo services run after, s': started.milliseconds / 1000,
      'processor time for that, s': started.processor,
      'memory then, MB': started.resident / 1e6,
      'share of a core afterwards, %': alone.share * 100,
      'share of a core with a watch of leases in each cluster at the edge, %':
        watched.share * 100,
      'leases renewed, and told, per second': watched.events,
      'page of 500 nodes or pods, P50, ms': quantile(pages, 0.5),
      'page of 500 nodes or pods, P95, ms': quantile(pages, 0.95),
      'all nodes or pods of a cluster, P50, ms': quantile(wholes, 0.5),
      'all nodes or pods of a cluster, P95, ms': quantile(wholes, 0.95),
      'hottest device of each site of a cluster, P50, ms': quantile(
        queries,
        0.5,
      ),
      'hottest device of each site of a cluster, P95, ms': quantile(
        queries,
        0.95,
      ),
      'memory after all, MB': last.resident / 1e6,
      'heap after all, MB': last.heap / 1e6,
    };
  } finally {
    world.stop();
  }
}

/** The share of a core that the world needs, and events per second, over a while. */
async function lifeOf(
  world: MeasuredProcess<WorldQuestion, WorldAnswer>,
  events: () => number = () => 0,
) {
  const before = await world.ask({ ask: 'measure' });
  const counted = events();
  const begun = performance.now();
  await pause(SECONDS_OF_LIFE);
  const after = await world.ask({ ask: 'measure' });
  const seconds = (performance.now() - begun) / 1000;
  return {
    share: (after.processor - before.processor) / seconds,
    events: (events() - counted) / seconds,
  };
}

async function timeQueries(metrics: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (const address of metrics.slice(0, QUERIES)) {
    const begun = performance.now();
    const url = `${address}/api/v1/query?query=${encodeURIComponent(QUERY)}`;
    const response = await fetch(url);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    times.push(performance.now() - begun);
  }
  return times;
}
