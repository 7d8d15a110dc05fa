// SPDX-License-Identifier: Apache-2.0
import {
  describeFlagger,
  describeWorkload,
  primaryOf,
  type ObservedCanary,
} from '@causeway/plugin-delivery-common';
import type {
  ProgressiveEngine,
  WatchedKind,
} from '@causeway/plugin-delivery-node';
import { keyOf } from '../clusters/snapshot';
import { indexedBy } from './indexedBy';
import { trimCanary } from './trimCanary';

/** Flagger Canaries: how new versions get their traffic. A cluster need not have them. */
export const canaries = {
  name: 'canaries.flagger.app',
  path: '/apis/flagger.app/v1beta1/canaries',
  hint: 'New versions get all of the traffic at once there.',
  trim: trimCanary,
} satisfies WatchedKind<ObservedCanary>;

/** Flagger asks the portal by its webhooks before each step, so it takes no orders. */
export function flagger(): ProgressiveEngine {
  const byTarget = indexedBy(({ target, namespace }: ObservedCanary) =>
    target.kind === 'Deployment'
      ? keyOf({ namespace, name: target.name })
      : undefined,
  );
  return {
    kinds: [canaries],
    describe({ namespace, name }, objects) {
      const key = keyOf({ namespace, name });
      const canary = byTarget(objects.of(canaries)).get(key);
      if (!canary) return undefined;
      const deployment = objects.deployments.get(key);
      const primary = objects.deployments.get(
        keyOf({ namespace, name: primaryOf(name) }),
      );
      const run = describeFlagger(canary, deployment, primary);
      return {
        workload: describeWorkload(run.stable ? primary : deployment),
        run,
      };
    },
  };
}
