// SPDX-License-Identifier: Apache-2.0
import type { ApiOperations } from '@causeway/plugin-delivery-common';
import type express from 'express';
import type { OperationId } from './ApiDocument';

/** A request that has the shape which the OpenAPI document demands. */
export interface ApiRequest<Id extends OperationId = OperationId> {
  readonly express: express.Request;
  readonly params: ParamsOf<Id>;
  readonly query: QueryOf<Id>;
  readonly body: BodyOf<Id>;
  /** The bytes that came, for signatures. */
  readonly raw: Buffer;
  /** Name in lower case. */
  header(name: string): string | undefined;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
}

export interface ApiAnswer<Id extends OperationId = OperationId> {
  readonly status: number;
  readonly body?: AnswerOf<Id>;
  /** Bytes instead of a JSON body; `headers` say of which type. */
  readonly content?: Buffer;
  /** Lines of text instead of a JSON body. */
  readonly lines?: AsyncIterable<string>;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler<Id extends OperationId> = (
  request: ApiRequest<Id>,
) => Promise<ApiAnswer<Id>>;

/** A handler for each of some operations; together they cover all. */
export type Handlers<Ids extends OperationId> = {
  readonly [Id in Ids]: Handler<Id>;
};

type ParamsOf<Id extends OperationId> =
  ApiOperations[Id]['parameters'] extends {
    readonly path: infer Path;
  }
    ? Path
    : Readonly<Record<string, never>>;

type QueryOf<Id extends OperationId> = ApiOperations[Id]['parameters'] extends {
  readonly query?: infer Query;
}
  ? NonNullable<Query>
  : Readonly<Record<string, never>>;

type BodyOf<Id extends OperationId> = ApiOperations[Id] extends {
  readonly requestBody: {
    readonly content: { readonly 'application/json': infer Body };
  };
}
  ? Body
  : unknown;

/** What the document promises for success, whatever the status. */
type AnswerOf<Id extends OperationId> = Id extends OperationId
  ? ContentOf<Omit<ApiOperations[Id]['responses'], 'default'>>
  : never;

type ContentOf<Responses> = {
  readonly [Status in keyof Responses]: Responses[Status] extends {
    readonly content: { readonly 'application/json': infer Body };
  }
    ? Body
    : never;
}[keyof Responses];
