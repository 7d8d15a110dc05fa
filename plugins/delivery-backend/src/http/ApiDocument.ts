// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import type { JsonObject } from '@backstage/types';
import type { ApiOperations } from '@causeway/plugin-delivery-common';
import type { ErrorObject, ValidateFunction } from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import { parse } from 'yaml';

export type OperationId = keyof ApiOperations;
export type Method = 'get' | 'post' | 'patch';

/** One thing that is wrong with a request or an answer. */
export interface ShapeProblem {
  /** Where: `body/commit/sha`, `query/limit`. */
  readonly at: string;
  readonly message: string;
}

/** Parts of a request as they came over the wire; `query` and `headers` hold text. */
export interface RequestParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: unknown;
  readonly body: unknown;
}

export interface Operation {
  readonly id: OperationId;
  readonly method: Method;
  /** Express path, for example `/promotions/:id`. */
  readonly path: string;
  /** Problems of a request, and its query with numbers read. */
  validateRequest(parts: RequestParts): {
    readonly problems: readonly ShapeProblem[];
    readonly query: JsonObject;
  };
  /** Problems of an answer; for tests, which hold every answer against the document. */
  validateAnswer(status: number, body: unknown): readonly ShapeProblem[];
}

interface ParameterDocument {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: JsonObject;
}

interface OperationDocument {
  readonly operationId: OperationId;
  readonly parameters?: readonly (ParameterDocument | { $ref: string })[];
  readonly requestBody?: { readonly content?: JsonObject };
  readonly responses: Readonly<
    Record<string, { readonly $ref?: string; readonly content?: JsonObject }>
  >;
}

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Partial<Record<Method, OperationDocument>>>>
  >;
  readonly components: {
    readonly parameters: Readonly<Record<string, ParameterDocument>>;
  };
}

const BASE = 'delivery';
const JSON_TYPE = 'application~1json';
const INSTANT =
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * The OpenAPI document at work: it says which routes there are, and checks requests and answers, so
 * that the document can not disagree with the code.
 */
export class ApiDocument {
  readonly #document: Document;
  readonly #ajv: Ajv2020;
  readonly #textAjv: Ajv2020;
  readonly #compiled = new Map<string, ValidateFunction>();

  private constructor(document: Document) {
    const formats = {
      'date-time': (text: string) =>
        INSTANT.test(text) && !Number.isNaN(Date.parse(text)),
    };
    this.#document = document;
    this.#ajv = new Ajv2020({ strict: false, allErrors: true, formats });
    this.#ajv.addSchema({ $id: BASE, ...document });
    this.#textAjv = new Ajv2020({
      strict: false,
      allErrors: true,
      formats,
      // A parameter that is given once is a list of one, where it may be given often.
      coerceTypes: 'array',
      useDefaults: true,
    });
  }

  static load(): ApiDocument {
    const file = resolvePackagePath(
      '@causeway/plugin-delivery-backend',
      'src/schema/openapi.yaml',
    );
    return new ApiDocument(parse(readFileSync(file, 'utf8')));
  }

  operations(): readonly Operation[] {
    return Object.entries(this.#document.paths).flatMap(([path, methods]) =>
      (['get', 'post', 'patch'] as const).flatMap(method => {
        const operation = methods[method];
        return operation ? [this.#operation(path, method, operation)] : [];
      }),
    );
  }

  /** Problems of a value against one of the document's named schemas. */
  validate(schema: string, value: unknown): readonly ShapeProblem[] {
    return [
      ...zeroCharacters(value, 'body'),
      ...this.#check(`/components/schemas/${schema}`, value, 'body'),
    ];
  }

  #operation(
    path: string,
    method: Method,
    operation: OperationDocument,
  ): Operation {
    const pointer = `/paths/${path.replace(/\//g, '~1')}/${method}`;
    const parameters = (operation.parameters ?? []).map(parameter =>
      '$ref' in parameter ? this.#parameter(parameter.$ref) : parameter,
    );
    const query = this.#textSchema(parameters, 'query');
    const headers = this.#textSchema(parameters, 'header');
    return {
      id: operation.operationId,
      method,
      path: path.replace(/\{(\w+)\}/g, ':$1'),
      validateRequest: parts => {
        const texts = { ...record(parts.query) };
        const problems = [
          ...zeroCharacters(parts.params, 'path'),
          ...zeroCharacters(texts, 'query'),
          ...zeroCharacters(parts.body, 'body'),
          ...problemsOf(query, texts, 'query'),
          ...problemsOf(headers, { ...record(parts.headers) }, 'headers'),
          // Bytes have no shape that could be checked here.
          ...(operation.requestBody?.content?.['application/json']
            ? this.#check(
                `${pointer}/requestBody/content/${JSON_TYPE}/schema`,
                parts.body,
                'body',
              )
            : []),
        ];
        return { problems, query: texts };
      },
      validateAnswer: (status, body) => {
        const answer =
          String(status) in operation.responses ? status : 'default';
        const response = operation.responses[answer];
        if (!response) {
          return [{ at: 'status', message: `${status} is not described` }];
        }
        if (response.$ref) {
          return this.validate('Problem', body);
        }
        return response.content && 'application/json' in response.content
          ? this.#check(
              `${pointer}/responses/${answer}/content/${JSON_TYPE}/schema`,
              body,
              'body',
            )
          : [];
      },
    };
  }

  #parameter(ref: string): ParameterDocument {
    const name = ref.replace('#/components/parameters/', '');
    return this.#document.components.parameters[name];
  }

  #textSchema(
    parameters: readonly ParameterDocument[],
    place: 'query' | 'header',
  ): ValidateFunction {
    const here = parameters.filter(parameter => parameter.in === place);
    // Node gives header names in lower case.
    const key = (name: string) =>
      place === 'header' ? name.toLocaleLowerCase('en') : name;
    return this.#textAjv.compile({
      // Parameters may name schemas of the document.
      components: this.#document.components,
      type: 'object',
      required: here
        .filter(({ required }) => required)
        .map(({ name }) => key(name)),
      properties: Object.fromEntries(
        here.map(({ name, schema }) => [key(name), schema]),
      ),
    });
  }

  #check(pointer: string, value: unknown, at: string): ShapeProblem[] {
    let validate = this.#compiled.get(pointer);
    if (!validate) {
      validate = this.#ajv.compile({
        $ref: `${BASE}#${encodePointer(pointer)}`,
      });
      this.#compiled.set(pointer, validate);
    }
    return problemsOf(validate, value, at);
  }
}

/** A JSON pointer in a URI fragment: braces and the like are percent-encoded. */
function encodePointer(pointer: string): string {
  return pointer.split('/').map(encodeURIComponent).join('/');
}

function problemsOf(
  validate: ValidateFunction,
  value: unknown,
  at: string,
): ShapeProblem[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map(error => ({
    at: `${at}${error.instancePath}`,
    message: sentence(error),
  }));
}

/** PostgreSQL takes no zero characters in texts, neither to keep nor to look for. */
function zeroCharacters(value: unknown, at: string): ShapeProblem[] {
  if (typeof value === 'string')
    return value.includes('\0')
      ? [{ at, message: 'must not hold a zero character' }]
      : [];
  return Object.entries(record(value)).flatMap(([key, each]) =>
    zeroCharacters(each, `${at}/${key}`),
  );
}

function sentence(error: ErrorObject): string {
  const extra: unknown = error.params.additionalProperty;
  const message = error.message ?? 'is not allowed';
  return typeof extra === 'string' ? `${message}: ${extra}` : message;
}

function record(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null
    ? (value as JsonObject)
    : {};
}
