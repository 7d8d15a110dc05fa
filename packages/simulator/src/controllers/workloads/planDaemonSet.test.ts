// SPDX-License-Identifier: Apache-2.0
import * as fc from 'fast-check';
import { pinnedTo } from './nodeAffinity';
import {
  maxUnavailable,
  planDaemonSet,
  revisionHashLabel,
} from './planDaemonSet';
import { planRevisions, revisionData } from './planRevisions';
import {
  ControllerRevision,
  DaemonSet,
  Node,
  Pod,
  PodTemplate,
} from './workloads';

const now = Date.parse('2026-03-01T08:00:00Z');
const meta = (name: string) => ({
  name,
  uid: name,
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '2026-03-01T07:00:00Z',
});
const template = (image: string): PodTemplate => ({
  metadata: { labels: { app: 'agent' } },
  spec: { containers: [{ name: 'app', image }] },
});

function aDaemonSet(spec: Partial<DaemonSet['spec']> = {}): DaemonSet {
  return {
    metadata: meta('agent'),
    spec: { selector: {}, template: template('agent:1'), ...spec },
  };
}

const aNode = (name: string, spec: Node['spec'] = {}): Node => ({
  metadata: meta(name),
  spec,
});

interface PodState {
  readonly hash?: string;
  readonly ready?: boolean;
  readonly leaving?: boolean;
  readonly phase?: 'Running' | 'Failed';
  readonly bound?: boolean;
}

function aPod(node: string, state: PodState = {}): Pod {
  const { hash = 'old', ready = true, leaving, phase = 'Running' } = state;
  const spec = pinnedTo(node, { containers: [] });
  return {
    metadata: {
      ...meta(`${node}-${hash}`),
      labels: { [revisionHashLabel]: hash },
      ...(leaving ? { deletionTimestamp: '2026-03-01T08:00:00Z' } : {}),
    },
    spec: state.bound === false ? spec : { ...spec, nodeName: node },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
}

const names = (pods: readonly Pod[]) => pods.map(pod => pod.metadata.name);

describe('a daemon set', () => {
  const nodes = ['a', 'b', 'c'].map(name => aNode(name));
  const plan = (
    owned: readonly Pod[],
    daemonSet = aDaemonSet(),
    all: readonly Node[] = nodes,
  ) => planDaemonSet({ daemonSet, nodes: all, owned, hash: 'new', now });
  const current = (node: string, state: PodState = {}) =>
    aPod(node, { hash: 'new', ...state });

  it.each<[string, readonly Pod[], readonly string[], readonly string[]]>([
    ['nothing yet', [], ['a', 'b', 'c'], []],
    ['one missing', [current('a'), current('c')], ['b'], []],
    [
      'one leaving',
      [current('a'), current('b', { leaving: true }), current('c')],
      [],
      [],
    ],
    [
      'one waiting for its node',
      [current('a', { bound: false }), current('b'), current('c')],
      [],
      [],
    ],
    [
      'one failed',
      [current('a', { phase: 'Failed' }), current('b'), current('c')],
      [],
      ['a-new'],
    ],
    ['one old', [aPod('a'), current('b'), current('c')], [], ['a-old']],
    [
      'two old: one at a time',
      [aPod('a'), aPod('b'), current('c')],
      [],
      ['a-old'],
    ],
    [
      'old ones behind one that is not ready',
      [aPod('a'), aPod('b'), current('c', { ready: false })],
      [],
      [],
    ],
    ['old ones behind one that is missing', [aPod('a'), aPod('b')], ['c'], []],
    [
      'old ones that do not work',
      [aPod('a', { ready: false }), aPod('b', { ready: false }), current('c')],
      [],
      ['a-old', 'b-old'],
    ],
    [
      'on a node that is gone',
      [
        current('a'),
        current('b'),
        current('c'),
        current('x', { bound: false }),
      ],
      [],
      ['x-new'],
    ],
  ])('%s', (_what, owned, create, remove) => {
    const { create: nodesWithout, remove: surplus } = plan(owned);
    expect(nodesWithout).toEqual(create);
    expect(names(surplus)).toEqual(remove);
  });

  it('leaves old pods alone when somebody else deletes them', () => {
    const onDelete = aDaemonSet({ updateStrategy: { type: 'OnDelete' } });
    const { remove, status } = plan(
      [aPod('a'), aPod('b'), aPod('c')],
      onDelete,
    );
    expect(remove).toEqual([]);
    expect(status).not.toHaveProperty('updatedNumberScheduled');
    expect(status).toMatchObject({ numberAvailable: 3, numberReady: 3 });
  });

  it('keeps a pod on a node that takes no new ones, and counts it as misplaced', () => {
    const closed = aNode('c', {
      taints: [
        { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' },
        { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
      ],
    });
    const all = [...nodes.slice(0, 2), closed];
    const kept = plan(
      [current('a'), current('b'), current('c', { ready: false })],
      aDaemonSet(),
      all,
    );
    expect(kept).toMatchObject({
      create: [],
      remove: [],
      status: { desiredNumberScheduled: 2, numberMisscheduled: 1 },
    });
    expect(plan([], aDaemonSet(), all).create).toEqual(['a', 'b']);
  });

  it('waits until pods have been ready long enough', () => {
    const patient = aDaemonSet({ minReadySeconds: 30 });
    const since = '2026-03-01T07:59:50Z';
    const owned = nodes.map(({ metadata }) => ({
      ...current(metadata.name),
      status: {
        conditions: [
          { type: 'Ready', status: 'True', lastTransitionTime: since } as const,
        ],
      },
    }));
    const { status, recheckAfter } = plan(owned, patient);
    expect(status).toMatchObject({ numberReady: 3, numberUnavailable: 3 });
    expect(recheckAfter).toBe(20_000);
  });

  it.each([
    [undefined, 10, 1],
    [3, 10, 3],
    ['25%', 10, 3],
    ['0%', 10, 1],
  ])('may miss %s of %i during an update: %i', (value, desired, expected) => {
    const daemonSet = aDaemonSet({
      updateStrategy: { rollingUpdate: { maxUnavailable: value } },
    });
    expect(maxUnavailable(daemonSet, desired)).toBe(expected);
  });

  it('is updated within its limit and to the end, however its pods come and go', () => {
    const steps = fc.infiniteStream(fc.nat());
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 4 }),
        steps,
        (size, limit, choices) => {
          const all = Array.from({ length: size }, (_, index) =>
            aNode(`${index}`),
          );
          const daemonSet = aDaemonSet({
            updateStrategy: { rollingUpdate: { maxUnavailable: limit } },
          });
          let owned: readonly Pod[] = all.map(node => aPod(node.metadata.name));
          const isAvailable = (pod: Pod) =>
            !pod.metadata.deletionTimestamp &&
            pod.status?.conditions?.[0].status === 'True';
          for (let round = 0; round < 60; round += 1) {
            const { create, remove } = planDaemonSet({
              daemonSet,
              nodes: all,
              owned,
              hash: 'new',
              now,
            });
            const leaving = owned.map(pod =>
              remove.includes(pod)
                ? aPod(pod.spec.nodeName ?? '', {
                    hash: pod.metadata.labels?.[revisionHashLabel],
                    leaving: true,
                  })
                : pod,
            );
            const made = create.map(node =>
              aPod(node, { hash: 'new', ready: false }),
            );
            // Any of those that are on their way get there.
            owned = [...leaving, ...made].flatMap(pod => {
              if (choices.next().value % 2 === 0) return [pod];
              if (pod.metadata.deletionTimestamp) return [];
              return [
                aPod(pod.spec.nodeName ?? '', {
                  hash: pod.metadata.labels?.[revisionHashLabel],
                }),
              ];
            });
            expect(owned.filter(isAvailable).length).toBeGreaterThanOrEqual(
              size - limit,
            );
          }
          expect(new Set(names(owned))).toEqual(
            new Set(all.map(node => `${node.metadata.name}-new`)),
          );
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the revisions of a daemon set', () => {
  const revision = (number: number, image: string): ControllerRevision => ({
    metadata: meta(`agent-${image}`),
    revision: number,
    data: revisionData(template(image)),
  });
  const alive = () => true;
  const dead = () => false;

  it.each<[string, readonly ControllerRevision[], string | undefined, number]>([
    ['none yet', [], undefined, 1],
    ['the present one', [revision(1, 'agent:1')], 'agent-agent:1', 1],
    ['another one', [revision(1, 'agent:0')], undefined, 2],
    [
      'one to go back to',
      [revision(1, 'agent:1'), revision(2, 'agent:2')],
      'agent-agent:1',
      3,
    ],
  ])('%s', (_what, owned, current, number) => {
    const plan = planRevisions(aDaemonSet(), owned, alive);
    expect(plan.current?.metadata.name).toBe(current);
    expect(plan.number).toBe(number);
    expect(plan.obsolete).toEqual([]);
  });

  it('are forgotten beyond the limit, the oldest first, unless pods are of them', () => {
    const owned = [3, 1, 2].map(number =>
      revision(number, `agent:0.${number}`),
    );
    const daemonSet = aDaemonSet({ revisionHistoryLimit: 1 });
    const numbers = (isAlive: () => boolean) =>
      planRevisions(daemonSet, owned, isAlive).obsolete.map(
        one => one.revision,
      );
    expect(numbers(dead)).toEqual([1, 2]);
    expect(numbers(alive)).toEqual([]);
  });
});
