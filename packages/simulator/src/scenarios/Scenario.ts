// SPDX-License-Identifier: Apache-2.0
import type {
  ParametersSchema,
  ParameterValues,
  ScenarioDescription,
} from '@causeway/plugin-simulation-common';
import type { Faults } from '../apiserver';
import type { CiEffects } from '../ci/CiEffects';
import type { EffectLog } from '../devices/EffectLog';
import type { Forge } from '../forge/Forge';
import type { ForgeFault } from '../forge/faults';
import type { TrafficEffects } from '../metrics/traffic/effects';
import type { Scheduler } from '../time/Scheduler';
import type { SharedSetting } from './SharedSetting';

/** What scenarios need to know of a device. */
export interface ScenarioDevice {
  readonly name: string;
  readonly site: string;
  readonly hardware: string;
}

/** The devices of a world and the way to trouble them. Effects that overlap add up; ending one leaves the others. */
export interface ScenarioDevices {
  readonly all: readonly ScenarioDevice[];
  readonly effects: Pick<EffectLog, 'begin'>;
}

/** A cluster as scenarios see it. */
export interface ScenarioCluster {
  readonly name: string;
  /** What is wrong with its API server on demand; several faults hold at once. */
  readonly faults: Pick<Faults, 'add' | 'remove'>;
}

/** A service of the demo company. */
export interface ScenarioService {
  readonly name: string;
  /** What the file VERSION of its repository holds; undefined when there is none. */
  readonly version: SharedSetting<string | undefined>;
}

/**
 * The parts of a world that scenarios may meddle with. They meddle only through
 * what can be held by several at once: shared settings, and faults and effects
 * that add up.
 */
export interface ScenarioWorld {
  readonly scheduler: Scheduler;
  readonly seed: number;
  readonly clusters: readonly ScenarioCluster[];
  readonly services: readonly ScenarioService[];
  readonly forge: {
    readonly forge: Forge;
    readonly fault: SharedSetting<ForgeFault>;
  };
  /** Left out where no devices are simulated; their scenarios are then not offered. */
  readonly devices?: ScenarioDevices;
  /** Left out where no traffic is simulated; its scenarios are then not offered. */
  readonly traffic?: Pick<TrafficEffects, 'begin'>;
  /** Left out where no images are pulled. */
  readonly registry?: { begin(): { end(): void } };
  /** Left out where no CI is simulated; its scenarios are then not offered. */
  readonly ci?: Pick<CiEffects, 'begin'>;
  readonly log: (line: string) => void;
}

/** Something that has begun. */
export interface StartedScenario {
  /** Takes back what was changed and nothing else. Called once. */
  stop(): Promise<void>;
}

/**
 * A scenario. `start` may assume that the parameters fit `parameters(world)`.
 * It either starts, or changes nothing and throws: a {@link ScenarioRefusal} when
 * the one who asked can do better.
 */
export interface Scenario extends Omit<ScenarioDescription, 'parameters'> {
  /** Whether the world has what it needs. */
  isPossible(world: ScenarioWorld): boolean;
  parameters(world: ScenarioWorld): ParametersSchema;
  start(
    world: ScenarioWorld,
    parameters: ParameterValues,
  ): Promise<StartedScenario>;
}

/** Why a scenario was not started, in a sentence for the one who asked. */
export class ScenarioRefusal extends Error {
  constructor(
    message: string,
    /** HTTP status that says the same. */
    readonly status: 400 | 404 | 409 | 503,
    /** One sentence for each parameter that does not fit. */
    readonly problems: readonly {
      readonly parameter: string;
      readonly message: string;
    }[] = [],
  ) {
    super(message);
    this.name = 'ScenarioRefusal';
  }
}
