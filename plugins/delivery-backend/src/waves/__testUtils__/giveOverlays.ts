// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { World } from '@causeway/simulator';

const run = promisify(execFile);
const cluster = 'edge-production';
const service = 'belt-control';
const folder = `services/${service}/overlays/${cluster}`;
/** What Flux applies for the service in the cluster. */
const flux = `clusters/${cluster}/${service}.yaml`;

/**
 * Commits an overlay, a Kustomization and a pinned Deployment for each device to the fleet repository of a
 * world, in place of its DaemonSets.
 */
export async function giveOverlays(
  world: World,
  devices: readonly string[],
  copy: string,
): Promise<void> {
  const jetson = await checkOut(world, copy);
  const images = jetson.slice(jetson.indexOf('images:'));
  await commit(copy, 'Give each device an overlay', {
    ...Object.fromEntries(
      devices.map(device => [
        `${folder}/${device}/kustomization.yaml`,
        overlayOf(device, images),
      ]),
    ),
    [flux]: devices
      .map(device =>
        kustomizationOf(`${service}-${device}`, `${folder}/${device}`),
      )
      .join('---\n'),
  });
}

/**
 * Commits a NodeGroup of KubeEdge for each group, and an EdgeApplication for all of them, to the fleet
 * repository of a world, in place of its DaemonSets.
 *
 * @param groups - the nodes of each group
 */
export async function giveNodeGroups(
  world: World,
  groups: ReadonlyMap<string, readonly string[]>,
  copy: string,
): Promise<void> {
  const jetson = await checkOut(world, copy);
  const [digest] = /sha256:[0-9a-f]{64}/.exec(jetson) ?? [''];
  await commit(copy, 'Give each node group an override', {
    [`${folder}/kustomization.yaml`]: 'resources: [edgeapplication.yaml]\n',
    [`${folder}/edgeapplication.yaml`]: applicationOf(groups, digest),
    [flux]: [
      kustomizationOf(service, folder),
      ...[...groups].map(nodeGroupOf),
    ].join('---\n'),
  });
}

/** Clones the fleet repository; returns what an overlay of it says. */
async function checkOut(world: World, copy: string): Promise<string> {
  const remote = new URL(`${world.forge.url}/norden/fleet`);
  remote.username = 'causeway';
  remote.password = 'forge';
  await run('git', ['clone', '--quiet', remote.href, copy]);
  return readFile(join(copy, folder, 'jetson/kustomization.yaml'), 'utf8');
}

async function commit(
  copy: string,
  subject: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(copy, path)), { recursive: true });
    await writeFile(join(copy, path), text);
  }
  const git = (...args: string[]) =>
    run('git', [
      '-C',
      copy,
      '-c',
      'user.name=Nils Berg',
      '-c',
      'user.email=nils@norden.example',
      ...args,
    ]);
  await git('add', '--all');
  await git('commit', '--quiet', '--message', subject);
  await git('push', '--quiet', 'origin', 'HEAD:main');
}

function nodeGroupOf([name, nodes]: readonly [
  string,
  readonly string[],
]): string {
  return `apiVersion: apps.kubeedge.io/v1alpha1
kind: NodeGroup
metadata:
  name: ${name}
spec:
  nodes: [${nodes.join(', ')}]
`;
}

function applicationOf(
  groups: ReadonlyMap<string, readonly string[]>,
  digest: string,
): string {
  const overrides = [...groups].map(
    ([name, nodes]) => `    - name: ${name}
      overriders:
        replicas: ${nodes.length} # one on each
        imageOverriders:
          - component: Tag
            operator: replace
            value: ${digest}
`,
  );
  return `apiVersion: apps.kubeedge.io/v1alpha1
kind: EdgeApplication
metadata:
  name: ${service}
  namespace: sorting
spec:
  workloadTemplate:
    manifests:
      - apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: ${service}
          namespace: sorting
        spec:
          strategy: { type: Recreate }
          selector:
            matchLabels: { app: ${service} }
          template:
            metadata:
              labels: { app: ${service} }
            spec:
              containers:
                - name: ${service}
                  image: registry.norden.example/${service}
  workloadScope:
    targetNodeGroups:
${overrides.join('')}`;
}

function overlayOf(device: string, images: string): string {
  return `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../../../base]
nameSuffix: -${device}
labels:
  - includeSelectors: true
    pairs:
      causeway.dev/of-device: ${device}
replicas:
  - name: ${service}
    count: 1
patches:
  - target:
      kind: Deployment
    patch: |
      - op: add
        path: /spec/template/spec/nodeSelector
        value:
          kubernetes.io/hostname: ${device}
      - op: replace
        path: /spec/strategy
        value:
          type: Recreate
${images}`;
}

function kustomizationOf(name: string, path: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 5m
  path: ./${path}
  prune: true
  wait: false
  sourceRef:
    kind: GitRepository
    name: fleet
`;
}
