// SPDX-License-Identifier: Apache-2.0

/**
 * A simulated world for Causeway: Kubernetes clusters, a Git forge and CI that
 * speak the real protocols on loopback ports.
 *
 * @packageDocumentation
 */

export * from './apiserver';
export { runControllers } from './controllers/runControllers';
export { simulatedNodeLabel } from './controllers/workloads/simulatedNodes';
export { acceleratedScheduler } from './time/Scheduler';
export type {
  ControllerName,
  ControllerOptions,
} from './controllers/runControllers';
export type {
  AdditionalController,
  AdditionalOptions,
} from './controllers/additionalControllers';
export { fluxDefinitions } from './controllers/flux/fluxDefinitions';
export { helmDefinitions } from './controllers/flux/helm/helmDefinitions';
export { imageDefinitions } from './controllers/flux/image/imageDefinitions';
export { notificationDefinitions } from './controllers/flux/notification/notificationDefinitions';
export { EdgeConsole } from './controllers/kubeedge/EdgeConsole';
export { kubeEdgeDefinitions } from './controllers/kubeedge/kubeEdgeDefinitions';
export type { KubeEdgeSettings } from './controllers/kubeedge/startKubeEdge';
export { obedientDevices } from './controllers/kubeedge/TwinSource';
export type { TwinDevice, TwinSource } from './controllers/kubeedge/TwinSource';
export { planDefinitions } from './controllers/systemUpgrade/planDefinitions';
export { startForge } from './forge/startForge';
export type { ForgeOptions, RunningForge } from './forge/startForge';
export { startForgeAndCi } from './world/forgeAndCi';
export type { ForgeAndCi, ForgeAndCiOptions } from './world/forgeAndCi';
export { probeImage, rebootImage } from './devices/DeviceMachines';
export { DeviceWorld } from './devices/DeviceWorld';
export { planFleet } from './devices/planFleet';
export type { FleetOptions, FleetPlan } from './devices/planFleet';
export { exposition, newestScrape } from './metrics/exposition';
export { startMetricsServer } from './metrics/startMetricsServer';
export type { MetricsServer } from './metrics/startMetricsServer';
export type { MetricsOptions } from './metrics/prometheusRoutes';
export type {
  LabelMatcher,
  Series,
  SeriesSource,
} from './metrics/SeriesSource';
export { Traffic } from './metrics/Traffic';
export type { NamespaceView, TrafficOptions } from './metrics/Traffic';
export { labelsOf, machinesOf } from './world/nodes';
export type { Machine } from './world/nodes';
export { startWorld } from './world/startWorld';
export type {
  World,
  WorldCluster,
  WorldOptions,
  WorldPorts,
  WorldSecrets,
} from './world/World';
