// SPDX-License-Identifier: Apache-2.0
import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  ROLE_BINDINGS,
  ROLES,
} from '../kinds/accessRules';
import type {
  AccessDecision,
  AccessRequest,
  AccessRule,
  User,
} from '../kinds/ResourceType';
import { listAt, textAt } from '../objects';
import type { Json, KubeObject } from '../objects';
import type { Store } from '../store/Store';

/** Rules everybody signed in has: to ask who one is and what one may do. */
const BASIC: readonly AccessRule[] = [
  {
    verbs: ['create'],
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  },
  {
    verbs: ['create'],
    apiGroups: ['authentication.k8s.io'],
    resources: ['selfsubjectreviews'],
  },
];

const EVERYTHING: AccessRule = {
  verbs: ['*'],
  apiGroups: ['*'],
  resources: ['*'],
};

const PUBLIC_PATHS = ['/healthz', '/livez', '/readyz', '/version'];
const DISCOVERY_PATHS = ['/api', '/apis', '/openapi'];

/**
 * Decides by role-based access control: from the roles and bindings in the
 * store, and the built-in rights of `system:masters` and signed-in users.
 */
export class Authorizer {
  constructor(private readonly store: Store) {}

  readonly isAllowed = (user: User, request: AccessRequest): AccessDecision => {
    if (request.path !== undefined) return pathDecision(user, request.path);
    const rules = this.rulesOf(user, request.namespace);
    const allowed = rules.some(rule => permits(rule, request));
    return { allowed, reason: '' };
  };

  readonly rulesOf = (
    user: User,
    namespace: string | undefined,
  ): AccessRule[] => {
    if (user.groups.includes('system:masters')) return [EVERYTHING];
    const bindings = this.#objects(CLUSTER_ROLE_BINDINGS);
    if (namespace) bindings.push(...this.#objects(ROLE_BINDINGS, namespace));
    const granted = bindings
      .filter(binding => names(binding, user))
      .flatMap(binding => this.#rulesOfBinding(binding));
    return isSignedIn(user) ? [...BASIC, ...granted] : granted;
  };

  #rulesOfBinding(binding: KubeObject): AccessRule[] {
    const name = textAt(binding, 'roleRef', 'name');
    const role =
      textAt(binding, 'roleRef', 'kind') === 'ClusterRole'
        ? this.store.get(CLUSTER_ROLES, name)
        : this.store.get(ROLES, `${binding.metadata.namespace}/${name}`);
    return listAt(role?.object, 'rules').map(ruleOf);
  }

  #objects(collection: string, namespace?: string): KubeObject[] {
    return this.store.list(collection, namespace).map(({ object }) => object);
  }
}

function isSignedIn({ groups }: User): boolean {
  return groups.includes('system:authenticated');
}

function pathDecision(user: User, path: string): AccessDecision {
  const below = (roots: readonly string[]) =>
    roots.some(root => path === root || path.startsWith(`${root}/`));
  const allowed =
    below(PUBLIC_PATHS) ||
    user.groups.includes('system:masters') ||
    (isSignedIn(user) && below(DISCOVERY_PATHS));
  return { allowed, reason: '' };
}

function ruleOf(rule: Json): AccessRule {
  const list = (field: string) => listAt(rule, field).map(String);
  const resourceNames = list('resourceNames');
  return {
    verbs: list('verbs'),
    apiGroups: list('apiGroups'),
    resources: list('resources'),
    ...(resourceNames.length > 0 && { resourceNames }),
  };
}

function names(binding: KubeObject, user: User): boolean {
  return listAt(binding, 'subjects').some(subject => {
    const name = textAt(subject, 'name');
    switch (textAt(subject, 'kind')) {
      case 'User':
        return name === user.name;
      case 'Group':
        return user.groups.includes(name);
      case 'ServiceAccount': {
        const namespace = textAt(subject, 'namespace');
        return user.name === `system:serviceaccount:${namespace}:${name}`;
      }
      default:
        return false;
    }
  });
}

function permits(rule: AccessRule, request: AccessRequest): boolean {
  const { verb, group = '', resource = '', subresource, name } = request;
  const wanted = subresource ? `${resource}/${subresource}` : resource;
  const has = (list: readonly string[], ...values: string[]) =>
    list.includes('*') || values.some(value => list.includes(value));
  return (
    has(rule.verbs, verb) &&
    has(rule.apiGroups, group) &&
    has(rule.resources, wanted, ...(subresource ? [`*/${subresource}`] : [])) &&
    (!rule.resourceNames || rule.resourceNames.includes(name ?? ''))
  );
}
