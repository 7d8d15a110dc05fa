// SPDX-License-Identifier: Apache-2.0
export { startApiServer } from './startApiServer';
export type { ApiServer, ApiServerOptions } from './startApiServer';
export type { TokenGrant } from './access/authentication';
export { InvalidFaultError, parseFault } from './faults';
export type { ActiveFault, Fault, Faults, FaultScope } from './faults';
export type { PodAnswers, PodLogs } from './http/Api';
export type { PodAnswer, PodLogOptions } from './kinds/Subresource';
export type { Clock } from './timestamp';
export type { RestoredObject } from './writes/restore';
