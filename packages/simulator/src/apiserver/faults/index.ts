// SPDX-License-Identifier: Apache-2.0
export type { ActiveFault, Fault, Faults, FaultScope } from './Fault';
export { FaultSwitchboard } from './FaultSwitchboard';
export { InvalidFaultError, parseFault } from './parseFault';
export type { FaultTarget } from './scope';
