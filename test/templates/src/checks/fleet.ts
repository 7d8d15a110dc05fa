// SPDX-License-Identifier: Apache-2.0
import type { Kustomize } from '@causeway/kustomize';
import { parseInventory } from '@causeway/plugin-delivery-common';
import { parse, parseAllDocuments } from 'yaml';
import { alertsIn } from './alerts';

type Files = ReadonlyMap<string, string>;

interface FluxKustomization {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly path: string;
    readonly suspend?: boolean;
    readonly dependsOn?: readonly { readonly name: string }[];
  };
}

interface Group {
  readonly hosts?: Readonly<Record<string, unknown>>;
}

const file = 'kustomization.yaml';

/** Folders that Flux builds; what they include is built with them. */
export function builtFolders(files: Files): readonly string[] {
  return [...files.keys()]
    .filter(path => /^(clusters|infrastructure)\//.test(path))
    .filter(path => path.endsWith(`/${file}`))
    .map(path => path.slice(0, -file.length - 1))
    .filter(folder => !/\/base$|^clusters\/[^/]+\/./.test(folder));
}

/** Builds one of them with the real kustomize, and says what objects lack. */
export async function buildProblems(
  kustomize: Kustomize,
  files: Files,
  path: string,
): Promise<readonly string[]> {
  const inputs = [...files].filter(([name]) =>
    /^(clusters|infrastructure)\//.test(name),
  );
  const output = await kustomize.build({ files: new Map(inputs), path });
  return parseAllDocuments(output).flatMap(document => {
    const object = document.toJS();
    const what = `${path}: ${object.kind} ${object.metadata?.name}`;
    const version = object.spec?.chart?.spec?.version;
    const isFromHelm = object.spec?.chart?.spec?.sourceRef?.kind;
    return [
      ...(object.apiVersion && object.kind && object.metadata?.name
        ? []
        : [`${what} is no object`]),
      ...(isFromHelm === 'HelmRepository' && !/^\d+\.\d+\.\d+$/.test(version)
        ? [`${what} has no exact version: ${version}`]
        : []),
      ...(object.kind === 'Secret' ? [`${what} is a secret in Git`] : []),
    ];
  });
}

/** What is wrong with the order in which Flux applies a cluster. */
export function orderProblems(
  files: Files,
  cluster: string,
): readonly string[] {
  const all = [...files]
    .filter(([path]) => path.startsWith(`clusters/${cluster}/`))
    .flatMap(([, text]) =>
      parseAllDocuments(text).map(
        document => document.toJS() as FluxKustomization,
      ),
    )
    .filter(object => object.kind === 'Kustomization' && object.spec?.path);
  const place = (name: string) =>
    all.findIndex(({ metadata }) => metadata.name === name);
  return all.flatMap(({ metadata: { name }, spec }, index) => [
    ...(files.has(`${spec.path.slice(2)}/${file}`)
      ? []
      : [`${name} applies ${spec.path}, which is not there`]),
    ...(spec.dependsOn ?? [])
      .filter(need => place(need.name) < 0 || place(need.name) >= index)
      .map(need => `${name} needs ${need.name}, which does not come before`),
    ...((spec.suspend ?? false) === (cluster === 'edge-production')
      ? []
      : [`${name} waits where it should not, or does not where it should`]),
  ]);
}

/** What alerts and runbooks do not agree about. */
export function runbookProblems(files: Files): readonly string[] {
  const alerts = alertsIn(files).map(
    ({ alert, annotations }) => [alert, annotations?.runbook] as const,
  );
  const runbooks = [...files.keys()]
    .map(path => /^docs\/runbooks\/(\w+)\.md$/.exec(path)?.[1] ?? 'index')
    .filter(name => name !== 'index');
  return [
    ...alerts
      .filter(([name, path]) => path !== `docs/runbooks/${name}.md`)
      .map(([name]) => `${name} names another runbook`),
    ...alerts
      .filter(([name]) => !runbooks.includes(name))
      .map(([name]) => `${name} has no runbook`),
    ...runbooks
      .filter(name => !alerts.some(([alert]) => alert === name))
      .map(name => `${name}.md is about no alert`),
  ];
}

/** What the portal, and Ansible, can not make of both lists of devices. */
export function inventoryProblems(files: Files): readonly string[] {
  const { inventory, problems } = parseInventory(files.get('fleet.yaml') ?? '');
  const { jetson, raspberry_pi: pi }: Readonly<Record<string, Group>> = parse(
    files.get('ansible/inventory/hosts.yaml') ?? '',
  ).all.children;
  const hosts = [jetson, pi].flatMap(({ hosts: some }) =>
    Object.keys(some ?? {}),
  );
  const devices = [...inventory.devices.keys()];
  return [
    ...problems.map(({ message }) => message),
    ...devices
      .filter(name => !hosts.includes(name))
      .map(name => `Ansible does not know ${name}`),
    ...hosts
      .filter(name => !devices.includes(name))
      .map(name => `The portal does not know ${name}`),
  ];
}
