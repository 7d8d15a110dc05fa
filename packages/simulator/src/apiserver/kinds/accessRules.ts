// SPDX-License-Identifier: Apache-2.0
import { listAt, textAt } from '../objects';
import { ageColumn, column, nameColumn } from '../table/columns';
import { defineKind } from './defineKind';
import type { Column, ResourceType } from './ResourceType';

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;

export const ROLES = 'rbac.authorization.k8s.io/v1/roles';
export const CLUSTER_ROLES = 'rbac.authorization.k8s.io/v1/clusterroles';
export const ROLE_BINDINGS = 'rbac.authorization.k8s.io/v1/rolebindings';
export const CLUSTER_ROLE_BINDINGS =
  'rbac.authorization.k8s.io/v1/clusterrolebindings';

const createdAt = column(
  'Created At',
  object => object.metadata.creationTimestamp ?? '',
);

const bindingColumns: readonly Column[] = [
  nameColumn,
  column(
    'Role',
    object =>
      `${textAt(object, 'roleRef', 'kind')}/${textAt(
        object,
        'roleRef',
        'name',
      )}`,
  ),
  ageColumn,
  ...(['User', 'Group'] as const).map(kind =>
    column(
      `${kind}s`,
      object =>
        listAt(object, 'subjects')
          .filter(subject => textAt(subject, 'kind') === kind)
          .map(subject => textAt(subject, 'name'))
          .join(', '),
      { priority: 1 },
    ),
  ),
];

/** Roles and who has them; `authorization.ts` decides by these objects. */
export const accessRuleKinds: readonly ResourceType[] = [
  defineKind({
    ...rbac,
    kind: 'Role',
    plural: 'roles',
    collection: ROLES,
    createOnUpdate: true,
    columns: [nameColumn, createdAt],
  }),
  defineKind({
    ...rbac,
    kind: 'ClusterRole',
    plural: 'clusterroles',
    namespaced: false,
    collection: CLUSTER_ROLES,
    createOnUpdate: true,
    columns: [nameColumn, createdAt],
  }),
  defineKind({
    ...rbac,
    kind: 'RoleBinding',
    plural: 'rolebindings',
    collection: ROLE_BINDINGS,
    createOnUpdate: true,
    columns: bindingColumns,
  }),
  defineKind({
    ...rbac,
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    namespaced: false,
    collection: CLUSTER_ROLE_BINDINGS,
    createOnUpdate: true,
    columns: bindingColumns,
  }),
];
