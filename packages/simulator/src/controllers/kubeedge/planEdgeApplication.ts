// SPDX-License-Identifier: Apache-2.0
import type { Manifest } from '../flux/Renderer';
import type { Deployment } from '../workloads/workloads';
import type {
  EdgeApplication,
  ManifestStatus,
  TargetNodeGroup,
} from './edgeApplicationObjects';
import { belongingLabel } from './nodeGroupObjects';
import { overrideImage } from './overrideImage';

/** An object that an EdgeApplication makes, and where it comes from in its manifests. */
export interface PlannedObject {
  readonly ordinal: number;
  readonly object: Manifest;
}

type DeploymentManifest = Manifest & Pick<Deployment, 'spec'>;

/**
 * The objects that an EdgeApplication makes: of each Deployment one for each node group, with the name of
 * the group behind its own, on the nodes of the group only and with what the group overrides; everything
 * else as it is.
 */
export function planEdgeApplication({
  spec: { workloadTemplate, workloadScope },
}: Pick<EdgeApplication, 'spec'>): readonly PlannedObject[] {
  return (workloadTemplate?.manifests ?? []).flatMap((object, ordinal) => {
    if (isService(object)) return [{ ordinal, object: withinGroups(object) }];
    if (!isDeployment(object)) return [{ ordinal, object }];
    return (workloadScope.targetNodeGroups ?? []).map(group => ({
      ordinal,
      object: inGroup(object, group),
    }));
  });
}

/** What is said of an object; a Deployment is available when all its pods are ready. */
export function statusOf(
  { ordinal, object }: PlannedObject,
  live: Pick<Deployment, 'spec' | 'status'> | undefined,
): ManifestStatus {
  const [group, version] = object.apiVersion.includes('/')
    ? object.apiVersion.split('/')
    : ['', object.apiVersion];
  const isReady =
    !isDeployment(object) ||
    (live?.status?.readyReplicas ?? 0) === (live?.spec.replicas ?? 1);
  return {
    identifier: {
      ordinal,
      group,
      version,
      kind: object.kind,
      namespace: object.metadata.namespace ?? '',
      name: object.metadata.name,
    },
    conditions: live && isReady ? 'Available' : 'Processing',
  };
}

function isDeployment(object: Manifest): object is DeploymentManifest {
  return object.apiVersion === 'apps/v1' && object.kind === 'Deployment';
}

function isService({ apiVersion, kind }: Manifest): boolean {
  return apiVersion === 'v1' && kind === 'Service';
}

function withinGroups(object: Manifest): Manifest {
  const { annotations, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: {
      ...metadata,
      annotations: {
        ...annotations,
        'apps.kubeedge.io/service-topology': 'range-nodegroup',
      },
    },
  };
}

function inGroup(
  object: DeploymentManifest,
  { name, overriders = {} }: TargetNodeGroup,
): DeploymentManifest {
  const { replicas, imageOverriders = [] } = overriders;
  const { template } = object.spec;
  const containers = template.spec.containers.map((container, index) => {
    const path = `/spec/template/spec/containers/${index}/image`;
    const image = imageOverriders
      .filter(({ predicate }) => !predicate || predicate.path === path)
      .reduce(overrideImage, container.image);
    return { ...container, image };
  });
  return {
    ...object,
    metadata: {
      ...object.metadata,
      name: `${object.metadata.name}-${name}`,
    },
    spec: {
      ...object.spec,
      ...(replicas !== undefined && { replicas }),
      template: {
        ...template,
        // What the template selects itself is lost.
        spec: {
          ...template.spec,
          containers,
          nodeSelector: { [belongingLabel]: name },
        },
      },
    },
  };
}
