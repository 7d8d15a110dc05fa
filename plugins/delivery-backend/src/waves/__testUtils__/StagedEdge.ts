// SPDX-License-Identifier: Apache-2.0
import { NotAllowedError, ServiceUnavailableError } from '@backstage/errors';
import type { ObservedPod, Target } from '@causeway/plugin-delivery-common';
import type { DeviceReader } from '../../fleet/DeviceReader';
import { pullLabel, type ObservedPull } from '../../fleet/trimPulls';
import type { MemoryWorld } from '../../promotions/__fixtures__/memoryWorld';
import type { ActOn } from '../replacePods';
import { StagedProbes } from './StagedProbes';
import type { Edge } from './WaveStage';

interface StagedDevice {
  readonly target: Target;
  readonly site: string;
  readonly node: string;
  pods: number;
  pod: ObservedPod;
}

/**
 * Devices in memory: a DaemonSet with `OnDelete` gives each a pod from the template that its cluster
 * shows, or a Deployment of its own follows the template at once; time passes in turns. It counts what is
 * done to them.
 */
export class StagedEdge implements Edge {
  readonly #devices: readonly StagedDevice[];
  /** What was done to pods, such as `evict oslo-1`, in order. */
  readonly replaced: string[] = [];
  /** Devices to which the image was brought ahead, in order. */
  readonly pulled: string[] = [];
  readonly #pulls = new Map<string, ObservedPull>();
  /** Jobs that test devices. */
  readonly probes = new StagedProbes();
  /** Devices whose newer release fails its probes, and those that nobody can ask. */
  readonly unwell = new Set<string>();
  readonly unasked = new Set<string>();
  /** Devices whose probe was asked, in order. */
  readonly asked: string[] = [];
  /** Devices to which the portal may not bring images. */
  readonly forbidden = new Set<string>();
  /** Most devices of a site that were down at the same time. */
  mostDown = 0;
  /** Devices on which the newer release crashes. */
  readonly bad = new Set<string>();
  /** Devices that the newer release makes boot again and again. */
  readonly rebooting = new Set<string>();
  /** Devices that are not heard. */
  readonly away = new Set<string>();
  /** Clusters of which nothing was read since the portal started. */
  readonly unread = new Set<string>();
  /** Devices whose pods nobody may replace. */
  readonly stuck = new Set<string>();

  /** @param places - nodes by site, of each target that is not for one device */
  constructor(
    private readonly world: MemoryWorld,
    targets: readonly Target[],
    places: Readonly<Record<string, readonly string[]>>,
    private readonly newer: string,
  ) {
    this.#devices = targets.flatMap(target =>
      Object.entries(places).flatMap(([site, nodes]) =>
        nodes.flatMap(name => {
          const node = `${target.cluster}-${name}`;
          if (target.device && target.device !== node) return [];
          const device = { target, site, node, pods: 0 };
          return [{ ...device, pod: this.#make(device, 'running') }];
        }),
      ),
    );
  }

  get clusters() {
    return this.world.clusters;
  }

  get names(): readonly string[] {
    return this.#devices.map(({ node }) => node);
  }

  /** Whether a device runs the newer release, whether it does well or not. */
  runsNewer(node: string): boolean {
    const device = this.#devices.find(each => each.node === node);
    return device?.pod.images.join().includes(this.newer) ?? false;
  }

  /** Flux applies what Git says, and new pods start, or crash. */
  pass(): void {
    for (const target of this.#targets())
      if (!this.away.has(target.cluster)) this.world.clusters.apply(target);
    for (const [name, pull] of this.#pulls)
      this.#pulls.set(name, { ...pull, state: 'present' });
    for (const device of this.#devices) {
      this.#boot(device);
      if (this.#rollsOut(device) || device.pod.state !== 'starting') continue;
      const crashes = this.bad.has(device.node) && this.runsNewer(device.node);
      device.pod = {
        ...device.pod,
        state: crashes ? 'failing' : 'running',
        ...(crashes && { reason: 'CrashLoopBackOff' }),
      };
    }
    this.probes.pass(node => !this.#isUnwell(node));
    this.#count();
  }

  /** Gone at one turn and back at the next: the kubelet starts the containers of the same pod again. */
  #boot(device: StagedDevice): void {
    const { node, pod } = device;
    if (!this.rebooting.has(node) || pod.state !== 'running') return;
    if (this.away.delete(node))
      device.pod = { ...pod, restarts: pod.restarts + 1 };
    else if (this.runsNewer(node)) this.away.add(node);
  }

  #isUnwell(node: string): boolean {
    return this.unwell.has(node) && this.runsNewer(node);
  }

  /** A Deployment follows its template as soon as its node hears of it. */
  #rollsOut(device: StagedDevice): boolean {
    const { target, node, pod } = device;
    const isSilent = this.away.has(node) || this.away.has(target.cluster);
    if (target.workload.kind !== 'Deployment' || isSilent) return false;
    const wanted = this.world.clusters.targetState(target).workload?.images;
    if (wanted?.join() === pod.images.join()) return false;
    device.pods += 1;
    device.pod = this.#make(device, 'starting');
    return true;
  }

  readonly actOn: ActOn = cluster => ({
    get: async path => {
      const [, podName] = /\/pods\/([^/]+)$/.exec(path) ?? [];
      if (podName) return this.#podObject(podName);
      const target = this.#targets().find(({ workload }) =>
        path.endsWith(`/daemonsets/${workload.name}`),
      );
      const { workload } = this.world.clusters.targetState(target!);
      const containers = workload?.images.map(image => ({ image }));
      return { spec: { template: { spec: { containers } } } };
    },
    status: async path => {
      const [, name] = /\/pods\/http:([^:]+):/.exec(path) ?? [];
      const device = this.#devices.find(({ pod }) => pod.name === name);
      if (!device || this.unasked.has(device.node))
        throw new ServiceUnavailableError(`${cluster} could not ask.`);
      this.asked.push(device.node);
      return this.#isUnwell(device.node) ? 503 : 200;
    },
    list: async (path, { labels = '' } = {}) =>
      this.probes.list(path.endsWith('/jobs') ? 'jobs' : 'pods', labels),
    create: async (path, body) => {
      if (path.endsWith('/pods')) return this.#pull(cluster, body);
      if (path.endsWith('/jobs')) return this.probes.create(body);
      this.#replace('evict', cluster, path);
      return { kind: 'created' };
    },
    remove: async path => {
      const [, job] = /\/jobs\/([^?]+)\?/.exec(path) ?? [];
      const [, name] = /\/pods\/(causeway-pull-[^/]+)$/.exec(path) ?? [];
      if (job) this.probes.remove(job);
      else if (name) this.#pulls.delete(name);
      else this.#replace('delete', cluster, path);
    },
  });

  #podObject(name: string): object | undefined {
    const device = this.#devices.find(({ pod }) => pod.name === name);
    if (!device) return undefined;
    const { namespace } = device.pod;
    return { metadata: { namespace, name }, status: { podIP: '10.42.0.7' } };
  }

  /** What brings images now. */
  get pulling(): readonly string[] {
    return [...this.#pulls.values()].map(({ node }) => node);
  }

  #pull(cluster: string, body: object): { kind: 'created' | 'exists' } {
    const { metadata, spec } = body as {
      readonly metadata: {
        readonly name: string;
        readonly namespace: string;
        readonly labels: Readonly<Record<string, string>>;
      };
      readonly spec: { readonly nodeName: string };
    };
    const { name, namespace, labels } = metadata;
    if (this.away.has(cluster))
      throw new ServiceUnavailableError(`${cluster} did not take it.`);
    if (this.forbidden.has(spec.nodeName))
      throw new NotAllowedError('The portal may not create pods.');
    if (this.#pulls.has(name)) return { kind: 'exists' };
    this.pulled.push(spec.nodeName);
    this.#pulls.set(name, {
      kind: 'Pod',
      namespace,
      name,
      deleting: false,
      promotion: labels[pullLabel],
      node: spec.nodeName,
      madeAt: 0,
      state: 'pulling',
    });
    return { kind: 'created' };
  }

  reader(): DeviceReader {
    const { away } = this;
    const isLost = (cluster: string) => away.has(cluster);
    const reader: unknown = {
      clusters: () =>
        [...new Set(this.#targets().map(({ cluster }) => cluster))].map(
          name => ({
            name,
            isDescribed: !this.unread.has(name),
            freshness: () => ({ state: isLost(name) ? 'unreachable' : 'live' }),
            deviceNames: () =>
              this.#devices
                .filter(({ target }) => target.cluster === name)
                .map(({ node }) => node),
            takesPullJobs: false,
            node: () => undefined,
            daemonSet: () => undefined,
            pullsOn: (node: string) =>
              [...this.#pulls.values()].filter(pull => pull.node === node),
            podsOn: (node: string) =>
              this.#devices
                .filter(each => each.node === node)
                .map(({ pod }) => pod),
          }),
        ),
      find: (cluster: string, node: string) => {
        const device = this.#devices.find(each => each.node === node);
        const lost = isLost(cluster) || away.has(node);
        return (
          device && {
            id: `${cluster}/${node}`,
            cluster,
            site: device.site,
            hardware: 'pi',
            labels: {},
            connectivity: lost ? 'offline' : 'live',
            axes: {
              hold: { state: 'none' },
              health: { state: 'ok' },
              isolation: { state: 'none' },
            },
          }
        );
      },
    };
    return reader as DeviceReader;
  }

  #targets(): readonly Target[] {
    return [...new Set(this.#devices.map(({ target }) => target))];
  }

  #make(
    { target, node, pods }: Omit<StagedDevice, 'pod'>,
    state: ObservedPod['state'],
  ): ObservedPod {
    const { workload } = this.world.clusters.targetState(target);
    return {
      namespace: target.workload.namespace,
      name: `${node}-${pods}`,
      deleting: false,
      node,
      workload: { kind: target.workload.kind, name: target.workload.name },
      images: workload?.images ?? [],
      state,
      restarts: 0,
      ofSystem: false,
    };
  }

  #replace(how: 'evict' | 'delete', cluster: string, path: string): void {
    const [, name] = /\/pods\/([^/]+)/.exec(path) ?? [];
    const device = this.#devices.find(each => each.pod.name === name);
    if (!device) return;
    if (this.away.has(cluster) || this.stuck.has(device.node))
      throw new ServiceUnavailableError(`${cluster} did not take it.`);
    this.replaced.push(`${how} ${device.node}`);
    device.pods += 1;
    device.pod = this.#make(device, 'starting');
    this.#count();
  }

  #count(): void {
    const down = this.#devices.filter(({ pod }) => pod.state !== 'running');
    for (const { site } of down) {
      const here = down.filter(each => each.site === site);
      this.mostDown = Math.max(this.mostDown, here.length);
    }
  }
}
