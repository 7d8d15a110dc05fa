// SPDX-License-Identifier: Apache-2.0
import { Scheduler } from '../../time/Scheduler';
import { EventRecorder } from './EventRecorder';
import { Informers } from './Informers';
import { KubernetesClient } from './KubernetesClient';

/** What every controller of one cluster works with. */
export interface Cluster {
  readonly client: KubernetesClient;
  readonly informers: Informers;
  readonly scheduler: Scheduler;
  readonly log: (line: string) => void;
  /** A writer of Events in the name of a component. */
  readonly recorder: (component: string) => EventRecorder;
}

/** A running controller. */
export interface RunningController {
  /** Takes no more work and resolves when what runs has ended. */
  stop(): Promise<void>;
}
