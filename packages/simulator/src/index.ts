// SPDX-License-Identifier: Apache-2.0

/**
 * A simulated world for Causeway: Kubernetes clusters, a Git forge and CI that
 * speak the real protocols on loopback ports.
 *
 * @packageDocumentation
 */

export * from './apiserver';
export { runControllers } from './controllers/runControllers';
export type {
  ControllerName,
  ControllerOptions,
} from './controllers/runControllers';
export { fluxDefinitions } from './controllers/flux/fluxDefinitions';
export { startForge } from './forge/startForge';
export type { ForgeOptions, RunningForge } from './forge/startForge';
export { startForgeAndCi } from './world/forgeAndCi';
export type { ForgeAndCi, ForgeAndCiOptions } from './world/forgeAndCi';
export { labelsOf, machinesOf } from './world/nodes';
export type { Machine } from './world/nodes';
export { startWorld } from './world/startWorld';
export type {
  World,
  WorldCluster,
  WorldOptions,
  WorldPorts,
  WorldSecrets,
} from './world/startWorld';
