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
import { visitAsked } from './gitRepositoryController';
import { KustomizationReconciler } from './KustomizationReconciler';
import { Renderer } from './Renderer';

/** Settings of the kustomize controller. */
export interface KustomizationOptions {
  readonly artifacts: ArtifactStore;
  readonly renderer: Renderer;
  /** Milliseconds between two looks at the health of applied objects; the real controller takes 5,000. */
  readonly healthInterval?: number;
  /** Whether a new artifact ends the wait for the health of the one before; the real controller has a feature gate for that. */
  readonly cancelHealthCheckOnNewRevision?: boolean;
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
  visitAsked(informer, queue);
  sources.onChange((source, previous) => {
    if (
      !source?.status?.artifact ||
      source.status.artifact.revision === previous?.status?.artifact?.revision
    )
      return;
    for (const dependent of usersOf(source, informer)) {
      const key = keyOf(dependent.metadata);
      queue.add(key);
      if (options.cancelHealthCheckOnNewRevision)
        reconciler.cancelHealthCheck(key, source);
    }
  });
  return {
    async stop() {
      await queue.stop();
      await reconciler.flush();
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
