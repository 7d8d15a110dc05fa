// SPDX-License-Identifier: Apache-2.0
import type { Kustomize } from '@causeway/kustomize';
import { parseAllDocuments } from 'yaml';

/** A Kubernetes object, as far as the checks look into it. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: {
      readonly spec: PodSpec;
    };
  };
}

interface PodSpec {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly affinity?: unknown;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly containers: readonly {
    readonly image: string;
    readonly envFrom?: readonly {
      readonly configMapRef?: { readonly name: string };
      readonly secretRef?: { readonly name: string };
    }[];
    readonly resources?: {
      readonly requests?: Readonly<Record<string, string>>;
      readonly limits?: Readonly<Record<string, string>>;
    };
    readonly securityContext?: Readonly<Record<string, unknown>>;
    readonly readinessProbe?: unknown;
    readonly livenessProbe?: unknown;
    readonly startupProbe?: unknown;
  }[];
}

/** The folders of a repository that are built for a cluster. */
export function overlaysOf(
  files: ReadonlyMap<string, string>,
): readonly string[] {
  return [...files].flatMap(([path, text]) => {
    const found = /^(deploy\/overlays\/.+)\/kustomization\.yaml$/.exec(path);
    // A component is built as a part of others only.
    return found && !/^kind: Component$/m.test(text) ? [found[1]] : [];
  });
}

/** Builds a folder with the real kustomize. */
export async function build(
  kustomize: Kustomize,
  files: ReadonlyMap<string, string>,
  path: string,
): Promise<readonly Manifest[]> {
  const inputs = [...files].filter(([name]) => name.startsWith('deploy/'));
  const output = await kustomize.build({ files: new Map(inputs), path });
  return parseAllDocuments(output).map(document => document.toJS());
}

/** Which nodes the pods of a built folder ask for. */
export function placesOf(
  objects: readonly Manifest[],
): readonly Pick<PodSpec, 'nodeSelector' | 'affinity'>[] {
  return objects.flatMap(({ spec }) => {
    const pod = spec?.template?.spec;
    return pod
      ? [{ nodeSelector: pod.nodeSelector, affinity: pod.affinity }]
      : [];
  });
}

/** What is wrong with what would be applied to a cluster, one sentence each. */
export function manifestProblems(
  objects: readonly Manifest[],
): readonly string[] {
  const names = (kind: string) =>
    objects.flatMap(object =>
      object.kind === kind ? [object.metadata.name] : [],
    );
  const known = {
    ConfigMap: names('ConfigMap'),
    Secret: names('ExternalSecret'),
  };
  return objects.flatMap(object => {
    const pod = object.spec?.template?.spec;
    return [
      ...(object.metadata.namespace || object.kind === 'Namespace'
        ? []
        : [`${object.kind} ${object.metadata.name} has no namespace`]),
      ...(pod ? podProblems(pod, known) : []),
    ];
  });
}

function podProblems(
  { securityContext, containers }: PodSpec,
  known: {
    readonly ConfigMap: readonly string[];
    readonly Secret: readonly string[];
  },
): readonly string[] {
  return [
    ...(securityContext?.runAsNonRoot === true ? [] : ['A pod may be root']),
    ...containers.flatMap(container => [
      ...(container.securityContext?.readOnlyRootFilesystem === true
        ? []
        : ['A container may write into its image']),
      ...(container.resources?.requests?.memory &&
      container.resources.limits?.memory
        ? []
        : ['A container has no memory of its own']),
      ...(container.readinessProbe &&
      container.livenessProbe &&
      container.startupProbe
        ? []
        : ['A container is not probed']),
      ...(container.envFrom ?? []).flatMap(({ configMapRef, secretRef }) => [
        ...(configMapRef && !known.ConfigMap.includes(configMapRef.name)
          ? [`There is no ConfigMap ${configMapRef.name}`]
          : []),
        ...(secretRef &&
        known.Secret.length > 0 &&
        !known.Secret.includes(secretRef.name)
          ? [`There is no Secret ${secretRef.name}`]
          : []),
      ]),
    ]),
  ];
}
