// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../runtime/Cluster';
import { Informer } from '../runtime/Informer';
import { keyOf } from '../runtime/resources';
import { WorkQueue } from '../runtime/WorkQueue';
import { ArtifactStore } from './ArtifactStore';
import {
  GitRepository,
  gitRepositories,
  Kustomization,
  kustomizations,
} from './fluxObjects';
import { asksForWork } from './gitRepositoryController';
import { KustomizationReconciler } from './KustomizationReconciler';
import { Renderer } from './Renderer';

/** Settings of the kustomize controller. */
export interface KustomizationOptions {
  readonly artifacts: ArtifactStore;
  readonly renderer: Renderer;
  /** Milliseconds between two looks at the health of applied objects; the real controller takes 5,000. */
  readonly healthInterval?: number;
}

/** Plays Flux's kustomize-controller: really renders, applies and prunes, and tells in the same order what it does. */
export function startKustomizationController(
  cluster: Cluster,
  options: KustomizationOptions,
): RunningController {
  const informer = cluster.informers.of(kustomizations);
  const sources = cluster.informers.of(gitRepositories);
  const reconciler = new KustomizationReconciler(
    cluster,
    informer,
    sources,
    options,
  );
  const queue = new WorkQueue({
    name: 'kustomization',
    scheduler: cluster.scheduler,
    log: cluster.log,
    // A wait for health blocks one of these, as in the real controller.
    concurrency: 8,
    reconcile: (key, signal) => reconciler.reconcile(key, signal),
  });
  informer.onChange((object, previous) => {
    if (object && asksForWork(object, previous))
      queue.add(keyOf(object.metadata));
    else if (!object && previous) queue.forget(keyOf(previous.metadata));
  });
  sources.onChange((source, previous) => {
    if (
      !source?.status?.artifact ||
      source.status.artifact.revision === previous?.status?.artifact?.revision
    )
      return;
    for (const dependent of usersOf(source, informer))
      queue.add(keyOf(dependent.metadata));
  });
  return {
    async stop() {
      await queue.stop();
      await reconciler.recorder.flush();
    },
  };
}

/** The Kustomizations that follow a source; those that wait for others come last, so that they meet news. */
function usersOf(
  source: GitRepository,
  informer: Informer<Kustomization>,
): readonly Kustomization[] {
  const { namespace, name } = source.metadata;
  return informer
    .list()
    .filter(({ spec, metadata }) => {
      const { sourceRef } = spec;
      return (
        sourceRef.kind === 'GitRepository' &&
        sourceRef.name === name &&
        (sourceRef.namespace ?? metadata.namespace) === namespace
      );
    })
    .sort(
      (a, b) =>
        (a.spec.dependsOn?.length ?? 0) - (b.spec.dependsOn?.length ?? 0),
    );
}
