// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { isStatus } from '../runtime/KubernetesError';
import { keyOf } from '../runtime/resources';
import { visitChanged } from '../workloads/owned';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import { analysisOf } from './analysis';
import { CanaryTick } from './CanaryTick';
import { initializing } from './canaryStatus';
import { canaries, Canary } from './flaggerObjects';
import { FlaggerSettings } from './FlaggerSurroundings';
import { queryPrometheus } from './metrics';
import { postWebhook } from './webhooks';

/** From the first sight of a canary to the first look, in milliseconds. */
const firstLook = 5_000;

/**
 * Plays Flagger: looks at each canary once per interval, counted from when it
 * was found, whatever happens in between.
 */
export function startFlagger(
  cluster: Cluster,
  settings: FlaggerSettings,
): RunningController {
  const informer = cluster.informers.of(canaries);
  const surroundings = {
    cluster,
    settings,
    recorder: cluster.recorder('flagger'),
    send: postWebhook,
    query: queryPrometheus,
  };
  const nextLooks = new Map<string, { uid: string; due: number }>();
  const now = () => cluster.scheduler.now().getTime();

  const plan = (canary: Canary): number => {
    const key = keyOf(canary.metadata);
    const { uid } = canary.metadata;
    const known = nextLooks.get(key);
    if (known?.uid === uid) return known.due;
    const due = now() + firstLook;
    nextLooks.set(key, { uid, due });
    return due;
  };

  const runLook = async (canary: Canary) => {
    try {
      await new CanaryTick(canary, surroundings).run();
    } catch (error) {
      // The next look comes at its time; trying again at once would ask the gates twice.
      cluster.log(`flagger ${keyOf(canary.metadata)}: ${error}`);
    }
  };

  const look = async (key: string): Promise<NextVisit> => {
    const cached = informer.get(key);
    if (!cached || cached.metadata.deletionTimestamp) {
      nextLooks.delete(key);
      return undefined;
    }
    if (cached.status?.phase === undefined) await markFound(cluster, cached);
    const due = plan(cached);
    if (now() < due) return { after: due - now() };
    const { interval } = analysisOf(cached);
    const next = Math.max(due + interval, now());
    nextLooks.set(key, { uid: cached.metadata.uid, due: next });
    const canary = await cluster.client.get(canaries, cached.metadata);
    if (canary) await runLook(canary);
    return { after: Math.max(0, next - now()) };
  };

  const queue = new WorkQueue({
    name: 'flagger',
    scheduler: cluster.scheduler,
    log: cluster.log,
    concurrency: 32,
    reconcile: look,
  });
  visitChanged(informer, queue);
  return {
    async stop() {
      await queue.stop();
      await surroundings.recorder.flush();
    },
  };
}

async function markFound(cluster: Cluster, canary: Canary): Promise<void> {
  try {
    await cluster.client.patchStatus(canaries, canary.metadata, {
      ...initializing(canary, cluster.scheduler.now()),
    });
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}
