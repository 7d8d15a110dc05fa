// SPDX-License-Identifier: Apache-2.0
import type { Cluster } from '../runtime/Cluster';
import type { EventRecorder } from '../runtime/EventRecorder';
import type { QueryMetric } from './metrics';
import type { SendWebhook } from './webhooks';

/** How Flagger is set up in a cluster. */
export interface FlaggerSettings {
  /** Address of the Prometheus that its own metrics are asked of. */
  readonly metricsServer: string;
  /** What splits the traffic where a canary says nothing else. */
  readonly meshProvider: 'gatewayapi:v1' | 'traefik' | 'kubernetes';
}

/** What every look at a canary works with. */
export interface FlaggerSurroundings {
  readonly cluster: Cluster;
  readonly settings: FlaggerSettings;
  readonly recorder: EventRecorder;
  readonly send: SendWebhook;
  readonly query: QueryMetric;
}
