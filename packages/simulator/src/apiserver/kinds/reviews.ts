// SPDX-License-Identifier: Apache-2.0
import { isJsonObject, listAt, objectAt, textAt } from '../objects';
import type { JsonObject } from '../objects';
import { badRequest } from '../status';
import { defineKind } from './defineKind';
import type {
  AccessRequest,
  ResourceType,
  ReviewContext,
  User,
} from './ResourceType';

const authorization = {
  group: 'authorization.k8s.io',
  version: 'v1',
  namespaced: false,
  verbs: ['create'],
} as const;
const authentication = {
  group: 'authentication.k8s.io',
  version: 'v1',
  namespaced: false,
  verbs: ['create'],
} as const;

/** Questions that are answered and not stored. */
export const reviewKinds: readonly ResourceType[] = [
  defineKind({
    ...authorization,
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    review: (body, context) => decide(body, context.user, context),
  }),
  defineKind({
    ...authorization,
    kind: 'SubjectAccessReview',
    plural: 'subjectaccessreviews',
    review: (body, context) => decide(body, subjectOf(body), context),
  }),
  defineKind({
    ...authorization,
    kind: 'LocalSubjectAccessReview',
    plural: 'localsubjectaccessreviews',
    namespaced: true,
    review: (body, context) => decide(body, subjectOf(body), context),
  }),
  defineKind({
    ...authorization,
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    review(body, { user, rulesOf }) {
      const namespace = textAt(body, 'spec', 'namespace');
      if (!namespace) throw badRequest('no namespace on request');
      return {
        ...body,
        status: {
          resourceRules: [...rulesOf(user, namespace)],
          nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['*'] }],
          incomplete: false,
        },
      };
    },
  }),
  defineKind({
    ...authentication,
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
    review: (body, { user }) => ({
      ...body,
      status: { userInfo: userInfo(user) },
    }),
  }),
  defineKind({
    ...authentication,
    kind: 'TokenReview',
    plural: 'tokenreviews',
    review(body, { userOfToken }) {
      const user = userOfToken(textAt(body, 'spec', 'token'));
      return {
        ...body,
        status: user
          ? { authenticated: true, user: userInfo(user) }
          : { user: {}, error: 'invalid bearer token' },
      };
    },
  }),
];

function userInfo({ name, groups }: User): JsonObject {
  return { username: name, groups: [...groups] };
}

function subjectOf(body: JsonObject): User {
  return {
    name: textAt(body, 'spec', 'user'),
    groups: listAt(body, 'spec', 'groups').map(String),
  };
}

function decide(
  body: JsonObject,
  user: User,
  { isAllowed }: ReviewContext,
): JsonObject {
  const { allowed, reason } = isAllowed(user, requestOf(body));
  return { ...body, status: { allowed, ...(reason && { reason }) } };
}

function requestOf(body: JsonObject): AccessRequest {
  const resource = objectAt(body, 'spec').resourceAttributes;
  if (!isJsonObject(resource)) {
    const path = textAt(body, 'spec', 'nonResourceAttributes', 'path');
    const verb = textAt(body, 'spec', 'nonResourceAttributes', 'verb');
    return { verb, path };
  }
  const text = (field: string) => textAt(resource, field) || undefined;
  return {
    verb: textAt(resource, 'verb'),
    group: textAt(resource, 'group'),
    resource: text('resource'),
    subresource: text('subresource'),
    namespace: text('namespace'),
    name: text('name'),
  };
}
