// SPDX-License-Identifier: Apache-2.0
import { isWanted } from './nodeAffinity';
import { objection } from './schedule';
import { stayOf, untolerated, withDaemonTolerations } from './tolerations';
import { Node, PodSpec, Taint, Toleration } from './workloads';

const unreachable: Taint = {
  key: 'node.kubernetes.io/unreachable',
  effect: 'NoExecute',
};
const lab: Taint = { key: 'owner', value: 'lab', effect: 'NoExecute' };
const forSeconds = (key: string, tolerationSeconds?: number): Toleration => ({
  key,
  operator: 'Exists',
  tolerationSeconds,
});

describe('how long a pod stays', () => {
  it.each<[string, readonly Toleration[], readonly Taint[], number]>([
    ['nothing drives it off', [], [{ ...lab, effect: 'NoSchedule' }], Infinity],
    ['it does not tolerate', [], [unreachable], 0],
    ['a while', [forSeconds(unreachable.key, 300)], [unreachable], 300],
    ['for ever', [{ operator: 'Exists' }], [unreachable, lab], Infinity],
    [
      'the shortest while counts',
      [forSeconds(unreachable.key, 300), forSeconds('owner', 60)],
      [unreachable, lab],
      60,
    ],
    ['one of two', [forSeconds('owner')], [unreachable, lab], 0],
    [
      'the first toleration of a taint decides',
      [forSeconds(unreachable.key), forSeconds(unreachable.key, 5)],
      [unreachable],
      Infinity,
    ],
    ['another value', [{ key: 'owner', value: 'shop' }], [lab], 0],
    ['the same value', [{ key: 'owner', value: 'lab' }], [lab], Infinity],
    ['no time at all', [forSeconds('owner', -3)], [lab], 0],
  ])('%s', (_what, tolerations, taints, expected) => {
    expect(stayOf(tolerations, taints)).toBe(expected);
  });
});

it('daemons tolerate the troubles of their node for ever, whatever was said before', () => {
  const spec: PodSpec = {
    containers: [],
    hostNetwork: true,
    tolerations: [
      { ...forSeconds(unreachable.key, 300), effect: 'NoExecute' },
      { key: 'owner', value: 'lab' },
    ],
  };
  const { tolerations = [] } = withDaemonTolerations(spec);
  expect(tolerations).toHaveLength(8);
  expect(stayOf(tolerations, [unreachable, lab])).toBe(Infinity);
  // They are not started on a node that is known to be unreachable.
  const closed: Taint = { ...unreachable, effect: 'NoSchedule' };
  expect(untolerated(tolerations, [closed])).toBe(closed);
});

describe('nodes that are asked for', () => {
  const node: Node = {
    metadata: {
      name: 'venlo-jetson-01',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '',
      labels: { site: 'venlo', memory: '64' },
    },
  };
  const terms = (...nodeSelectorTerms: object[]): PodSpec => ({
    containers: [],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
      },
    } as PodSpec['affinity'],
  });
  const label = (key: string, operator: string, ...values: string[]) => ({
    matchExpressions: [{ key, operator, values }],
  });
  const named = (name: string) => ({
    matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }],
  });

  it.each<[string, PodSpec, boolean]>([
    ['any', { containers: [] }, true],
    ['by label', { containers: [], nodeSelector: { site: 'venlo' } }, true],
    [
      'by another label',
      { containers: [], nodeSelector: { site: 'x' } },
      false,
    ],
    ['by name', terms(named('venlo-jetson-01')), true],
    ['by another name', terms(named('other')), false],
    ['one of', terms(label('site', 'In', 'oslo', 'venlo')), true],
    ['none of', terms(label('site', 'NotIn', 'oslo', 'venlo')), false],
    ['with', terms(label('memory', 'Exists')), true],
    ['without', terms(label('gpu', 'DoesNotExist')), true],
    ['more than', terms(label('memory', 'Gt', '32')), true],
    ['less than', terms(label('memory', 'Lt', '32')), false],
    ['an operator that is none', terms(label('site', 'Like', 'v')), false],
    ['either', terms(label('gpu', 'Exists'), label('site', 'Exists')), true],
    [
      'both',
      terms({ ...label('gpu', 'Exists'), ...named('venlo-jetson-01') }),
      false,
    ],
    ['what asks nothing', terms({}), false],
  ])('%s', (_what, spec, expected) => {
    expect(isWanted(spec, node)).toBe(expected);
  });

  it('may be cordoned, for pods that tolerate it', () => {
    const cordoned: Node = {
      ...node,
      spec: { unschedulable: true },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    };
    const pod = (spec: PodSpec) => ({ metadata: node.metadata, spec });
    const spec: PodSpec = { containers: [] };
    expect(objection(pod(spec), cordoned)).toBe('node(s) were unschedulable');
    expect(objection(pod(withDaemonTolerations(spec)), cordoned)).toBe(
      undefined,
    );
  });
});
