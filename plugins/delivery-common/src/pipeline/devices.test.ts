// SPDX-License-Identifier: Apache-2.0
import { targetKey } from '../promotion/promotion';
import { parsePipeline } from './parsePipeline';

const document = (targets: string, strategy = '{ wave: {} }') => `
apiVersion: causeway.dev/v1
kind: Pipeline
images: [registry.example/vision]
namespace: sorting
stages:
  - name: edge-production
    kind: edge
    targets:
${targets}
    strategy: ${strategy}
`;

const read = (targets: string, strategy?: string) =>
  parsePipeline(document(targets, strategy), {
    service: 'component:default/vision',
    defaults: {
      fleet: { repository: 'https://git.example/fleet', branch: 'main' },
    },
  });

it('reads devices with an overlay each as a target each', () => {
  const [stage] =
    read('      - { cluster: edge, devices: [oslo-1, bergen.2] }').pipeline
      ?.stages ?? [];
  expect(stage.targets).toEqual([
    {
      cluster: 'edge',
      device: 'oslo-1',
      path: 'services/vision/overlays/edge/oslo-1',
      kustomization: { namespace: 'flux-system', name: 'vision-oslo-1' },
      workload: {
        kind: 'Deployment',
        namespace: 'sorting',
        name: 'vision-oslo-1',
      },
    },
    expect.objectContaining({
      device: 'bergen.2',
      path: 'services/vision/overlays/edge/bergen.2',
    }),
  ]);
});

it('puts the name of each device behind what is written', () => {
  const [stage] =
    read(
      '      - { cluster: edge, variant: jetson, devices: [oslo-1], path: fleet/devices, workload: belts/eye }',
    ).pipeline?.stages ?? [];
  expect(stage.targets[0]).toMatchObject({
    path: 'fleet/devices/oslo-1',
    kustomization: { name: 'vision-jetson-oslo-1' },
    workload: { namespace: 'belts', name: 'eye-oslo-1' },
  });
});

it('reads the node of a cluster of one node, whose names are as usual', () => {
  const [stage] =
    read(
      '      - { cluster: oslo, device: oslo-1 }\n      - { cluster: bergen, device: bergen-1 }',
    ).pipeline?.stages ?? [];
  expect(stage.targets).toEqual([
    {
      cluster: 'oslo',
      device: 'oslo-1',
      path: 'services/vision/overlays/oslo',
      kustomization: { namespace: 'flux-system', name: 'vision' },
      workload: { kind: 'Deployment', namespace: 'sorting', name: 'vision' },
    },
    expect.objectContaining({ cluster: 'bergen', device: 'bergen-1' }),
  ]);
});

it('reads node groups as a target each, which share overlay and Kustomization', () => {
  const [stage] =
    read(
      '      - { cluster: edge, nodeGroups: [hangzhou, beijing] }\n      - { cluster: lab, nodeGroups: [beijing] }',
    ).pipeline?.stages ?? [];
  expect(stage.targets).toEqual([
    {
      cluster: 'edge',
      nodeGroup: 'hangzhou',
      path: 'services/vision/overlays/edge',
      kustomization: { namespace: 'flux-system', name: 'vision' },
      workload: {
        kind: 'Deployment',
        namespace: 'sorting',
        name: 'vision-hangzhou',
      },
    },
    expect.objectContaining({ cluster: 'edge', nodeGroup: 'beijing' }),
    expect.objectContaining({ cluster: 'lab', nodeGroup: 'beijing' }),
  ]);
  expect(stage.targets.map(targetKey)).toEqual([
    'edge/flux-system/vision/hangzhou',
    'edge/flux-system/vision/beijing',
    'lab/flux-system/vision/beijing',
  ]);
});

it.each([
  [
    'node groups without a wave',
    '{ cluster: a, nodeGroups: [x] }',
    '{ canary: {} }',
    'devicesNotPossible',
  ],
  [
    'node groups beside devices',
    '{ cluster: a, nodeGroups: [x] }\n      - { cluster: b, device: y }',
    undefined,
    'devicesMixed',
  ],
  [
    'node groups and a device in one target',
    '{ cluster: a, nodeGroups: [x], device: y }',
    undefined,
    'devicesMixed',
  ],
  [
    'node groups beside a target that names nothing',
    '{ cluster: a, nodeGroups: [x] }\n      - { cluster: b }',
    undefined,
    'devicesMixed',
  ],
  [
    'a node group twice',
    '{ cluster: a, nodeGroups: [x, y] }\n      - { cluster: a, variant: pi, nodeGroups: [y] }',
    undefined,
    'duplicateDevice',
  ],
  [
    'checks of single devices in node groups',
    '{ cluster: a, nodeGroups: [x] }',
    '{ wave: { health: { "*": { resources: { temperature: 85 } } } } }',
    'healthNotPossible',
  ],
  [
    'devices without a wave',
    '{ cluster: a, device: x }',
    '{ canary: {} }',
    'devicesNotPossible',
  ],
  [
    'a target without a device beside one with',
    '{ cluster: a, device: x }\n      - { cluster: b }',
    undefined,
    'devicesMixed',
  ],
  [
    'both keys',
    '{ cluster: a, device: x, devices: [y] }',
    undefined,
    'devicesMixed',
  ],
  [
    'a device twice',
    '{ cluster: a, devices: [x, y] }\n      - { cluster: a, variant: pi, devices: [y] }',
    undefined,
    'duplicateDevice',
  ],
  [
    'an overlay of two devices',
    '{ cluster: a, device: x, path: p/x }\n      - { cluster: b, devices: [x], path: p }',
    undefined,
    'sharedOverlay',
  ],
  ['no device at all', '{ cluster: a, devices: [] }', undefined, 'empty'],
  [
    'a name that no node has',
    '{ cluster: a, devices: [Oslo_1] }',
    undefined,
    'badName',
  ],
])('refuses %s, in its line', (_, targets, strategy, code) => {
  const { problems = [] } = read(`      - ${targets}`, strategy);
  expect(problems.map(problem => problem.code)).toContain(code);
  expect(problems[0].line).toBeGreaterThan(9);
});
