// SPDX-License-Identifier: Apache-2.0
import { aCluster } from '../../testing/aCluster';
import { systemScheduler } from '../../time/Scheduler';
import { customResourceDefinitions } from '../flux/fluxDefinitions';
import type { Cluster } from '../runtime/Cluster';
import { EventRecorder } from '../runtime/EventRecorder';
import { Informers } from '../runtime/Informers';
import type { KubernetesClient } from '../runtime/KubernetesClient';
import { templateHash } from '../workloads/templateHash';
import { deployments, namespaces } from '../workloads/workloads';
import { CanaryTick } from './CanaryTick';
import { flaggerDefinitions } from './flaggerDefinitions';
import { canaries } from './flaggerObjects';

const namespace = 'demo';
const name = 'shop';

const template = (tag: string) => ({
  metadata: { labels: { app: name } },
  spec: { containers: [{ name: 'shop', image: `ex/shop:${tag}` }] },
});

/** The client, with something that happens right after the target was first read. */
function meanwhile(
  client: KubernetesClient,
  happen: () => Promise<unknown>,
): KubernetesClient {
  let happened = false;
  return new Proxy(client, {
    get(inner, property) {
      const value = Reflect.get(inner, property, inner);
      if (property === 'get') {
        return async (...asked: Parameters<KubernetesClient['get']>) => {
          const found = await inner.get(...asked);
          if (!happened && asked[1].name === name) {
            happened = true;
            await happen();
          }
          return found;
        };
      }
      return typeof value === 'function' ? value.bind(inner) : value;
    },
  });
}

test('a version pushed in the midst of a look at a failed canary is started, not counted as seen', async () => {
  const { client, stop } = await aCluster();
  for (const definition of flaggerDefinitions)
    await client.create(customResourceDefinitions, undefined, definition);
  await client.create(namespaces, undefined, { metadata: { name: namespace } });
  for (const deployment of [name, `${name}-primary`]) {
    const { metadata } = await client.create(deployments, namespace, {
      metadata: { name: deployment },
      spec: {
        replicas: deployment === name ? 0 : 1,
        selector: { matchLabels: { app: name } },
        template: template('bad'),
      },
    });
    await client.patchStatus(deployments, metadata, {
      observedGeneration: metadata.generation,
      replicas: 1,
      updatedReplicas: 1,
      availableReplicas: 1,
      readyReplicas: 1,
    });
  }
  const revision = async () => {
    const target = await client.get(deployments, { namespace, name });
    return target && templateHash(target.spec.template);
  };
  const created = await client.create(canaries, namespace, {
    metadata: { name },
    spec: {
      provider: 'kubernetes',
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      service: { port: 80 },
      analysis: { interval: '10s', threshold: 1, iterations: 1 },
    },
  });
  const failed = await client.patchStatus(canaries, created.metadata, {
    phase: 'Failed',
    canaryWeight: 0,
    failedChecks: 0,
    iterations: 0,
    lastAppliedSpec: await revision(),
    lastPromotedSpec: 'another',
    lastTransitionTime: '2026-03-01T08:00:00Z',
  });

  const scheduler = systemScheduler();
  const log = () => undefined;
  const busy = meanwhile(client, () =>
    client.patch(deployments, failed.metadata, {
      spec: { template: template('repaired') },
    }),
  );
  const cluster: Cluster = {
    client: busy,
    informers: new Informers({ client, scheduler, log }),
    scheduler,
    log,
    recorder: component =>
      new EventRecorder(client, component, scheduler.now, log),
  };
  const recorder = cluster.recorder('flagger');
  await new CanaryTick(failed, {
    cluster,
    settings: { metricsServer: 'http://127.0.0.1:1', meshProvider: 'traefik' },
    recorder,
    send: async () => undefined,
    query: async () => undefined,
  }).run();

  const after = await client.get(canaries, failed.metadata);
  expect(after?.status).toMatchObject({
    phase: 'Progressing',
    lastAppliedSpec: await revision(),
  });
  await recorder.flush();
  await stop();
});
