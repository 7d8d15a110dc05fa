// SPDX-License-Identifier: Apache-2.0
import type { TargetState } from '../cluster/targetState';
import { haveOverlays, type Stage } from '../pipeline/pipeline';

/** A release on its way to a stage, and what is there. */
export interface ArrivingRelease {
  readonly version: string;
  /** Version of the release that runs; undefined: nothing does, or it is not known. */
  readonly before?: string;
  readonly targets: readonly TargetState[];
  /** The commit also brings the Canary that later releases need. */
  readonly addsCanary: boolean;
}

/** How a release takes the place of what runs, once Flux has applied it: one sentence or two for people. */
export function sayArrival(
  stage: Stage,
  arrival: ArrivingRelease,
): readonly string[] {
  const { strategy, blueGreen, wave } = stage;
  const { version, targets, before = 'what runs' } = arrival;
  const clusters = [...new Set(stage.targets.map(({ cluster }) => cluster))];
  const where = clusters.join(' and ');
  if (wave && haveOverlays(stage.targets)) {
    return [
      `A wave brings ${version} to some of ${stage.targets.length} devices first, then to more, by commits to their overlays; those that are away catch up.`,
    ];
  }
  if (wave) {
    return [
      `A wave in ${where} brings ${version} to some devices first, then to more; those that are away catch up.`,
    ];
  }
  if (targets.every(isEmpty)) {
    return strategy
      ? [
          `Nothing runs in ${where} yet, so there is nothing to compare ${version} with: it gets all of the traffic at once.`,
          ...(arrival.addsCanary
            ? [
                'The same commit adds the Canary, so releases after it get their traffic step by step.',
              ]
            : []),
        ]
      : [`${version} starts in ${where}, where nothing runs yet.`];
  }
  if (strategy) {
    if (targets.some(runsUnwatched)) {
      return [
        `The pipeline wants a canary, but ${where} has none for this service: ${version} replaces ${before} at once, and nothing compares them.`,
        'Run the action delivery:service:onboard for the service again; it adds the Canary.',
      ];
    }
    const outcome =
      strategy.onFault === 'rollBack' ? 'taken back by itself' : 'held';
    return [
      `A canary in ${where} gives ${version} its traffic step by step beside ${before}.`,
      `Where there is evidence against it, it is ${outcome}.`,
    ];
  }
  if (blueGreen) {
    return [
      `${version} starts in ${where} beside ${before}, and gets all of the traffic at once when it is ready.`,
    ];
  }
  return [`Flux replaces ${before} in ${where}.`];
}

/** The cluster is seen, and no release is in it. */
function isEmpty({ freshness, workload, canary }: TargetState): boolean {
  return (
    freshness.state === 'live' &&
    !canary &&
    (!workload || workload.health === 'missing')
  );
}

/** The cluster is seen, and no engine would notice another version. */
function runsUnwatched(target: TargetState): boolean {
  return (
    target.freshness.state === 'live' && !target.canary && !isEmpty(target)
  );
}
