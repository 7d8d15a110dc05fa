// SPDX-License-Identifier: Apache-2.0
import { listAt, objectAt, textAt } from '../objects';
import type { JsonObject, KubeObject } from '../objects';
import { node, plain, service, serviceAccount } from '../patch/mergeSchema';
import { invalidField } from '../status';
import type { Cause } from '../status';
import { field } from '../selectors/fieldSelector';
import {
  ageColumn,
  column,
  countColumn,
  nameColumn,
  textColumn,
  wide,
} from '../table/columns';
import { defineKind } from './defineKind';
import { immutableViolations } from './immutableData';
import { nodeColumns } from '../table/nodeColumns';
import type { ResourceType } from './ResourceType';

const core = { group: '', version: 'v1' } as const;

/** Kinds of the core group that are plain data, and Namespace and Node. */
export const coreKinds: readonly ResourceType[] = [
  defineKind({
    ...core,
    kind: 'Namespace',
    plural: 'namespaces',
    shortNames: ['ns'],
    namespaced: false,
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    statusSubresource: true,
    returnsDeletedObject: true,
    selectableFields: [
      field('status.phase'),
      { label: 'name', path: ['metadata', 'name'] },
    ],
    columns: [nameColumn, textColumn('Status', 'status.phase'), ageColumn],
    defaults: namespaceLabel,
    atCreation: object => ({
      ...object,
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    }),
    atDeletion: object => ({
      ...object,
      status: { ...objectAt(object, 'status'), phase: 'Terminating' },
    }),
    heldBy: object => listAt(object, 'spec', 'finalizers').length > 0,
  }),
  defineKind({
    ...core,
    kind: 'Node',
    plural: 'nodes',
    shortNames: ['no'],
    namespaced: false,
    statusSubresource: true,
    mergeSchema: node,
    selectableFields: [field('spec.unschedulable', 'false')],
    columns: nodeColumns,
    statusAtCreation: true,
  }),
  defineKind({
    ...core,
    kind: 'Service',
    plural: 'services',
    shortNames: ['svc'],
    categories: ['all'],
    statusSubresource: true,
    returnsDeletedObject: true,
    mergeSchema: service,
    selectableFields: [field('spec.clusterIP'), field('spec.type')],
    columns: [
      nameColumn,
      textColumn('Type', 'spec.type'),
      textColumn('Cluster-IP', 'spec.clusterIP', '<none>'),
      column('External-IP', () => '<none>'),
      column('Port(s)', servicePorts),
      ageColumn,
      wide(
        column('Selector', object => {
          const selector = Object.entries(objectAt(object, 'spec', 'selector'));
          return selector.map(([k, v]) => `${k}=${v}`).join(',') || '<none>';
        }),
      ),
    ],
    defaults: serviceDefaults,
    atCreation: object => ({ ...object, status: { loadBalancer: {} } }),
  }),
  defineKind({
    ...core,
    kind: 'ConfigMap',
    plural: 'configmaps',
    shortNames: ['cm'],
    columns: [nameColumn, countColumn('Data', 'data', 'binaryData'), ageColumn],
    validate: (object, previous) => [
      ...keyViolations(object, 'data', 'binaryData'),
      ...immutableViolations(object, previous, 'data', 'binaryData'),
    ],
  }),
  defineKind({
    ...core,
    kind: 'Secret',
    plural: 'secrets',
    selectableFields: [field('type')],
    columns: [
      nameColumn,
      textColumn('Type', 'type'),
      countColumn('Data', 'data'),
      ageColumn,
    ],
    defaults: secretDefaults,
    validate: (object, previous) => [
      ...keyViolations(object, 'data'),
      ...immutableViolations(object, previous, 'data'),
      ...(previous && previous.type !== object.type
        ? [invalidField('type', object.type, 'field is immutable')]
        : []),
    ],
  }),
  defineKind({
    ...core,
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    shortNames: ['sa'],
    returnsDeletedObject: true,
    mergeSchema: serviceAccount,
    columns: [nameColumn, countColumn('Secrets', 'secrets'), ageColumn],
  }),
  defineKind({
    ...core,
    kind: 'Endpoints',
    plural: 'endpoints',
    singular: 'endpoints',
    shortNames: ['ep'],
    createOnUpdate: true,
    columns: [nameColumn, column('Endpoints', endpointList), ageColumn],
  }),
  defineKind({
    ...core,
    kind: 'LimitRange',
    plural: 'limitranges',
    shortNames: ['limits'],
    createOnUpdate: true,
    columns: [
      nameColumn,
      column('Created At', object => object.metadata.creationTimestamp ?? ''),
    ],
  }),
  defineKind({
    ...core,
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    shortNames: ['quota'],
    statusSubresource: true,
    returnsDeletedObject: true,
  }),
  defineKind({
    ...core,
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    shortNames: ['pvc'],
    statusSubresource: true,
    returnsDeletedObject: true,
    mergeSchema: plain,
    columns: [
      nameColumn,
      textColumn('Status', 'status.phase'),
      textColumn('Volume', 'spec.volumeName'),
      textColumn('Capacity', 'status.capacity.storage'),
      column('Access Modes', object =>
        listAt(object, 'status', 'accessModes').join(','),
      ),
      textColumn('StorageClass', 'spec.storageClassName'),
      ageColumn,
    ],
    atCreation: object => ({ ...object, status: { phase: 'Pending' } }),
  }),
];

function namespaceLabel(object: KubeObject): KubeObject {
  const { metadata } = object;
  const label = { 'kubernetes.io/metadata.name': metadata.name ?? '' };
  return {
    ...object,
    metadata: { ...metadata, labels: { ...metadata.labels, ...label } },
  };
}

/** Keys of ConfigMaps and Secrets are file names. */
function keyViolations(object: KubeObject, ...fields: string[]): Cause[] {
  return fields.flatMap(name =>
    Object.keys(objectAt(object, name))
      .filter(key => !/^[-._a-zA-Z0-9]{1,253}$/.test(key))
      .map(key =>
        invalidField(
          `${name}[${key}]`,
          key,
          "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
        ),
      ),
  );
}

/** `stringData` is written, never read: it becomes base64 in `data`. */
function secretDefaults(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object;
  const given = Object.entries(objectAt({ stringData }, 'stringData'));
  const encoded: JsonObject = Object.fromEntries(
    given.map(([key, value]) => [
      key,
      Buffer.from(String(value)).toString('base64'),
    ]),
  );
  return {
    ...rest,
    metadata: object.metadata,
    type: object.type ?? 'Opaque',
    ...(given.length > 0 && {
      data: { ...objectAt(object, 'data'), ...encoded },
    }),
  };
}

function serviceDefaults(object: KubeObject): KubeObject {
  const spec = objectAt(object, 'spec');
  const ports = listAt(spec, 'ports').map(given => {
    const port = objectAt(given);
    return { protocol: 'TCP', targetPort: port.port, ...port };
  });
  return {
    ...object,
    spec: {
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ...clusterAddress(object),
      ...spec,
      ...(ports.length > 0 && { ports }),
    },
  };
}

/** An address of 10.96.0.0/12 that depends on nothing but the name. */
function clusterAddress({ metadata }: KubeObject): JsonObject {
  let hash = 7;
  for (const character of `${metadata.namespace}/${metadata.name}`) {
    hash = (hash * 31 + character.charCodeAt(0)) % (1 << 20);
  }
  const second = 96 + Math.floor(hash / 65536);
  const third = Math.floor(hash / 256) % 256;
  const clusterIP = `10.${second}.${third}.${hash % 256}`;
  return { clusterIP, clusterIPs: [clusterIP] };
}

function servicePorts(object: KubeObject): string {
  const ports = listAt(object, 'spec', 'ports').map(port => {
    const nodePort = textAt(port, 'nodePort');
    return `${textAt(port, 'port')}${nodePort && `:${nodePort}`}/${textAt(
      port,
      'protocol',
    )}`;
  });
  return ports.join(',') || '<none>';
}

function endpointList(object: KubeObject): string {
  const all = listAt(object, 'subsets').flatMap(subset =>
    listAt(subset, 'addresses').flatMap(address =>
      listAt(subset, 'ports').map(
        port => `${textAt(address, 'ip')}:${textAt(port, 'port')}`,
      ),
    ),
  );
  return all.join(',') || '<none>';
}
