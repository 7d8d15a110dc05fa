// SPDX-License-Identifier: Apache-2.0
import { parse, stringify } from 'yaml';
import type { KubernetesClient } from '../runtime/KubernetesClient';
import type { KubernetesObject, Resource } from '../runtime/resources';
import type { Kustomization } from './fluxObjects';
import { BuildError, Manifest, Rendering } from './Renderer';
import { secrets } from './secretToken';

interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

const configMaps: Resource<ConfigMap> = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

/** Values by the names of variables. */
export type Variables = Readonly<Record<string, string>>;

/** A manifest with this annotation is left as it is. */
const annotation = 'kustomize.toolkit.fluxcd.io/substitute';

/** `$${x}` stands for `${x}`; `${x:=y}` is `y` where `x` is not set. */
const reference =
  /\$(\$\{[^}]*\})|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::=([^}]*))?\}/g;

/** The text with every variable replaced; one that is not set is nothing. */
export function substitute(text: string, variables: Variables): string {
  return text.replace(
    reference,
    (_, escaped?: string, name?: string, otherwise?: string) =>
      escaped ?? variables[name ?? ''] ?? otherwise ?? '',
  );
}

/**
 * The rendering with the variables of the Kustomization in place.
 * @throws BuildError when a source of variables is missing and not optional
 */
export async function withVariables(
  client: KubernetesClient,
  kustomization: Kustomization,
  rendering: Rendering,
): Promise<Rendering> {
  const { postBuild } = kustomization.spec;
  if (!postBuild) return rendering;
  const variables = await variablesOf(client, kustomization);
  const manifests = rendering.manifests.map(manifest =>
    manifest.metadata.annotations?.[annotation] === 'disabled'
      ? manifest
      : substituted(manifest, variables),
  );
  return { ...rendering, manifests };
}

function substituted(manifest: Manifest, variables: Variables): Manifest {
  const text = stringify(manifest);
  const changed = substitute(text, variables);
  return changed === text ? manifest : parse(changed);
}

/** Later sources win over earlier ones, and inline values over all. */
async function variablesOf(
  client: KubernetesClient,
  { metadata, spec }: Kustomization,
): Promise<Variables> {
  const { substitute: inline = {}, substituteFrom = [] } = spec.postBuild ?? {};
  const found: Record<string, string> = {};
  for (const { kind, name, optional } of substituteFrom) {
    const at = { namespace: metadata.namespace ?? 'default', name };
    const source =
      kind === 'Secret'
        ? await client.get(secrets, at)
        : await client.get(configMaps, at);
    if (!source && !optional) {
      throw new BuildError(
        `post build failed for '${
          metadata.name
        }': substitute from '${kind}/${name}' error: ${kind.toLowerCase()}s "${name}" not found`,
      );
    }
    for (const [key, value] of Object.entries(source?.data ?? {})) {
      found[key] =
        kind === 'Secret' ? Buffer.from(value, 'base64').toString() : value;
    }
  }
  return { ...found, ...inline };
}
