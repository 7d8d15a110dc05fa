// SPDX-License-Identifier: Apache-2.0
import type { ServiceOfStory } from '../PromotedService';

/** A service of the story, with what its pipeline says about canaries. */
export interface CanaryService extends ServiceOfStory {
  /** As the document writes it. */
  readonly canary: {
    readonly soak: string;
    readonly warmUp?: string;
    readonly longestWait?: string;
    readonly analysis?: boolean;
    readonly limits?: Readonly<Record<string, number>>;
    readonly checks?: readonly Readonly<Record<string, string | number>>[];
  };
}

/** Of each arm's pods. */
const ofArm = 'namespace="{{namespace}}",pod=~"{{pod_regex}}"';

/** What is told of each service; they live side by side in one cluster. */
export const canaryServices = {
  /** Measured: a version that fails is found out. How slow one may be is a check of the team. */
  judged: {
    name: 'label-api',
    namespace: 'sorting',
    developer: 'nils',
    canary: {
      soak: '2m',
      warmUp: '1m',
      longestWait: '30m',
      limits: { p95Milliseconds: 60_000, latencyPercentAboveBaseline: 1_000 },
      checks: [
        {
          title: 'Answers within 250 ms',
          part: `http_request_duration_seconds_bucket{${ofArm},le="0.25"}`,
          of: `http_request_duration_seconds_count{${ofArm}}`,
          atLeast: 95,
        },
      ],
    },
  },
  /** Measured: a version that is slow is found out. */
  slow: {
    name: 'parcel-vision',
    namespace: 'sorting',
    developer: 'mia',
    canary: { soak: '2m', warmUp: '1m', longestWait: '30m' },
  },
  /** Only time decides; the next version meets with people who write to Git in mid-run. */
  timed: {
    name: 'belt-control',
    namespace: 'sorting',
    developer: 'nils',
    canary: { soak: '20s', analysis: false },
  },
  /** Nothing goes on by itself while the story lasts. */
  held: {
    name: 'tracking-web',
    namespace: 'tracking',
    developer: 'nils',
    canary: { soak: '1h', analysis: false },
  },
} as const satisfies Readonly<Record<string, CanaryService>>;
