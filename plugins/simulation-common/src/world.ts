// SPDX-License-Identifier: Apache-2.0
import type { ParametersSchema, ParameterValues } from './parameters';

/** What a scenario meddles with; the page lists them by it. */
export type ScenarioSubject =
  | 'release'
  | 'traffic'
  | 'device'
  | 'network'
  | 'cluster'
  | 'forge';

/** A scenario that can be started. */
export interface ScenarioDescription {
  /** Stable name, for example `cluster-outage`. */
  readonly name: string;
  readonly title: string;
  /** What happens, and what stopping restores, in a sentence or two. */
  readonly description: string;
  readonly subject: ScenarioSubject;
  readonly parameters: ParametersSchema;
}

/** What to start. */
export interface ScenarioRequest {
  readonly scenario: string;
  /** What is left out takes its default. */
  readonly parameters?: ParameterValues;
  /** After how many seconds of the world's clock it stops by itself; it runs until it is stopped when left out. */
  readonly seconds?: number;
  /** Entity ref of who asked for it. */
  readonly startedBy?: string;
}

/**
 * One run of a scenario. Instants are ISO 8601 in UTC by the world's clock.
 * `failed` means that it could not restore everything; `problem` says what.
 */
export interface ScenarioRun {
  readonly id: string;
  readonly scenario: string;
  readonly title: string;
  readonly parameters: ParameterValues;
  readonly state: 'running' | 'stopping' | 'ended' | 'failed';
  readonly startedBy?: string;
  readonly startedAt: string;
  /** When it stops by itself. */
  readonly endsAt?: string;
  readonly endedAt?: string;
  readonly problem?: string;
}

/** A cluster of the world and how its API server answers. */
export interface SimulatedClusterState {
  readonly name: string;
  /** `none`, or the kind of fault that holds. */
  readonly fault: string;
}

/** The simulated world at a glance. */
export interface SimulatedWorld {
  /** The world's clock, ISO 8601 in UTC. */
  readonly now: string;
  /** The same seed makes the same world. */
  readonly seed: number;
  readonly counts: {
    readonly clusters: number;
    readonly sites: number;
    readonly devices: number;
    readonly services: number;
    /** Scenarios that run now. */
    readonly runs: number;
  };
  readonly clusters: readonly SimulatedClusterState[];
}

/** Whether the person who asks may start and stop scenarios, and why not. */
export type SimulationControl =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: string };

/** The simulated world as the portal shows it to a person. */
export interface SimulationView extends SimulatedWorld {
  readonly control: SimulationControl;
}
