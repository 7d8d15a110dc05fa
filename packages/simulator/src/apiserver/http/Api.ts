// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TokenGrant } from '../access/authentication';
import type { Authorizer } from '../access/authorization';
import type { FaultSwitchboard, FaultTarget } from '../faults';
import type { ResourceTable } from '../kinds/ResourceTable';
import type { ResourceType, User } from '../kinds/ResourceType';
import type { PodAnswer, PodLogOptions } from '../kinds/Subresource';
import type { Store } from '../store/Store';
import type { Clock } from '../timestamp';
import type { ObjectWriter } from '../writes/ObjectWriter';
import type { Form } from './accept';

/**
 * Text that a container printed, for the `log` subresource.
 *
 * @public
 */
export type PodLogs = (
  namespace: string,
  pod: string,
  container: string,
  options: PodLogOptions,
) => string | AsyncIterable<string>;

/**
 * What the program of a pod that runs answers to a GET, through the API server; undefined where it says
 * whether the pod is ready: 200 or 503.
 *
 * @public
 */
export type PodAnswers = (
  namespace: string,
  pod: string,
  question: { readonly port: number; readonly path: string },
) => PodAnswer | undefined;

/** What the handlers of one server share. */
export interface Api {
  readonly store: Store;
  readonly table: ResourceTable;
  readonly writer: ObjectWriter;
  readonly authorizer: Authorizer;
  readonly faults: FaultSwitchboard;
  readonly clock: Clock;
  readonly tokens: readonly TokenGrant[];
  /** The user behind a bearer token. */
  userOfToken(token: string): User | undefined;
  readonly podLogs: PodLogs;
  readonly podAnswers?: PodAnswers;
  /** Milliseconds between two bookmarks of a watch. */
  readonly bookmarkInterval: number;
}

/** A request for a resource, admitted and understood. */
export interface ResourceRequest {
  readonly api: Api;
  readonly type: ResourceType;
  readonly verb: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
  readonly user: User;
  readonly form: Form;
  /** What faults know the request by. */
  readonly target: FaultTarget;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** A request for one named object. */
export type ObjectRequest = ResourceRequest & { readonly name: string };
