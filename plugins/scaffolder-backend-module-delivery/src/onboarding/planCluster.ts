// SPDX-License-Identifier: Apache-2.0
import { isMap } from 'yaml';
import { addToList } from './addToList';
import { diffLines } from './diffLines';
import { kustomizationFile, yamlFilesBelow } from './kustomizationFile';
import { documentsOf, manifestsOf, type Manifest } from './manifests';
import type { Files, Onboarding, Place, Step } from './Onboarding';
import { hasCanary } from './planCanary';

/** Where the portal is and how the cluster proves who it is; only the name of the Secret is in Git. */
const portalVariables = `  postBuild:
    substituteFrom:
      - kind: Secret
        name: causeway
        optional: true
`;

/** Lets Flux apply a target in its cluster: a Kustomization, in the list of what the cluster has. */
export function planKustomization(
  files: Files,
  onboarding: Onboarding,
  place: Place,
): Step {
  const { target } = place;
  const folder = clusterFolder(files, place);
  if (folder === undefined) return refuseCluster(files, target.cluster);
  const found = findKustomization(files, folder, place);
  if (found) return checkKustomization(files, found, place);
  const path = `${folder}/${onboarding.service}.yaml`;
  const before = files.get(path);
  const document = fluxKustomization(files, place);
  return {
    writes: [
      { path, content: before ? `${before}---\n${document}` : document },
    ],
  };
}

/** The cluster's own list names the file. */
export function planListing(
  files: Files,
  onboarding: Onboarding,
  place: Place,
): Step {
  const folder = clusterFolder(files, place);
  const file = folder && kustomizationFile(files, folder);
  const name = `${onboarding.service}.yaml`;
  if (!file || !files.has(`${folder}/${name}`)) return {};
  return listResource(files, file, name);
}

/** The namespace of the workloads exists where they go. */
export function planNamespace(
  files: Files,
  _onboarding: Onboarding,
  place: Place,
): Step {
  const { namespace } = place.target.workload;
  const folder = clusterFolder(files, place);
  const file = folder && kustomizationFile(files, folder);
  if (!file || namespace === 'default' || namespace.startsWith('kube-')) {
    return {};
  }
  const isThere = (below: string) =>
    yamlFilesBelow(files, below).some(([, text]) =>
      manifestsOf(text).some(
        ({ kind, metadata }) =>
          kind === 'Namespace' && metadata?.name === namespace,
      ),
    );
  const path = `${folder}/namespaces.yaml`;
  const roots = [`clusters/${place.target.cluster}`, 'infrastructure'];
  const added = roots.some(isThere)
    ? []
    : [{ path, content: withNamespace(files.get(path) ?? '', namespace) }];
  if (added.length === 0) return {};
  const listed = listResource(files, file, 'namespaces.yaml');
  return { ...listed, writes: [...added, ...(listed.writes ?? [])] };
}

/** A variant has a folder of its own where it is a cluster of its own. */
function clusterFolder(
  files: Files,
  { target, variant }: Place,
): string | undefined {
  const folder = `clusters/${target.cluster}`;
  return [...(variant ? [`${folder}/${variant}`] : []), folder].find(
    each => kustomizationFile(files, each) !== undefined,
  );
}

function refuseCluster(files: Files, cluster: string): Step {
  const known = [...files.keys()]
    .map(path => /^clusters\/([^/]+)\/kustomization\.yaml$/.exec(path)?.[1])
    .filter(name => name !== undefined)
    .sort();
  return {
    conflicts: [
      {
        path: `clusters/${cluster}/kustomization.yaml`,
        reason: `The fleet repository has no cluster ${cluster}. It has ${
          known.length > 0 ? known.join(', ') : 'none'
        }. Add the cluster first, or correct the pipeline document.`,
      },
    ],
  };
}

function listResource(files: Files, file: string, name: string): Step {
  const text = files.get(file) ?? '';
  const [manifest] = manifestsOf(text) as readonly { resources?: unknown }[];
  const listed = Array.isArray(manifest?.resources) ? manifest.resources : [];
  if (listed.some(each => String(each).replace(/^\.\//, '') === name)) {
    return {};
  }
  const content = addToList(text, 'resources', { text: name, sortedBy: name });
  return content === undefined
    ? {
        conflicts: [
          {
            path: file,
            reason: `Its \`resources\` are no list to which ${name} could be added. Add it by hand.`,
            diff: `+ resources: [${name}]`,
          },
        ],
      }
    : { writes: [{ path: file, content }] };
}

interface Found {
  readonly path: string;
  readonly index: number;
  readonly manifest: Manifest;
}

function findKustomization(
  files: Files,
  folder: string,
  { target }: Place,
): Found | undefined {
  for (const [path, text] of yamlFilesBelow(files, folder)) {
    const manifests = manifestsOf(text);
    const index = manifests.findIndex(
      ({ apiVersion, kind, metadata }) =>
        apiVersion?.startsWith('kustomize.toolkit.fluxcd.io/') &&
        kind === 'Kustomization' &&
        metadata?.name === target.kustomization.name &&
        (metadata.namespace ?? 'flux-system') ===
          target.kustomization.namespace,
    );
    if (index >= 0) return { path, index, manifest: manifests[index] };
  }
  return undefined;
}

/** One that is there must apply the very folder that promotions write to; the rest of it is the team's. */
function checkKustomization(files: Files, found: Found, place: Place): Step {
  const { target } = place;
  const path = String(found.manifest.spec?.path ?? '').replace(/^\.\//, '');
  const text = files.get(found.path) ?? '';
  if (path.replace(/\/+$/, '') !== target.path) {
    const name = `${target.kustomization.namespace}/${target.kustomization.name}`;
    return {
      conflicts: [
        {
          path: found.path,
          reason: `The Kustomization ${name} applies ${
            path || 'nothing'
          }, but promotions would write to ${
            target.path
          }. Correct one of them: \`path\` here, or \`path\` or \`kustomization\` of the target in the pipeline document.`,
          diff: diffLines(`path: ./${path}`, `path: ./${target.path}`),
        },
      ],
    };
  }
  const isWired =
    !hasCanary(files, target.path) ||
    found.manifest.spec?.postBuild !== undefined;
  if (isWired) {
    const isOwn = text.includes(fluxKustomization(files, place));
    return isOwn ? {} : { kept: [found.path] };
  }
  const content = withPortalVariables(text, found.index);
  return content === undefined
    ? {
        conflicts: [
          {
            path: found.path,
            reason:
              'Flux must put the key of the cluster into the Canary, but `spec` can not be added to here. Add it by hand.',
            diff: `+ ${portalVariables.trim()}`,
          },
        ],
      }
    : { writes: [{ path: found.path, content }] };
}

/** Adds the variables behind the last line of a document's `spec`. */
function withPortalVariables(text: string, index: number): string | undefined {
  const contents = documentsOf(text)[index]?.contents;
  const spec = isMap(contents) ? contents.get('spec', true) : undefined;
  if (!isMap(spec) || spec.flow || !spec.range) return undefined;
  const written = text.slice(0, spec.range[1]).trimEnd();
  return `${written}\n${portalVariables}${text
    .slice(written.length)
    .replace(/^[^\S\n]*\n/, '')}`;
}

function fluxKustomization(files: Files, { stage, target }: Place): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${target.kustomization.name}
  namespace: ${target.kustomization.namespace}
spec:
  interval: ${stage.kind === 'edge' ? '5m' : '1m'}
  retryInterval: 30s
  timeout: 2m
  path: ./${target.path}
  prune: true
  wait: false
  sourceRef:
    kind: GitRepository
    name: ${sourceName(files, target.cluster)}
${hasCanary(files, target.path) ? portalVariables : ''}`;
}

/** The GitRepository by which the cluster follows the fleet; its bootstrap has usually called it `flux-system` or `fleet`. */
function sourceName(files: Files, cluster: string): string {
  const sources = yamlFilesBelow(files, `clusters/${cluster}`)
    .flatMap(([, text]) => manifestsOf(text))
    .filter(({ kind }) => kind === 'GitRepository')
    .map(({ metadata }) => metadata?.name ?? '');
  return sources[0] || 'fleet';
}

/** Adds a namespace before the first that comes after it, so that the order of additions does not matter. */
function withNamespace(text: string, namespace: string): string {
  const written = `apiVersion: v1
kind: Namespace
metadata:
  name: ${namespace}
  labels:
    pod-security.kubernetes.io/enforce: baseline
`;
  if (text.trim() === '') return written;
  const parts = text.split(/^---\s*\n/m);
  const index = parts.findIndex(
    part => (manifestsOf(part)[0]?.metadata?.name ?? '') > namespace,
  );
  const ended = parts.map(part =>
    part === '' || part.endsWith('\n') ? part : `${part}\n`,
  );
  const at = index < 0 ? ended.length : index;
  return [...ended.slice(0, at), written, ...ended.slice(at)].join('---\n');
}
