// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWorld } from '../../src/world/startWorld';
import type { World, WorldCluster } from '../../src/world/World';
import type { WorldAnswer, WorldQuestion } from './protocol';

/** The process of the world. It is one of its own, so that its memory and processor time are those of the world. */
const token = randomUUID();
const dataDirectory = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
let world: World | undefined;

async function answer(question: WorldQuestion): Promise<WorldAnswer> {
  const begun = performance.now();
  if (question.ask === 'start') {
    const { devices, clusters } = question;
    world = await startWorld({
      dataDirectory,
      devices,
      clusters,
      secrets: { clusterToken: token, forgePassword: token },
      // What is measured is when services run, however long it takes.
      patience: 3_600_000,
    });
  }
  const milliseconds = performance.now() - begun;
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const edge = edgeClusters();
  return {
    milliseconds,
    resident: rss,
    heap: heapUsed,
    processor: (user + system) / 1e6,
    addresses: {
      urls: edge.map(({ url }) => url),
      token,
      ca: edge.length > 0 ? readFileSync(edge[0].caFile, 'utf8') : '',
    },
    metrics: edge.map(({ metrics }) => metrics),
  };
}

function edgeClusters(): readonly WorldCluster[] {
  return Object.values(world?.clusters ?? {}).filter(({ name }) =>
    name.startsWith('edge-production'),
  );
}

process.on('message', (question: WorldQuestion) => {
  answer(question).then(
    found => process.send?.(found),
    error => {
      process.stderr.write(`${error.stack}\n`);
      process.exit(1);
    },
  );
});
// Nothing is left to do when the benchmark is gone.
process.on('disconnect', () => {
  rmSync(dataDirectory, { recursive: true });
  process.exit(0);
});
