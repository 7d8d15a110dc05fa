// SPDX-License-Identifier: Apache-2.0
import { startHelmReleaseController } from './flux/helm/helmReleaseController';
import { ImageTags, startImageController } from './flux/image/imageController';
import { startAlertController } from './flux/notification/alertController';
import {
  ReceiverOptions,
  startReceiverController,
} from './flux/notification/receiverController';
import { KubeEdgeSettings, startKubeEdge } from './kubeedge/startKubeEdge';
import { Machines } from './nodes/Machines';
import { Cluster, RunningController } from './runtime/Cluster';
import { startSystemUpgradeController } from './systemUpgrade/systemUpgradeController';

/** Controllers of kinds that only some clusters have. */
export type AdditionalController =
  | 'receiver'
  | 'alert'
  | 'helmrelease'
  | 'image'
  | 'kubeedge'
  | 'systemupgrade';

/** Which controllers run beside the usual ones, and their settings. */
export interface AdditionalOptions {
  /** They run only when they are named here; the cluster must have their kinds. */
  readonly additional?: readonly AdditionalController[];
  /** Where Flux's webhooks are received. A free port when left out. */
  readonly receiver?: ReceiverOptions;
  /** What Flux's image reflector finds in registries; nothing when left out. */
  readonly imageTags?: ImageTags;
  readonly kubeEdge?: KubeEdgeSettings;
}

/** Starts the controllers that are asked for. */
export function startAdditional(
  cluster: Cluster,
  options: AdditionalOptions & { readonly machines?: Machines },
): readonly RunningController[] {
  const starters: Readonly<
    Record<AdditionalController, () => RunningController>
  > = {
    receiver: () =>
      startReceiverController(cluster, options.receiver ?? { port: 0 }),
    alert: () => startAlertController(cluster),
    helmrelease: () => startHelmReleaseController(cluster),
    image: () =>
      startImageController(cluster, options.imageTags ?? (async () => [])),
    systemupgrade: () => startSystemUpgradeController(cluster),
    kubeedge: () => startKubeEdge(cluster, options.kubeEdge, options.machines),
  };
  return (options.additional ?? []).map(name => starters[name]());
}
