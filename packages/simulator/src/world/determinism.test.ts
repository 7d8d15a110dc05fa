// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kustomizations } from '../controllers/flux/fluxObjects';
import { leases } from '../controllers/nodes/leases';
import { KubernetesClient } from '../controllers/runtime/KubernetesClient';
import { KubernetesObject, Resource } from '../controllers/runtime/resources';
import { nodes, pods } from '../controllers/workloads/workloads';
import { acceleratedScheduler } from '../time/Scheduler';
import { addressOf } from './kubeconfig';
import { startWorld } from './startWorld';
import type { World, WorldPorts } from './World';

jest.setTimeout(600_000);

interface ClusterEvent extends KubernetesObject {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

const events: Resource<ClusterEvent> = {
  apiVersion: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

/**
 * Names and times that the API server draws by lot, as in reality, and which of several pods on a node
 * comes first and so has to pull their image.
 */
function withoutChance(text: string): string {
  return text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uid>')
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/-[bcdfghjklmnpqrstvwxz2456789]{5}(?=["'_ ,)]|$)/g, '-<name>')
    .replace(/finished in [\dms.]+/g, 'finished in <duration>')
    .replace(
      /(?:Successfully pulled|Container) image (\\"[^"\\]+\\")(?: already present on machine)?/,
      'Image $1 is there',
    );
}

/**
 * What happened, each thing once: Flux looks at Git by processes whose time is
 * that of the machine, so on a slow one it has looked less often by the end.
 */
function withoutRepetition(happened: readonly string[]): readonly string[] {
  return [...new Set(happened)].filter(
    text => !text.includes('"GitOperationSucceeded"'),
  );
}

/** What is in a cluster and what has happened there, in an order of its own. */
async function accountOf(world: World, name: string) {
  const { url, token, caFile } = world.clusters[name];
  const client = await KubernetesClient.connect(
    addressOf({ name, url, token, ca: await readFile(caFile, 'utf8') }),
  );
  const account = async <T extends KubernetesObject>(
    resource: Resource<T>,
    describe: (object: T) => unknown,
  ) => {
    const { items } = await client.list(resource);
    return items
      .map(item => withoutChance(JSON.stringify(describe(item))))
      .sort();
  };
  const meta = ({ metadata }: KubernetesObject) => {
    const { name: own, namespace, labels, annotations, generation } = metadata;
    return { own, namespace, labels, annotations, generation };
  };
  const described = {
    nodes: await account(nodes, node => ({
      ...meta(node),
      spec: node.spec,
      status: node.status,
    })),
    leases: await account(leases, lease => meta(lease)),
    pods: await account(pods, pod => ({
      ...meta(pod),
      images: pod.spec.containers.map(({ image }) => image),
      phase: pod.status?.phase,
      conditions: pod.status?.conditions,
    })),
    flux: await account(kustomizations, one => ({
      ...meta(one),
      revision: one.status?.lastAppliedRevision,
      conditions: one.status?.conditions,
    })),
    events: await account(
      events,
      ({ involvedObject, type, reason, message }) => [
        involvedObject.kind,
        involvedObject.name,
        type,
        reason,
        message,
      ],
    ),
  };
  client.close();
  return { ...described, events: withoutRepetition(described.events) };
}

it('makes the same world of the same seed: inventory, history and measurements', async () => {
  const start = new Date(Date.now() - 86_400_000);
  let ports: WorldPorts | 'free' = 'free';
  const dataDirectory = await mkdtemp(join(tmpdir(), 'same-'));
  const live = async () => {
    const scheduler = acceleratedScheduler(15, start);
    const world = await startWorld({
      dataDirectory,
      ports,
      scheduler,
      seed: 7,
      sites: 3,
      devices: 10,
      clusters: 5,
      secrets: { clusterToken: 'cluster-token', forgePassword: 'password' },
      ciDuration: 0,
      // It has settled before it is looked at, however slow the machine is.
      patience: 1_000 * 86_400_000,
      log: () => undefined,
    });
    await world.ciIdle();
    await scheduler.sleep(60_000);
    // Commits name the address of the forge, so both live at the same one.
    ports = { forge: Number(new URL(world.forge.url).port), clusters: [] };
    const accounts: Record<string, object> = {};
    for (const name of Object.keys(world.clusters))
      accounts[name] = await accountOf(world, name);
    const commits: Record<string, unknown> = {};
    for (const { fullName, git } of world.forge.forge.repositories())
      commits[fullName] = await git.resolve('main');
    const hour = 3_600_000;
    const measured = world.devices.plan.devices.map(device => [
      device,
      world.devices.telemetryAt(device, new Date(start.getTime() + hour)),
    ]);
    await world.stop();
    // All that it has come to be, but not what it computed faster by.
    for (const part of await readdir(join(dataDirectory, 'simulator')))
      if (part !== 'renderings')
        await rm(join(dataDirectory, 'simulator', part), { recursive: true });
    return { accounts, commits, measured };
  };
  const first = await live();
  const second = await live();
  await rm(dataDirectory, { recursive: true });
  expect(second.commits).toEqual(first.commits);
  expect(second.measured).toEqual(first.measured);
  expect(second.accounts).toEqual(first.accounts);
});
