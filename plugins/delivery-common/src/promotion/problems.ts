// SPDX-License-Identifier: Apache-2.0
import type { Milliseconds } from '../time';

const MINUTE: Milliseconds = 60_000;

/**
 * The named problems of a target, how long each may last before the promotion fails, and what a
 * person can do. Zero: it does not heal by itself, so the promotion fails at once. The time counts
 * from when the problem was first seen, and only a live cluster can make a promotion fail.
 */
export const targetProblems = {
  stalled: {
    patience: 0,
    hint: 'Correct the Kustomization in the fleet repository, then promote again.',
  },
  buildFailed: {
    patience: 0,
    hint: 'Correct the overlay in the fleet repository, then promote again, or roll back.',
  },
  suspended: {
    patience: 30 * MINUTE,
    hint: 'Resume the Kustomization: flux resume kustomization.',
  },
  sourceSuspended: {
    patience: 30 * MINUTE,
    hint: 'Resume the GitRepository: flux resume source git.',
  },
  sourceAuthenticationFailed: {
    patience: 30 * MINUTE,
    hint: 'Renew the credentials in the Secret that the GitRepository names.',
  },
  sourceFailed: {
    patience: 30 * MINUTE,
    hint: 'See that the cluster can reach the fleet repository.',
  },
  dependencyNotReady: {
    patience: 30 * MINUTE,
    hint: 'Look at the Kustomizations it depends on.',
  },
  kustomizationMissing: {
    patience: 10 * MINUTE,
    hint: 'Add the Kustomization to the cluster folder of the fleet repository, or correct the target in the pipeline document.',
  },
  applyFailed: {
    patience: 10 * MINUTE,
    hint: 'Read what the cluster refused; correct it in the fleet repository or roll back.',
  },
  healthCheckFailed: {
    patience: 10 * MINUTE,
    hint: 'Look at the workload in the cluster, or roll back.',
  },
  notApplied: {
    patience: 30 * MINUTE,
    hint: 'See that the Flux controllers run in the cluster.',
  },
  imagesDiffer: {
    patience: 10 * MINUTE,
    hint: 'Something else changes the image after Flux: an image automation, an admission hook or a hand. Stop it, or promote again.',
  },
  waveStopped: {
    patience: 0,
    hint: 'See in the wave which devices failed and why; correct the release and promote it again.',
  },
  workloadMissing: {
    patience: 10 * MINUTE,
    hint: 'Correct the name of the workload in the pipeline document or in the overlay.',
  },
  scaledToZero: {
    patience: 30 * MINUTE,
    hint: 'Scale the workload up, so that the release can be seen running.',
  },
  canaryTakenBack: {
    patience: 0,
    hint: 'All traffic is on the version before. The portal puts Git back to it; look at the comparison before trying again.',
  },
  canaryPromotionFailed: {
    patience: 0,
    hint: 'The traffic is still on the new version, which did not become the stable one. Look at the events of the Canary, then roll back.',
  },
  canaryNotStarted: {
    patience: 10 * MINUTE,
    hint: 'See that Flagger or Argo Rollouts runs there. Flagger does not try a version again that it took back; release a new one.',
  },
  smokeTestFailed: {
    patience: 0,
    hint: 'Nothing was switched. Read the log of the Job, then release a repaired version.',
  },
  smokeTestMissing: {
    patience: 10 * MINUTE,
    hint: 'See that the Job has the label causeway.dev/smoke-test and the suffix of its colour, and that Flux applies it.',
  },
  notServing: {
    patience: 2 * MINUTE,
    hint: 'See that nothing else changes the selector of the Service, and that Flux applies it.',
  },
  canarySuspended: {
    patience: 24 * 60 * MINUTE,
    hint: 'Set spec.suspend of the Canary to false in the fleet repository; of a Rollout spec.paused.',
  },
  degraded: {
    patience: 10 * MINUTE,
    hint: 'Look at the pods and their logs, or roll back.',
  },
} as const satisfies Record<
  string,
  { readonly patience: Milliseconds; readonly hint: string }
>;

export type TargetProblemCode = keyof typeof targetProblems;
