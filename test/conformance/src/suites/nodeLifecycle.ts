// SPDX-License-Identifier: Apache-2.0
import type { Document } from '../ApiClient';
import type { Controlled } from '../controllers';
import { eventually } from '../eventually';
import { workload } from '../objects';
import {
  ConditionDocument,
  meaning,
  PodDocument,
  Workbench,
} from '../Workbench';

interface NodeDocument extends Document {
  readonly spec: {
    readonly taints?: readonly {
      readonly key: string;
      readonly effect: string;
      readonly timeAdded?: string;
    }[];
  };
  readonly status: { readonly conditions?: readonly ConditionDocument[] };
}

interface DaemonSetStatus {
  readonly desiredNumberScheduled: number;
  readonly numberMisscheduled: number;
  readonly numberReady: number;
  readonly numberAvailable: number;
}

const conditionOf = (
  { status }: NodeDocument | PodDocument,
  type: string,
): ConditionDocument | undefined =>
  status.conditions?.find(condition => condition.type === type);
const taintsOf = ({ spec }: NodeDocument) =>
  (spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).sort();

export function nodeLifecycle(controlled: () => Controlled): void {
  describe('a node', () => {
    let bench: Workbench;
    let name: string;

    const until = async (isRight: (node: NodeDocument) => boolean) => {
      const node = await eventually(
        async () =>
          (
            await bench.api.get(`/api/v1/nodes/${name}`)
          ).body as NodeDocument,
        isRight,
      );
      return node;
    };

    beforeEach(async () => {
      bench = await Workbench.in(controlled().api);
      const { body } = await bench.api.get('/api/v1/nodes');
      name = body.items?.[0].metadata.name ?? '';
      await until(node => conditionOf(node, 'Ready')?.status === 'True');
    });
    afterEach(() => bench.remove());

    const change = (patch: object) =>
      bench.api.patch(`/api/v1/nodes/${name}`, 'merge', patch);
    const setPlayed = (isPlayed: boolean) => {
      const { key, value } = controlled().machineLabel;
      return change({
        metadata: { labels: { [key]: isPlayed ? value : null } },
      });
    };
    const podHere = async (app: string) => {
      const pods = await bench.pods(app);
      return pods.find(({ spec }) => spec.nodeName === name);
    };

    it('that is cordoned has a taint, until it is free again', async () => {
      await change({ spec: { unschedulable: true } });
      const cordoned = await until(node => taintsOf(node).length > 0);
      expect(taintsOf(cordoned)).toEqual([
        'node.kubernetes.io/unschedulable:NoSchedule',
      ]);
      expect(cordoned.spec.taints?.[0].timeAdded).toEqual(expect.any(String));
      await change({ spec: { unschedulable: null } });
      await until(node => taintsOf(node).length === 0);
    });

    it('that falls silent loses its pods but for daemons; back again, it lets go of them', async () => {
      const tolerations = ['not-ready', 'unreachable'].map(key => ({
        key: `node.kubernetes.io/${key}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 2,
      }));
      await bench.create('daemonsets', workload('agent'));
      await bench.create(
        'deployments',
        workload('shop', { replicas: 3 }, { tolerations }),
      );
      await bench.status<{ numberAvailable: number }>(
        'daemonsets',
        'agent',
        ({ numberAvailable }) => numberAvailable === 3,
      );
      const shopReady = () =>
        bench.status<{ availableReplicas: number }>(
          'deployments',
          'shop',
          ({ availableReplicas }) => availableReplicas === 3,
        );
      await shopReady();
      const stranded = await podHere('shop');
      const daemon = await podHere('agent');
      expect(stranded).toBeDefined();

      await setPlayed(false);
      const lost = await until(node => taintsOf(node).length === 2);
      expect(taintsOf(lost)).toEqual([
        'node.kubernetes.io/unreachable:NoExecute',
        'node.kubernetes.io/unreachable:NoSchedule',
      ]);
      const kubeletConditions = (lost.status.conditions ?? []).filter(
        ({ type }) => type !== 'NetworkUnavailable',
      );
      expect(
        meaning(kubeletConditions)
          .map(({ type }) => type)
          .sort(),
      ).toEqual(['DiskPressure', 'MemoryPressure', 'PIDPressure', 'Ready']);
      for (const condition of kubeletConditions)
        expect(condition).toMatchObject({
          status: 'Unknown',
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
        });

      const leaving = await eventually(
        () => podHere('shop'),
        pod => pod?.metadata.deletionTimestamp !== undefined,
      );
      expect(leaving?.metadata.uid).toBe(stranded?.metadata.uid);
      expect(leaving?.status.phase).toBe('Running');
      expect(leaving && conditionOf(leaving, 'Ready')?.status).toBe('False');
      expect(leaving && conditionOf(leaving, 'DisruptionTarget')).toMatchObject(
        {
          status: 'True',
          reason: 'DeletionByTaintManager',
          message: 'Taint manager: deleting due to NoExecute taint',
        },
      );
      await shopReady();
      const staying = await podHere('agent');
      expect(staying?.metadata).toMatchObject({ uid: daemon?.metadata.uid });
      expect(staying?.metadata).not.toHaveProperty('deletionTimestamp');
      expect(staying && conditionOf(staying, 'Ready')?.status).toBe('False');
      const status = await bench.status<DaemonSetStatus>(
        'daemonsets',
        'agent',
        ({ numberReady }) => numberReady === 2,
      );
      expect(status.numberAvailable).toBe(2);
      // Whether a daemon of a node that takes no new pods counts as misscheduled depends on when the real controller looked.
      const { desiredNumberScheduled, numberMisscheduled } = status;
      expect(desiredNumberScheduled + numberMisscheduled).toBe(3);

      await setPlayed(true);
      await until(
        node =>
          conditionOf(node, 'Ready')?.status === 'True' &&
          taintsOf(node).length === 0,
      );
      // A kubelet looks at all its pods, so this one may be gone; kwok looks only at those that change after its return.
      const path = bench.path('pods', stranded?.metadata.name);
      await bench.api.patch(path, 'merge', {
        metadata: { annotations: { seen: 'again' } },
      });
      await eventually(
        () => bench.pods('shop'),
        pods => pods.length === 3,
      );
      const names = (await bench.pods('shop')).map(pod => pod.metadata.name);
      expect(names).not.toContain(stranded?.metadata.name);
      expect((await podHere('agent'))?.metadata.uid).toBe(daemon?.metadata.uid);
    });
  });
}
