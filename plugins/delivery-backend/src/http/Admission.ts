// SPDX-License-Identifier: Apache-2.0
import type {
  AuditorService,
  AuditorServiceEvent,
  BackstageCredentials,
  HttpAuthService,
  LoggerService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  type BasicPermission,
  type PolicyDecision,
  type ResourcePermission,
} from '@backstage/plugin-permission-common';
import type { JsonObject } from '@backstage/types';
import {
  deliveryPipelineReadPermission,
  type Pipeline,
  type Stage,
} from '@causeway/plugin-delivery-common';
import type { IdempotencyKeys } from '../audit/IdempotencyKeys';
import { canonicalRef } from '../catalog/canonicalRef';
import type { Service, Services } from '../catalog/Services';
import type { Pipelines } from '../pipelines/Pipelines';
import { problemOfError, RequestProblem } from './RequestProblem';
import type { OperationId } from './ApiDocument';
import type { ApiAnswer, ApiRequest } from './routes';
import {
  stageResource,
  type StageAction,
  type StagePermissions,
} from './StagePermissions';

/** Who asks. */
export interface Caller {
  /** Entity ref of the user, or the subject of a service. */
  readonly actor: string;
  readonly credentials: BackstageCredentials;
}

/** A right on some stages of a service. */
export interface Needs {
  readonly action: StageAction;
  /** Entity ref. */
  readonly service: string;
  readonly stages: readonly string[];
}

/** A wish to change something. */
export interface Command<Id extends OperationId> {
  /** In the audit log, for example `promotion-request`. */
  readonly eventId: string;
  readonly meta: JsonObject;
  /** The right that is needed, on every one of these stages. */
  readonly needs: () => Promise<Needs>;
  readonly run: (caller: Caller) => Promise<ApiAnswer<Id>>;
}

/** A wish to do something to devices, which the policy may allow for a part of them. */
export interface DeviceCommand<Id extends OperationId> {
  /** In the audit log, for example `device-action-request`. */
  readonly eventId: string;
  readonly meta: JsonObject;
  readonly permission: ResourcePermission;
  /** The decision says for which devices, and is never a plain refusal. */
  readonly run: (
    caller: Caller,
    decision: PolicyDecision,
  ) => Promise<ApiAnswer<Id>>;
}

/** What admission works with. */
export interface AdmissionParts {
  readonly httpAuth: HttpAuthService;
  readonly permissions: PermissionsService;
  readonly stagePermissions: StagePermissions;
  readonly auditor: AuditorService;
  readonly logger: LoggerService;
  readonly services: Services;
  readonly pipelines: Pipelines;
  readonly idempotencyKeys: IdempotencyKeys;
}

/**
 * The one way in for everybody. A command passes in this order: who is it, an audit event (so that
 * refusals are on record too), does the service and the stage exist, may they, was it done before
 * under the same key, and then it is done. The audit event ends with how it went; an audit log that
 * fails never changes the answer.
 */
export class Admission {
  readonly #parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** Admits a read. Only refusals go to the audit log: pages read all the time. */
  async read(
    request: Pick<ApiRequest, 'express'>,
    permission: BasicPermission = deliveryPipelineReadPermission,
  ): Promise<Caller> {
    const { httpAuth, permissions } = this.#parts;
    const credentials = await httpAuth.credentials(request.express, {
      allow: ['user', 'service'],
    });
    const [{ result }] = await permissions.authorize([{ permission }], {
      credentials,
    });
    if (result !== AuthorizeResult.ALLOW) {
      throw await this.#refuseRead(request, permission.name);
    }
    return { actor: actorOf(credentials), credentials };
  }

  /**
   * Admits a read of which the policy may allow a part. The decision says which, and is never a plain
   * refusal: that is thrown.
   */
  async readConditional(
    request: Pick<ApiRequest, 'express'>,
    permission: ResourcePermission,
  ): Promise<PolicyDecision> {
    const { httpAuth, permissions } = this.#parts;
    const credentials = await httpAuth.credentials(request.express, {
      allow: ['user', 'service'],
    });
    const [decision] = await permissions.authorizeConditional(
      [{ permission }],
      { credentials },
    );
    if (decision.result === AuthorizeResult.DENY) {
      throw await this.#refuseRead(request, permission.name);
    }
    return decision;
  }

  async command<Id extends OperationId>(
    request: ApiRequest<Id>,
    command: Command<Id>,
  ): Promise<ApiAnswer<Id>> {
    const credentials = await this.#parts.httpAuth.credentials(
      request.express,
      { allow: ['user'] },
    );
    const caller = { actor: actorOf(credentials), credentials };
    const event = await this.#beginAudit(
      request,
      command.eventId,
      command.meta,
    );
    try {
      await this.#authorize(caller, await command.needs());
      const answer = await this.#runOnce(request, caller, command);
      await this.#endAudit(event);
      return answer;
    } catch (error) {
      await this.#endAudit(event, problemOfError(error));
      throw error;
    }
  }

  /** What the policy says of a right, without asking for it: for pages that tell what may be done. */
  async decisionOn(
    request: Pick<ApiRequest, 'express'>,
    permission: ResourcePermission,
  ): Promise<{ readonly caller: Caller; readonly decision: PolicyDecision }> {
    const { httpAuth, permissions } = this.#parts;
    const credentials = await httpAuth.credentials(request.express, {
      allow: ['user', 'service'],
    });
    const [decision] = await permissions.authorizeConditional(
      [{ permission }],
      { credentials },
    );
    return { caller: { actor: actorOf(credentials), credentials }, decision };
  }

  /** As {@link command}, for devices instead of stages. */
  async deviceCommand<Id extends OperationId>(
    request: ApiRequest<Id>,
    command: DeviceCommand<Id>,
  ): Promise<ApiAnswer<Id>> {
    const credentials = await this.#parts.httpAuth.credentials(
      request.express,
      { allow: ['user'] },
    );
    const caller = { actor: actorOf(credentials), credentials };
    const { eventId, meta, permission } = command;
    const event = await this.#beginAudit(request, eventId, meta);
    try {
      const [decision] = await this.#parts.permissions.authorizeConditional(
        [{ permission }],
        { credentials },
      );
      if (decision.result === AuthorizeResult.DENY) {
        throw notPermitted(`You need the right ${permission.name}.`);
      }
      const answer = await this.#runOnce(request, caller, {
        run: person => command.run(person, decision),
      });
      await this.#endAudit(event);
      return answer;
    } catch (error) {
      await this.#endAudit(event, problemOfError(error));
      throw error;
    }
  }

  /** The service and its pipeline, or a problem that says what is missing. */
  async find(
    ref: string,
  ): Promise<{ readonly service: Service; readonly pipeline: Pipeline }> {
    const { services, pipelines } = this.#parts;
    const service = await services.find(ref);
    if (!service) throw unknownService(ref);
    const reading = await pipelines.get(service.ref);
    if (!reading) throw noPipeline(service.ref);
    if (reading.state !== 'valid') {
      throw new RequestProblem('ConflictError', {
        code: 'invalidPipeline',
        message: `The pipeline document of ${service.ref} is not valid, so nothing can be done with its stages.`,
        hint: 'Correct the document; its problems are on the Pipeline tab.',
      });
    }
    return { service, pipeline: reading.pipeline };
  }

  async #authorize(caller: Caller, needs: Needs): Promise<void> {
    const { service, pipeline } = await this.find(needs.service);
    const rights = await this.#parts.stagePermissions.of(caller.credentials);
    for (const name of needs.stages) {
      const stage = pipeline.stages.find(other => other.name === name);
      if (!stage) throw unknownStage(service.ref, name);
      if (!rights(needs.action, stageResource(service, stage))) {
        throw notPermitted(
          sayNotPermitted(needs.action, stage),
          `Ask ${
            service.owners.join(' or ') || 'the platform team'
          }, or somebody with the right.`,
        );
      }
    }
  }

  async #runOnce<Id extends OperationId>(
    request: ApiRequest<Id>,
    caller: Caller,
    command: Pick<Command<Id>, 'run'>,
  ): Promise<ApiAnswer<Id>> {
    const key = request.header('idempotency-key');
    if (!key) return command.run(caller);
    const { method, path } = request.express;
    const { answer } = await this.#parts.idempotencyKeys.once(
      {
        actor: caller.actor,
        key,
        request: JSON.stringify([method, path, request.body]),
      },
      async () => {
        const { status, body } = await command.run(caller);
        return JSON.stringify({ status, body });
      },
    );
    return JSON.parse(answer);
  }

  /** Puts a refused read on record. */
  async #refuseRead(
    request: Pick<ApiRequest, 'express'>,
    permission: string,
  ): Promise<RequestProblem> {
    const problem = notPermitted(`You need the right ${permission}.`);
    const event = await this.#beginAudit(request, 'read', { permission });
    await this.#endAudit(event, problem);
    return problem;
  }

  async #beginAudit(
    request: Pick<ApiRequest, 'express'>,
    eventId: string,
    meta: JsonObject,
  ): Promise<AuditorServiceEvent> {
    return this.#parts.auditor.createEvent({
      eventId,
      severityLevel: 'medium',
      request: request.express,
      meta,
    });
  }

  async #endAudit(
    event: AuditorServiceEvent,
    problem?: RequestProblem,
  ): Promise<void> {
    try {
      await (problem
        ? event.fail({ error: problem, meta: { code: problem.code } })
        : event.success());
    } catch (error) {
      this.#parts.logger.error('An audit event could not be ended', {
        message: String(error),
      });
    }
  }
}

/** A sentence for a right that somebody does not have. */
export function sayNotPermitted(
  action: StageAction,
  stage: Pick<Stage, 'title'>,
): string {
  return {
    promote: `You may not promote to ${stage.title}.`,
    approve: `You may not approve for ${stage.title}.`,
    cancel: `You may not cancel promotions to ${stage.title}.`,
    rollback: `You may not take ${stage.title} back.`,
  }[action];
}

/** The one spelling of a service's ref. @throws RequestProblem for text that names no service */
export function serviceNamed(text: string): string {
  const ref = canonicalRef(text);
  if (!ref) throw unknownService(text);
  return ref;
}

export function unknownService(ref: string): RequestProblem {
  return new RequestProblem('NotFoundError', {
    code: 'unknownService',
    message: `The catalog has no service ${ref}.`,
    hint: 'Check the name, or register the service in the catalog.',
  });
}

export function noPipeline(ref: string): RequestProblem {
  return new RequestProblem('NotFoundError', {
    code: 'noPipeline',
    message: `${ref} has no pipeline.`,
    hint: 'Add a pipeline document and the annotation causeway.dev/pipeline to its catalog file.',
  });
}

function unknownStage(service: string, stage: string): RequestProblem {
  return new RequestProblem('NotFoundError', {
    code: 'unknownStage',
    message: `The pipeline of ${service} has no stage ${stage}.`,
    hint: 'Look at the stages on the Pipeline tab.',
  });
}

function notPermitted(message: string, hint?: string): RequestProblem {
  return new RequestProblem('NotAllowedError', {
    code: 'notPermitted',
    message,
    ...(hint && { hint }),
  });
}

function actorOf(credentials: BackstageCredentials): string {
  const principal = credentials.principal;
  if (typeof principal === 'object' && principal !== null) {
    if (
      'userEntityRef' in principal &&
      typeof principal.userEntityRef === 'string'
    ) {
      return principal.userEntityRef;
    }
    if ('subject' in principal && typeof principal.subject === 'string') {
      return principal.subject;
    }
  }
  throw new RequestProblem('AuthenticationError', {
    code: 'notSignedIn',
    message: 'Sign in first.',
  });
}
