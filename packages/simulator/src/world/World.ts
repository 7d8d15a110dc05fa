// SPDX-License-Identifier: Apache-2.0
import type { Faults } from '../apiserver';
import type { CiEffects } from '../ci/CiEffects';
import type { ReportTarget } from '../ci/Outbox';
import type { Run } from '../ci/Run';
import type { PodTimes } from '../controllers/workloads/kubeletController';
import type { DeviceWorld } from '../devices/DeviceWorld';
import type { Forge } from '../forge/Forge';
import type { Traffic } from '../metrics/Traffic';
import type { TrafficEffects } from '../metrics/traffic/effects';
import type { ScenarioRunner } from '../scenarios/ScenarioRunner';
import type { Clock, Scheduler } from '../time/Scheduler';
import type { DemoCluster } from './demo/services';
import type { EdgePlatform } from './nodes';
import type { CanaryPortal, DeviceManagement } from './SimulatedCluster';

/** Ports of the world, all on 127.0.0.1. */
export interface WorldPorts {
  /** Forge and control API. */
  readonly forge: number;
  /** In the order cloud-staging, cloud-production, edge-staging, edge-production, edge-production-2 and so on, of those that are started; those left out get free ones. */
  readonly clusters: readonly number[];
}

/** What only those who may use the world know. */
export interface WorldSecrets {
  /** Bearer token of every cluster, and of changes by the control API. */
  readonly clusterToken: string;
  /** Password of every account of the forge. */
  readonly forgePassword: string;
}

/** Settings of the simulated world. */
export interface WorldOptions {
  /** Everything that is kept goes below this folder. */
  readonly dataDirectory: string;
  /** Fixed ports, or free ones. Default `free`. */
  readonly ports?: WorldPorts | 'free';
  readonly secrets: WorldSecrets;
  readonly clock?: Clock;
  /** Time and timers; those of the process, with `clock`, when left out. The world stops it. */
  readonly scheduler?: Scheduler;
  /** Decides what is random about the world. Default 1. */
  readonly seed?: number;
  /** Number of sites at the edge. Default 16, or more for many devices or clusters. */
  readonly sites?: number;
  /** Number of devices at these sites. Default 60. */
  readonly devices?: number;
  /** Number of clusters in all, from 4; those beyond share the sites with `edge-production` and follow the same folder. Default 4. */
  readonly clusters?: number;
  /** The only clusters of the demo to start; the repositories, and the devices of the others, are there all the same. All of them when left out. */
  readonly only?: readonly DemoCluster[];
  /** What makes nodes of the devices. Default `k3s`. */
  readonly edgePlatform?: EdgePlatform;
  /** Who manages the devices. Default `none`. */
  readonly deviceManagement?: DeviceManagement;
  /** Where CI reports releases; nowhere when left out. */
  readonly releaseReport?: ReportTarget;
  /** Who is told of pushes; nobody when left out. */
  readonly pushWebhook?: { readonly url: string; readonly secret: string };
  /** Who judges the canaries; nobody when left out, so that none goes on. */
  readonly canaryPortal?: CanaryPortal;
  /** How long the jobs of a CI run take in all, in milliseconds. Default 4,000. */
  readonly ciDuration?: number;
  readonly podTimes?: Partial<PodTimes>;
  /** How long to wait for the demo services, in milliseconds; the world goes on without those that are not ready then. Default 20,000, and 1,000 for each cluster beyond the fourth. */
  readonly patience?: number;
  readonly log?: (line: string) => void;
}

/** One cluster of a running world. */
export interface WorldCluster {
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly caFile: string;
  /** A kubeconfig that has a context with this cluster's name. */
  readonly kubeconfigFile: string;
  /** What is wrong with its API server on demand. */
  readonly faults: Faults;
  /** Address of its Prometheus, below which is `/api/v1/query`. */
  readonly metrics: string;
  /** The requests to its services. */
  readonly traffic: Traffic;
}

/** The running demo world. */
export interface World {
  readonly forge: { readonly url: string; readonly forge: Forge };
  /** Those that were started. */
  readonly clusters: Readonly<Record<DemoCluster, WorldCluster>> &
    Readonly<Record<string, WorldCluster>>;
  /** The devices, and what can be done to them. */
  readonly devices: DeviceWorld;
  /** What can be done to the traffic of all clusters. */
  readonly traffic: TrafficEffects;
  /** What can be done to the runs of CI. */
  readonly ci: CiEffects;
  /** All CI runs, newest first. */
  readonly runs: () => readonly Run[];
  /** What can be made to happen, and what happens now. */
  readonly scenarios: ScenarioRunner;
  /** Resolves when no CI run is under way. */
  readonly ciIdle: () => Promise<void>;
  /** Ends everything and resolves when nothing runs any more. */
  stop(): Promise<void>;
}
