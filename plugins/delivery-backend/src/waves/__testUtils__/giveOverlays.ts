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

/**
 * Commits an overlay, a Kustomization and a pinned Deployment for each device to the fleet repository of a
 * world, in place of its DaemonSets.
 */
export async function giveOverlays(
  world: World,
  devices: readonly string[],
  copy: string,
): Promise<void> {
  const remote = new URL(`${world.forge.url}/norden/fleet`);
  remote.username = 'causeway';
  remote.password = 'forge';
  await run('git', ['clone', '--quiet', remote.href, copy]);
  const jetson = await readFile(
    join(copy, folder, 'jetson/kustomization.yaml'),
    'utf8',
  );
  const images = jetson.slice(jetson.indexOf('images:'));
  const files = new Map([
    ...devices.map(
      device =>
        [
          `${folder}/${device}/kustomization.yaml`,
          overlayOf(device, images),
        ] as const,
    ),
    [
      `clusters/${cluster}/${service}.yaml`,
      devices.map(kustomizationOf).join('---\n'),
    ],
  ]);
  for (const [path, text] of files) {
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
  await git('commit', '--quiet', '--message', 'Give each device an overlay');
  await git('push', '--quiet', 'origin', 'HEAD:main');
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

function kustomizationOf(device: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${service}-${device}
  namespace: flux-system
spec:
  interval: 5m
  path: ./${folder}/${device}
  prune: true
  wait: false
  sourceRef:
    kind: GitRepository
    name: fleet
`;
}
