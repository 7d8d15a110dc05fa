// SPDX-License-Identifier: Apache-2.0
import type {
  ColoursView,
  PipelineView,
} from '@causeway/plugin-delivery-common';
import type { Moments } from './moments';
import { trackingWeb } from './pipelines';

export const ARRIVAL_TIMES = 'component:default/arrival-times';

/** Two colours of which the new one serves and is watched, with what its metrics say. */
function colours(m: Moments): ColoursView {
  const common = { health: 'healthy', desired: 2, available: 2 } as const;
  return {
    sentence:
      'Watching after the switch: 0.02 % of 14,210 requests failed (0.03 % before the switch), P95 92 ms (88 ms before the switch).',
    promotion: 'switched-310',
    version: '3.1.0',
    watchUntil: m.inMinutes(4),
    targets: [
      {
        cluster: 'cloud-production',
        freshness: { state: 'live', seenAt: m.secondsAgo(3) },
        blue: { ...common, serves: false, version: '3.0.4' },
        green: {
          ...common,
          serves: true,
          version: '3.1.0',
          smokeTest: 'passed',
        },
      },
    ],
    actions: [
      {
        action: 'promoteFully',
        allowed: true,
        reasons: [],
        consequence:
          '3.1.0 keeps all requests, whatever its metrics say or do not say. Pods are still watched.',
      },
      {
        action: 'abort',
        allowed: true,
        reasons: [],
        consequence:
          'One commit lets the Service select the version before again. 3.1.0 gets no requests any more and loses its pods.',
      },
    ],
  };
}

/** A service with two colours in production, just switched. */
export function arrivalTimes(m: Moments): PipelineView {
  const pipeline = trackingWeb(m);
  return {
    ...pipeline,
    service: ARRIVAL_TIMES,
    sentence: {
      key: 'run',
      text: '3.1.0 serves in Cloud production and is watched.',
    },
    stages: pipeline.stages.map(stage =>
      stage.name === 'cloud-production'
        ? { ...stage, colours: colours(m) }
        : stage,
    ),
  };
}
