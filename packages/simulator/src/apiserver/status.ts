// SPDX-License-Identifier: Apache-2.0
import type { JsonObject } from './objects';

/** One reason inside `details.causes` of a failure. */
export interface Cause extends JsonObject {
  reason: string;
  message: string;
  field?: string;
}

/** What a failure is about. */
export interface StatusDetails extends JsonObject {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: Cause[];
  retryAfterSeconds?: number;
}

/** The answer of the Kubernetes API that is not an object: `Status` of v1. */
export interface Status extends JsonObject {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: JsonObject;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

/** Names of a resource for messages: `deployments.apps`. */
export interface ResourceName {
  readonly group: string;
  readonly plural: string;
}

/** A failure with the exact `Status` a client gets. */
export class ApiError extends Error {
  readonly status: Status & { code: number };

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: StatusDetails,
    metadata: JsonObject = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata,
      status: 'Failure',
      message,
      reason,
      ...(details && { details }),
      code,
    };
  }
}

/** The answer to a deletion that left nothing behind. */
export function success(details: StatusDetails): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details,
  };
}

function qualified({ plural, group }: ResourceName): string {
  return group ? `${plural}.${group}` : plural;
}

function about(resource: ResourceName, name?: string): StatusDetails {
  return {
    ...(name && { name }),
    ...(resource.group && { group: resource.group }),
    kind: resource.plural,
  };
}

export const badRequest = (message: string) =>
  new ApiError(400, 'BadRequest', message);

export const unauthorized = () =>
  new ApiError(401, 'Unauthorized', 'Unauthorized');

export const notFound = (resource: ResourceName, name: string) =>
  new ApiError(
    404,
    'NotFound',
    `${qualified(resource)} "${name}" not found`,
    about(resource, name),
  );

export const alreadyExists = (resource: ResourceName, name: string) =>
  new ApiError(
    409,
    'AlreadyExists',
    `${qualified(resource)} "${name}" already exists`,
    about(resource, name),
  );

export const conflict = (
  resource: ResourceName,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
) =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    about(resource, name),
  );

export const forbidden = (
  resource: ResourceName,
  name: string | undefined,
  why: string,
  causes?: Cause[],
) =>
  new ApiError(
    403,
    'Forbidden',
    name
      ? `${qualified(resource)} "${name}" is forbidden: ${why}`
      : `${qualified(resource)} is forbidden: ${why}`,
    { ...about(resource, name), ...(causes && { causes }) },
  );

export const methodNotAllowed = () =>
  new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );

export const notAcceptable = (accepted: readonly string[]) =>
  new ApiError(
    406,
    'NotAcceptable',
    `only the following media types are accepted: ${accepted.join(', ')}`,
  );

export const unsupportedMediaType = (message: string) =>
  new ApiError(415, 'UnsupportedMediaType', message);

export const expired = (message: string, metadata?: JsonObject) =>
  new ApiError(410, 'Expired', message, undefined, metadata);

export const tooLarge = (limit: number) =>
  new ApiError(
    413,
    'RequestEntityTooLarge',
    `Request entity too large: limit is ${limit}`,
  );

export const tooManyRequests = (message: string, causes?: Cause[]) =>
  new ApiError(429, 'TooManyRequests', message, {
    ...(causes && { causes }),
  });

export const serviceUnavailable = (message: string) =>
  new ApiError(503, 'ServiceUnavailable', message);

export const internalError = (message: string) =>
  new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, {
    causes: [{ reason: 'InternalError', message }],
  });

/** 422: the object itself is wrong; one cause per wrong field. */
export const invalid = (
  type: { readonly group: string; readonly kind: string },
  name: string,
  causes: readonly Cause[],
) => {
  const kind = type.group ? `${type.kind}.${type.group}` : type.kind;
  const lines = causes.map(cause => `${cause.field}: ${cause.message}`);
  const text = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`;
  return new ApiError(422, 'Invalid', `${kind} "${name}" is invalid: ${text}`, {
    ...(name && { name }),
    ...(type.group && { group: type.group }),
    kind: type.kind,
    causes: [...causes],
  });
};

/** A cause for a field that must be there. */
export const requiredField = (field: string, why = ''): Cause => ({
  reason: 'FieldValueRequired',
  message: `Required value${why && `: ${why}`}`,
  field,
});

/** A cause for a field whose value is wrong; the value is shown as JSON. */
export const invalidField = (
  field: string,
  value: unknown,
  why: string,
): Cause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  field,
});

/** A cause for a field that must stay as it is. */
export const forbiddenField = (field: string, why: string): Cause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${why}`,
  field,
});
