// SPDX-License-Identifier: Apache-2.0
import { isError, type ErrorLike } from '@backstage/errors';
import type {
  Problem,
  RefusalCode,
  Refused,
} from '@causeway/plugin-delivery-common';
import type {
  EvidenceRefusal,
  EvidenceRefusalCode,
} from '../evidence/EvidenceUploads';
import type {
  ReportRefusal,
  ReportRefusalCode,
} from '../releases/ReleaseReports';

/** The Backstage error names that answers use, with their HTTP status. */
const statuses = {
  InputError: 400,
  AuthenticationError: 401,
  NotAllowedError: 403,
  NotFoundError: 404,
  ConflictError: 409,
  PayloadTooLargeError: 413,
  UnprocessableContentError: 422,
  TooManyRequestsError: 429,
  InternalError: 500,
  ServiceUnavailableError: 503,
} as const;

type ErrorName = keyof typeof statuses;

/** Why a request is answered with an error, in the form of the API's `Problem`. */
export class RequestProblem extends Error {
  readonly name: ErrorName;
  readonly code: string;
  readonly hint?: string;
  readonly details?: readonly Readonly<Record<string, string>>[];

  constructor(
    name: ErrorName,
    options: {
      readonly code: string;
      readonly message: string;
      readonly hint?: string;
      readonly details?: readonly Readonly<Record<string, string>>[];
      readonly cause?: unknown;
    },
  ) {
    super(options.message, { cause: options.cause });
    this.name = name;
    this.code = options.code;
    this.hint = options.hint;
    this.details = options.details;
  }

  get status(): number {
    return statuses[this.name];
  }

  toJSON(): Problem {
    return {
      error: {
        name: this.name,
        message: this.message,
        code: this.code,
        ...(this.hint && { hint: this.hint }),
        ...(this.details && { details: [...this.details] }),
      },
      response: { statusCode: this.status },
    };
  }
}

/** Every refusal of the domain, and what kind of HTTP error it is. */
const refusals = {
  badSignature: 'AuthenticationError',
  staleReport: 'AuthenticationError',
  deliveryReused: 'ConflictError',
  badReport: 'InputError',
  wrongRepository: 'NotAllowedError',
  releaseExists: 'ConflictError',
  unknownService: 'NotFoundError',
  unknownRelease: 'NotFoundError',
  unknownStage: 'NotFoundError',
  unknownPromotion: 'NotFoundError',
  invalidPipeline: 'ConflictError',
  stageWithoutTargets: 'InputError',
  stageBeforeNotReached: 'ConflictError',
  alreadyThere: 'ConflictError',
  alreadyRequested: 'ConflictError',
  promotionRunning: 'ConflictError',
  rollbackRunning: 'ConflictError',
  imagesMissing: 'ConflictError',
  notWaiting: 'ConflictError',
  alreadyWritten: 'ConflictError',
  noApprovalNeeded: 'ConflictError',
  ownRelease: 'NotAllowedError',
  notInGroup: 'NotAllowedError',
  membershipUnknown: 'ServiceUnavailableError',
  alreadyApproved: 'ConflictError',
  reasonNeeded: 'InputError',
  nothingToGoBackTo: 'ConflictError',
  neverRanHere: 'ConflictError',
  changedMeanwhile: 'ConflictError',
  notRunning: 'ConflictError',
  alreadyAborted: 'ConflictError',
  alreadyPaused: 'ConflictError',
  waveOver: 'ConflictError',
  waveNotBegun: 'ConflictError',
  waveStopped: 'ConflictError',
  unknownQuestion: 'InputError',
  nothingAsked: 'ConflictError',
  notPaused: 'ConflictError',
  alreadyHurried: 'ConflictError',
  tooLate: 'ConflictError',
  condemned: 'ConflictError',
  notSteerable: 'ConflictError',
  notSwitched: 'ConflictError',
  alreadySwitched: 'ConflictError',
  evidenceTooLarge: 'PayloadTooLargeError',
  wrongChecksum: 'UnprocessableContentError',
  badEvidence: 'UnprocessableContentError',
  evidenceExists: 'ConflictError',
  tooMuchEvidence: 'ConflictError',
} as const satisfies Record<
  RefusalCode | ReportRefusalCode | EvidenceRefusalCode,
  ErrorName
>;

/** A rule said no; the answer that says so. */
export function problemOfRefusal(
  refusal: Refused | ReportRefusal | EvidenceRefusal,
): RequestProblem {
  return new RequestProblem(refusals[refusal.code], {
    code: refusal.code,
    message: refusal.reason,
    hint: refusal.hint,
    ...('details' in refusal &&
      refusal.details && { details: refusal.details }),
  });
}

const knownErrors: Readonly<
  Record<string, { readonly name: ErrorName; readonly code: string }>
> = {
  InputError: { name: 'InputError', code: 'badRequest' },
  AuthenticationError: { name: 'AuthenticationError', code: 'notSignedIn' },
  NotAllowedError: { name: 'NotAllowedError', code: 'notPermitted' },
  NotFoundError: { name: 'NotFoundError', code: 'notFound' },
  ConflictError: { name: 'ConflictError', code: 'conflict' },
  ServiceUnavailableError: {
    name: 'ServiceUnavailableError',
    code: 'unavailable',
  },
};

/**
 * The answer to anything that was thrown. What is not known answers 500 without its message, which
 * may hold what the caller must not see; the caller of this function logs it.
 */
export function problemOfError(error: unknown): RequestProblem {
  if (error instanceof RequestProblem) return error;
  if (isBodyError(error)) return problemOfBody(error);
  const known = isError(error) ? knownErrors[error.name] : undefined;
  if (isError(error) && known) {
    return new RequestProblem(known.name, {
      code: known.code,
      message: error.message,
      cause: error,
    });
  }
  return new RequestProblem('InternalError', {
    code: 'internal',
    message: 'Something went wrong in the portal; nothing more was done.',
    hint: 'Try again. If it stays, give the time of this answer to the platform team.',
    cause: error,
  });
}

/** Errors of Express' body parsers carry a `type`. */
function isBodyError(error: unknown): error is ErrorLike & { type: string } {
  return isError(error) && typeof error.type === 'string';
}

function problemOfBody(error: ErrorLike & { type: string }): RequestProblem {
  return error.type === 'entity.too.large'
    ? new RequestProblem('PayloadTooLargeError', {
        code: 'tooLarge',
        message: 'The body of the request is too large.',
        cause: error,
      })
    : new RequestProblem('InputError', {
        code: 'badJson',
        message: 'The body of the request can not be read as JSON.',
        cause: error,
      });
}
