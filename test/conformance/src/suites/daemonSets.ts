// SPDX-License-Identifier: Apache-2.0
import type { Document } from '../ApiClient';
import type { Controlled } from '../controllers';
import { eventually } from '../eventually';
import { workload } from '../objects';
import { Workbench } from '../Workbench';

interface Status {
  readonly desiredNumberScheduled: number;
  readonly updatedNumberScheduled: number;
  readonly numberAvailable: number;
  readonly numberUnavailable: number;
}

const steady = {
  currentNumberScheduled: 3,
  desiredNumberScheduled: 3,
  numberAvailable: 3,
  numberMisscheduled: 0,
  numberReady: 3,
  updatedNumberScheduled: 3,
};
const hashLabel = 'controller-revision-hash';

export function daemonSets(controlled: () => Controlled): void {
  describe('daemon sets', () => {
    let bench: Workbench;

    beforeEach(async () => {
      bench = await Workbench.in(controlled().api);
    });
    afterEach(() => bench.remove());

    const create = (spec: object = {}) =>
      bench.create('daemonsets', workload('agent', spec));
    const until = (isRight: (status: Partial<Status>) => boolean) =>
      bench.status<Status>('daemonsets', 'agent', isRight);
    const updated = (count: number) =>
      until(
        ({ updatedNumberScheduled = 0, numberAvailable }) =>
          updatedNumberScheduled === count && numberAvailable === 3,
      );
    const setImage = (tag: string) =>
      bench.setImage('daemonsets', 'agent', tag);
    const revisions = async () => {
      const { body } = await bench.api.get(bench.path('controllerrevisions'));
      return [...(body.items ?? [])].sort(
        (a, b) => Number(a.revision) - Number(b.revision),
      );
    };
    const hashOf = ({ metadata }: Document) =>
      (metadata.labels as Record<string, string>)[hashLabel];

    it('have one pod on every node, which no trouble of the node drives off', async () => {
      await create();
      expect(await updated(3)).toEqual({ ...steady, observedGeneration: 1 });
      const pods = await bench.pods('agent');
      const nodes = pods.map(({ spec }) => spec.nodeName);
      expect(new Set(nodes).size).toBe(3);
      const [revision] = await revisions();
      expect(revision).toMatchObject({
        metadata: { name: `agent-${hashOf(revision)}` },
        revision: 1,
        data: { spec: { template: { $patch: 'replace' } } },
      });
      const exists = (key: string, effect: string) =>
        expect.objectContaining({
          key: `node.kubernetes.io/${key}`,
          operator: 'Exists',
          effect,
        });
      for (const pod of pods) {
        expect(pod.metadata).toMatchObject({
          name: expect.stringMatching(/^agent-/),
          labels: { app: 'agent', [hashLabel]: hashOf(revision) },
          ownerReferences: [{ kind: 'DaemonSet', controller: true }],
        });
        expect(pod.spec.tolerations).toHaveLength(6);
        expect(pod.spec.tolerations).toEqual(
          expect.arrayContaining([
            exists('not-ready', 'NoExecute'),
            exists('unreachable', 'NoExecute'),
            exists('disk-pressure', 'NoSchedule'),
            exists('memory-pressure', 'NoSchedule'),
            exists('pid-pressure', 'NoSchedule'),
            exists('unschedulable', 'NoSchedule'),
          ]),
        );
        expect(pod.spec.affinity).toEqual({
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchFields: [
                    {
                      key: 'metadata.name',
                      operator: 'In',
                      values: [pod.spec.nodeName],
                    },
                  ],
                },
              ],
            },
          },
        });
      }
    });

    it('are updated node by node, and go back to a revision they had', async () => {
      await create();
      await updated(3);
      const [first] = await revisions();
      const watch = await bench.api.watch(bench.path('daemonsets'));
      const { metadata } = await setImage('2.0.0');
      expect(await updated(3)).toEqual({ ...steady, observedGeneration: 2 });
      let most = 0;
      for (;;) {
        const { object } = await watch.next();
        const status = object.status as Partial<Status> & {
          observedGeneration?: number;
        };
        if (status.observedGeneration !== metadata.generation) continue;
        most = Math.max(most, status.numberUnavailable ?? 0);
        if (status.updatedNumberScheduled === 3 && status.numberAvailable === 3)
          break;
      }
      watch.close();
      expect(most).toBeLessThanOrEqual(1);
      const images = (await bench.pods('agent')).map(
        ({ spec }) => spec.containers[0].image,
      );
      expect(new Set(images)).toEqual(new Set(['registry.example/app:2.0.0']));
      expect((await revisions()).map(({ revision }) => revision)).toEqual([
        1, 2,
      ]);

      await setImage('1.0.0');
      expect(await updated(3)).toEqual({ ...steady, observedGeneration: 3 });
      const [second, third] = await revisions();
      expect([second.revision, third.revision]).toEqual([2, 3]);
      expect(third.metadata.name).toBe(first.metadata.name);
    });

    it('wait for somebody to delete their pods, when asked to', async () => {
      await create({ updateStrategy: { type: 'OnDelete' } });
      await updated(3);
      await setImage('2.0.0');
      const waiting = await updated(0);
      expect(waiting).toEqual({
        ...steady,
        updatedNumberScheduled: undefined,
        observedGeneration: 2,
      });
      const [pod] = await bench.pods('agent');
      await bench.api.delete(bench.path('pods', pod.metadata.name));
      await updated(1);
      const moved = (await bench.pods('agent')).find(
        ({ spec }) => spec.containers[0].image === 'registry.example/app:2.0.0',
      );
      expect(moved?.spec.nodeName).toBe(pod.spec.nodeName);
    });

    it('follow the labels of the nodes', async () => {
      const { api } = bench;
      const { body } = await api.get('/api/v1/nodes');
      const [{ metadata }] = body.items ?? [];
      const node = `/api/v1/nodes/${metadata.name}`;
      const label = (value: string | null) =>
        api.patch(node, 'merge', { metadata: { labels: { chosen: value } } });
      await bench.create(
        'daemonsets',
        workload('agent', {}, { nodeSelector: { chosen: 'yes' } }),
      );
      await until(({ desiredNumberScheduled }) => desiredNumberScheduled === 0);
      await label('yes');
      await until(({ numberAvailable }) => numberAvailable === 1);
      const [pod] = await bench.pods('agent');
      expect(pod.spec.nodeName).toBe(metadata.name);
      await label(null);
      await eventually(
        () => bench.pods('agent'),
        pods => pods.length === 0,
      );
    });
  });
}
