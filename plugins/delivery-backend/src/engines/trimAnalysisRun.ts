// SPDX-License-Identifier: Apache-2.0
import type { ObservedAnalysisRun } from '@causeway/plugin-delivery-common';
import { flagIn, listIn, numberIn, recordIn, textIn } from '../clusters/fields';
import { trimIdentity } from '../clusters/trim';

/** Long queries stand in messages of errors; people read the beginning. */
const longestText = 500;

/** Keeps what we need of an Argo AnalysisRun: the newest measurement of each metric, not all of them. */
export function trimAnalysisRun(
  object: unknown,
): ObservedAnalysisRun | undefined {
  const identity = trimIdentity(object);
  if (!identity) return undefined;
  const status = recordIn(object, 'status');
  return {
    ...identity,
    phase: shortIn(status, 'phase'),
    message: shortIn(status, 'message'),
    metrics: listIn(status, 'metricResults').flatMap(trimMetric),
  };
}

function trimMetric(metric: unknown): ObservedAnalysisRun['metrics'] {
  const name = textIn(metric, 'name');
  if (!name) return [];
  const newest = listIn(metric, 'measurements').at(-1);
  return [
    {
      name,
      phase: shortIn(metric, 'phase'),
      // The metric itself says why only when it is over; the measurement says it at once.
      message: shortIn(metric, 'message') ?? shortIn(newest, 'message'),
      value: shortIn(newest, 'value'),
      successful: numberIn(metric, 'successful') ?? 0,
      failed: numberIn(metric, 'failed') ?? 0,
      inconclusive: numberIn(metric, 'inconclusive') ?? 0,
      errors: numberIn(metric, 'error') ?? 0,
      dryRun: flagIn(metric, 'dryRun'),
    },
  ];
}

function shortIn(value: unknown, key: string): string | undefined {
  return textIn(value, key)?.slice(0, longestText) || undefined;
}
