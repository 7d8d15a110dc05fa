// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Promotion } from '@causeway/plugin-delivery-common';
import type { Actors } from '../audit/Actors';
import type { Clock } from '../Clock';
import type { Clusters } from '../clusters/Clusters';
import type { DeviceFleet } from '../fleet/DeviceFleet';
import type { FleetRepositories } from '../gitops/FleetRepositories';
import type { PromotionEngine } from '../promotions/createPromotionEngine';
import { OverlayCommits } from './OverlayCommits';
import type { ConfiguredProbes } from './probes/readProbeConfig';
import type { ActOn } from './replacePods';
import { TemplateCommits } from './TemplateCommits';
import { WaveRunner } from './WaveRunner';
import type { WaveStep } from './WaveSteps';
import { WaveViews } from './WaveViews';

/** Waves over devices: who moves them, and what people see of them. */
export interface Waves {
  readonly views: WaveViews;
  start(): void;
  stop(): Promise<void>;
}

/** Wires waves; nothing runs before `start`, and nothing at all where no devices are followed. */
export function createWaves(parts: {
  readonly engine: Pick<PromotionEngine, 'store' | 'waves' | 'wake'>;
  readonly clusters: Clusters;
  readonly devices?: DeviceFleet;
  readonly fleet: FleetRepositories;
  readonly actors: Actors;
  readonly actOn?: ActOn;
  /** What the Jobs of health checks run. */
  readonly probes: ConfiguredProbes;
  readonly clock: Clock;
  readonly logger: LoggerService;
  /** Pages are to be told of a change. */
  readonly changed: (promotion: Promotion) => void;
  readonly onWaveStep?: (step: WaveStep) => Promise<void> | void;
  /** See {@link WaveRunner}. */
  readonly longestGap?: number;
}): Waves {
  const { engine, devices, actOn } = parts;
  const views = new WaveViews({
    waves: engine.waves,
    clock: parts.clock,
    ...(devices && { fleet: devices }),
  });
  const runner =
    devices &&
    actOn &&
    new WaveRunner({
      ...parts,
      waves: engine.waves,
      promotions: engine.store,
      commits: new TemplateCommits(parts),
      overlays: new OverlayCommits(parts),
      fleet: devices,
      actOn,
      onStep: parts.onWaveStep,
      changed: (_, promotion) => {
        for (const { cluster } of promotion.declaration.targets)
          engine.wake({ on: 'cluster', cluster });
        parts.changed(promotion);
      },
    });
  return {
    views,
    start: () => runner?.start(),
    stop: async () => runner?.stop(),
  };
}
