// SPDX-License-Identifier: Apache-2.0
import { tmpdir } from 'node:os';
import { healthyMachines } from '../controllers/nodes/healthyMachines';
import { runControllers } from '../controllers/runControllers';
import { simulatedNodeLabel } from '../controllers/workloads/kubeletController';
import { nodes, Pod, pods } from '../controllers/workloads/workloads';
import { aCluster } from '../testing/aCluster';
import { acceleratedScheduler } from '../time/Scheduler';
import { Registry } from './Registry';

jest.setTimeout(60_000);

const named = (name: string) => ({ namespace: 'default', name });
const isRunning = ({ status }: Pod) => status?.phase === 'Running';

test('pods wait for a registry that is away, unless their image is on the machine, and start when it is back', async () => {
  const scheduler = acceleratedScheduler(200);
  const registry = new Registry();
  const cluster = await aCluster();
  await cluster.client.create(nodes, undefined, {
    metadata: { name: 'one', labels: { [simulatedNodeLabel]: '' } },
  });
  const controllers = await runControllers({
    kubeConfig: cluster.kubeConfig,
    directory: tmpdir(),
    scheduler,
    controllers: ['kubelet', 'node'],
    machines: registry.serving(healthyMachines),
    log: () => undefined,
  });
  const start = (name: string, image: string) =>
    cluster.client.create(pods, 'default', {
      metadata: { name },
      spec: { nodeName: 'one', containers: [{ name: 'app', image }] },
    });
  await start('unbuilt', 'vision:not-released');
  await start('before', 'vision:1');
  await cluster.until(pods, named('before'), isRunning);

  const first = registry.begin();
  const second = registry.begin();
  await start('known', 'vision:1');
  await cluster.until(pods, named('known'), isRunning);
  await start('new', 'vision:2');
  const waiting = await cluster.until(
    pods,
    named('new'),
    ({ status }) =>
      'waiting' in (status?.containerStatuses?.[0].state ?? {}) &&
      JSON.stringify(status).includes('ImagePullBackOff'),
  );
  expect(waiting.status).toMatchObject({
    phase: 'Pending',
    containerStatuses: [
      {
        ready: false,
        state: {
          waiting: {
            message: expect.stringMatching(
              /^Back-off pulling image "vision:2": ErrImagePull: /,
            ),
          },
        },
      },
    ],
  });

  first.end();
  await scheduler.sleep(120_000);
  const still = await cluster.client.get(pods, named('new'));
  expect(still?.status?.phase).toBe('Pending');
  second.end();
  await cluster.until(pods, named('new'), isRunning);
  const unbuilt = await cluster.client.get(pods, named('unbuilt'));
  expect(JSON.stringify(unbuilt?.status)).toContain('ImagePullBackOff');

  await controllers.stop();
  scheduler.stop();
  await cluster.stop();
});
