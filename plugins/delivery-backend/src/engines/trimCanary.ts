// SPDX-License-Identifier: Apache-2.0
import {
  parseDuration,
  type ObservedCanary,
} from '@causeway/plugin-delivery-common';
import {
  listIn,
  numberIn,
  numbersIn,
  recordIn,
  textIn,
} from '../clusters/fields';
import { trimConditions, trimIdentity } from '../clusters/trim';

/** Keeps what we need of a Flagger Canary. */
export function trimCanary(object: unknown): ObservedCanary | undefined {
  const identity = trimIdentity(object);
  const spec = recordIn(object, 'spec');
  const target = recordIn(spec, 'targetRef');
  const kind = textIn(target, 'kind');
  const name = textIn(target, 'name');
  if (!identity || !kind || !name) return undefined;
  const status = recordIn(object, 'status');
  return {
    ...identity,
    target: { kind, name },
    provider: textIn(spec, 'provider'),
    suspended: spec?.suspend === true,
    skipAnalysis: spec?.skipAnalysis === true,
    analysis: trimAnalysis(recordIn(spec, 'analysis')),
    phase: textIn(status, 'phase'),
    canaryWeight: numberIn(status, 'canaryWeight') ?? 0,
    failedChecks: numberIn(status, 'failedChecks') ?? 0,
    iterations: numberIn(status, 'iterations') ?? 0,
    lastAppliedSpec: textIn(status, 'lastAppliedSpec'),
    lastPromotedSpec: textIn(status, 'lastPromotedSpec'),
    conditions: trimConditions(status),
  };
}

function trimAnalysis(
  analysis: ReturnType<typeof recordIn>,
): ObservedCanary['analysis'] {
  return {
    interval: parseDuration(textIn(analysis, 'interval') ?? ''),
    threshold: numberIn(analysis, 'threshold'),
    iterations: numberIn(analysis, 'iterations'),
    stepWeight: numberIn(analysis, 'stepWeight'),
    maxWeight: numberIn(analysis, 'maxWeight'),
    stepWeights: numbersIn(analysis, 'stepWeights'),
    mirror: analysis?.mirror === true,
    matches: listIn(analysis, 'match').length > 0,
    hooks: listIn(analysis, 'webhooks').flatMap(
      webhook => textIn(webhook, 'type') ?? 'rollout',
    ),
  };
}
