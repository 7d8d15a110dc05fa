// SPDX-License-Identifier: Apache-2.0
import {
  describeRollout,
  describeRolloutWorkload,
  type ObservedAnalysisRun,
  type ObservedRollout,
} from '@causeway/plugin-delivery-common';
import type {
  ProgressiveEngine,
  WatchedKind,
} from '@causeway/plugin-delivery-node';
import { keyOf } from '../clusters/snapshot';
import { indexedBy } from './indexedBy';
import { rolloutPatches } from './rolloutPatches';
import { trimAnalysisRun } from './trimAnalysisRun';
import { trimRollout } from './trimRollout';

/** Argo Rollouts: workloads that give new versions their traffic themselves. A cluster need not have them. */
export const rollouts = {
  name: 'rollouts.argoproj.io',
  path: '/apis/argoproj.io/v1alpha1/rollouts',
  hint: 'Workloads are Deployments there.',
  trim: trimRollout,
} satisfies WatchedKind<ObservedRollout>;

/** What Argo Rollouts measures by itself. */
export const analysisRuns = {
  name: 'analysisruns.argoproj.io',
  path: '/apis/argoproj.io/v1alpha1/analysisruns',
  hint: 'Argo Rollouts measures nothing there.',
  trim: trimAnalysisRun,
  detail: true,
} satisfies WatchedKind<ObservedAnalysisRun>;

/** Argo Rollouts does not ask: it waits at its pauses until it is told to go on. */
export function argoRollouts(): ProgressiveEngine {
  const byReference = indexedBy(({ workloadRef, namespace }: ObservedRollout) =>
    workloadRef?.kind === 'Deployment'
      ? keyOf({ namespace, name: workloadRef.name })
      : undefined,
  );
  return {
    kinds: [rollouts, analysisRuns],
    orders: { kind: rollouts, patches: rolloutPatches },
    describe({ namespace, name }, { deployments, of }) {
      const key = keyOf({ namespace, name });
      // A Deployment that a Rollout refers to is only its pod template, mostly scaled to nothing.
      const rollout = deployments.has(key)
        ? byReference(of(rollouts)).get(key)
        : of(rollouts).get(key);
      if (!rollout) return undefined;
      const { workloadRef } = rollout;
      const referenced =
        workloadRef?.kind === 'Deployment'
          ? deployments.get(keyOf({ namespace, name: workloadRef.name }))
          : undefined;
      return {
        workload: describeRolloutWorkload(rollout, referenced),
        run: describeRollout(rollout, referenced, run =>
          of(analysisRuns).get(keyOf({ namespace, name: run })),
        ),
      };
    },
  };
}
