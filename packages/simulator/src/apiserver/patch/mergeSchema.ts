// SPDX-License-Identifier: Apache-2.0

/**
 * How the fields of a built-in type take part in a strategic merge patch.
 * A field that is not named here merges as an object or replaces as a list.
 */
export interface MergeSchema {
  readonly [field: string]: MergeRule;
}

export interface MergeRule {
  /** Items of this list are found again by this field. */
  readonly mergeKey?: string;
  /** This list of plain values is a set. */
  readonly set?: boolean;
  /** Rules of the object, or of the items of the list. */
  readonly fields?: MergeSchema;
}

const byName: MergeRule = { mergeKey: 'name' };
const byType: MergeRule = { mergeKey: 'type' };

const metadata: MergeRule = {
  fields: { finalizers: { set: true }, ownerReferences: { mergeKey: 'uid' } },
};

const container: MergeRule = {
  mergeKey: 'name',
  fields: {
    env: byName,
    ports: { mergeKey: 'containerPort' },
    volumeMounts: { mergeKey: 'mountPath' },
    volumeDevices: { mergeKey: 'devicePath' },
  },
};

const podSpec: MergeRule = {
  fields: {
    containers: container,
    initContainers: container,
    ephemeralContainers: container,
    volumes: byName,
    imagePullSecrets: byName,
    hostAliases: { mergeKey: 'ip' },
    topologySpreadConstraints: { mergeKey: 'topologyKey' },
    resourceClaims: byName,
    schedulingGates: byName,
  },
};

const podTemplate: MergeRule = { fields: { metadata, spec: podSpec } };

/** Rules that fit every built-in type: metadata and conditions by type. */
export const plain: MergeSchema = {
  metadata,
  status: { fields: { conditions: byType } },
};

/** Types with a pod template at `spec.template`. */
export const workload: MergeSchema = {
  ...plain,
  spec: { fields: { template: podTemplate } },
};

export const cronJob: MergeSchema = {
  ...plain,
  spec: {
    fields: { jobTemplate: { fields: { metadata, ...wrap(podTemplate) } } },
  },
};

export const pod: MergeSchema = {
  metadata,
  spec: podSpec,
  status: {
    fields: {
      conditions: byType,
      podIPs: { mergeKey: 'ip' },
      hostIPs: { mergeKey: 'ip' },
    },
  },
};

export const node: MergeSchema = {
  metadata,
  spec: { fields: { podCIDRs: { set: true } } },
  status: { fields: { conditions: byType, addresses: byType } },
};

export const service: MergeSchema = {
  ...plain,
  spec: { fields: { ports: { mergeKey: 'port' } } },
};

export const serviceAccount: MergeSchema = { metadata, secrets: byName };

function wrap(template: MergeRule): MergeSchema {
  return { spec: { fields: { template } } };
}
