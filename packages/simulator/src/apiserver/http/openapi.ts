// SPDX-License-Identifier: Apache-2.0
import type { ResourceTable } from '../kinds/ResourceTable';
import type { ResourceType } from '../kinds/ResourceType';
import { apiVersionOf } from '../kinds/ResourceType';
import type { JsonObject } from '../objects';

/*
 * The OpenAPI v3 documents, as far as kubectl needs them: it looks whether a
 * patch takes `fieldValidation`, so as to leave the validation to the server,
 * and which media types a patch takes. There are no schemas in them, so
 * `kubectl explain` has nothing to show.
 */

/**
 * What `/openapi/v2` answers: nothing is described. kubectl validates `List`
 * files by it, and passes what it finds no description for. An empty message
 * is a valid OpenAPI document in protobuf, which is the form it asks for.
 */
export const OPENAPI_V2 = {
  path: '/openapi/v2',
  mediaType: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
  body: Buffer.alloc(0),
} as const;

/** `/openapi/v3` and the documents below it; `undefined` for any other path. */
export function openApiDocument(
  pathname: string,
  table: ResourceTable,
): JsonObject | undefined {
  const root = '/openapi/v3';
  const types = table.all().filter(({ review }) => !review);
  if (pathname === root) {
    const paths = [...new Set(types.map(rootOf))];
    return {
      paths: Object.fromEntries(
        paths.map(path => [path, { serverRelativeURL: `${root}/${path}` }]),
      ),
    };
  }
  const wanted = types.filter(type => pathname === `${root}/${rootOf(type)}`);
  if (wanted.length === 0) return undefined;
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes, simulated', version: '1.36' },
    paths: Object.fromEntries(
      wanted.map(type => [pathOf(type), operations(type)]),
    ),
    components: { schemas: {} },
  };
}

function rootOf(type: ResourceType): string {
  return `${type.group ? 'apis' : 'api'}/${apiVersionOf(type)}`;
}

function pathOf(type: ResourceType): string {
  const within = type.namespaced ? '/namespaces/{namespace}' : '';
  return `/${rootOf(type)}${within}/${type.plural}/{name}`;
}

function operations({ group, version, kind }: ResourceType): JsonObject {
  const media = ['application/json-patch+json', 'application/merge-patch+json'];
  return {
    patch: {
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': { group, version, kind },
      parameters: [
        {
          name: 'fieldValidation',
          in: 'query',
          schema: { type: 'string', uniqueItems: true },
        },
      ],
      requestBody: {
        content: Object.fromEntries(media.map(type => [type, { schema: {} }])),
      },
      responses: { '200': { description: 'OK' } },
    },
  };
}
