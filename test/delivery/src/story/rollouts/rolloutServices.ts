// SPDX-License-Identifier: Apache-2.0
import type { ServiceOfStory } from '../PromotedService';

/** A service of the story, with what its pipeline and its Rollout say. */
export interface RolloutService extends ServiceOfStory {
  /** What the pipeline document says of its canary. */
  readonly canary: Readonly<Record<string, unknown>>;
  /** The strategy of its Rollout. */
  readonly strategy: Readonly<Record<string, unknown>>;
}

/** What is told of each service; they live side by side in one cluster. */
export const rolloutServices = {
  /** Only time decides, then a person; a step that ends by itself is among them. */
  timed: {
    name: 'tracking-web',
    namespace: 'tracking',
    developer: 'nils',
    canary: { soak: '10s', analysis: false },
    strategy: {
      canary: {
        steps: [
          { setWeight: 25 },
          { pause: {} },
          { setWeight: 50 },
          { pause: { duration: '5s' } },
          { setWeight: 75 },
          { pause: {} },
        ],
      },
    },
  },
  /** Measured: a bad version is found out. */
  judged: {
    name: 'belt-control',
    namespace: 'sorting',
    developer: 'nils',
    canary: { soak: '10m', longestWait: '30m' },
    strategy: { canary: { steps: [{ setWeight: 25 }, { pause: {} }] } },
  },
  /** Switched as a whole. */
  switched: {
    name: 'parcel-vision',
    namespace: 'sorting',
    developer: 'mia',
    canary: { soak: '10s', promotion: 'manual' },
    strategy: {
      blueGreen: {
        activeService: 'parcel-vision',
        previewService: 'parcel-vision-preview',
        autoPromotionEnabled: false,
      },
    },
  },
} as const satisfies Readonly<Record<string, RolloutService>>;
