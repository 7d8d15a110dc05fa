// SPDX-License-Identifier: Apache-2.0
import type { CanaryStrategy } from '../../pipeline/pipeline';
import type { Milliseconds } from '../../time';

/** How an engine gives a new version its traffic. */
export type TrafficStrategy = 'canary' | 'abTest' | 'blueGreen' | 'mirror';

/** What an engine waits for from outside. */
export type CanaryGateName = 'rollout' | 'trafficIncrease' | 'promotion';

/**
 * How far an engine has come with the newest version it took up:
 * - `initializing`: the engine sets itself up; nothing was compared.
 * - `idle`: all traffic is on the stable version.
 * - `waiting`: a new version waits to be started.
 * - `progressing`: the new version gets traffic step by step.
 * - `waitingPromotion`: all steps are done and somebody must let it pass.
 * - `promoting`: the stable version is being replaced.
 * - `finalising`: traffic goes back to the stable version, which is new now.
 * - `failed`: the new version was given up.
 * - `terminating`: the engine is being taken away.
 */
export type CanaryPhase =
  | 'initializing'
  | 'idle'
  | 'waiting'
  | 'progressing'
  | 'waitingPromotion'
  | 'promoting'
  | 'finalising'
  | 'failed'
  | 'terminating';

/**
 * How a run ended:
 * - `promoted`: every step was taken.
 * - `fastPromoted`: the new version became stable without comparison.
 * - `rolledBack`: all traffic went back to the stable version.
 * - `promotionFailed`: the traffic is still on the new version, but it did not become stable.
 * - `neverRan`: the engine was set up with this version, so nothing was compared.
 */
export type CanaryEnd =
  | 'promoted'
  | 'fastPromoted'
  | 'rolledBack'
  | 'promotionFailed'
  | 'neverRan';

/** What people call an engine. One that a module brought goes by the name that it gave itself. */
export function engineTitle(engine: string): string {
  switch (engine) {
    case 'flagger':
      return 'Flagger';
    case 'argoRollouts':
      return 'Argo Rollouts';
    default:
      return engine;
  }
}

/** How a check of an engine's own stands. */
export type EngineCheckState =
  | 'running'
  | 'passed'
  | 'failed'
  | 'inconclusive'
  | 'error';

/** Something that an engine measures by itself, such as an AnalysisRun, with its metrics. */
export interface EngineCheck {
  readonly name: string;
  readonly state: EngineCheckState;
  readonly message?: string;
  /** Empty where only the outcome is known. */
  readonly metrics: readonly EngineMetric[];
}

/** One metric of a check. */
export interface EngineMetric {
  readonly name: string;
  readonly state: EngineCheckState;
  readonly message?: string;
  /** What was measured last, as the engine wrote it. */
  readonly value?: string;
  /** How often it was measured, by what came of it. */
  readonly passed: number;
  readonly failed: number;
  readonly inconclusive: number;
  readonly errors: number;
  /** It is measured, but decides nothing. */
  readonly dryRun: boolean;
}

/** What an engine in a cluster shows of a progressive rollout; the same words for every engine. */
export interface CanaryRun {
  /** `flagger`, `argoRollouts`, or what a module calls its own; {@link engineTitle} is for people. */
  readonly engine: string;
  readonly namespace: string;
  readonly name: string;
  readonly strategy: TrafficStrategy;
  readonly phase: CanaryPhase;
  /** The engine was told to do nothing; weights stay as they are. */
  readonly suspended: boolean;
  /** Weights of the steps in percent; empty where traffic is not split. */
  readonly steps: readonly number[];
  /** Share of the traffic that the new version really gets, in percent. */
  readonly weight: number;
  /** Repetitions of the checks, where they are counted instead of steps. */
  readonly iterations?: { readonly done: number; readonly of: number };
  /** Undefined where the engine does not count them. */
  readonly checks?: { readonly failed: number; readonly allowed: number };
  /** Between two looks of the engine; 0 where it acts on changes. */
  readonly interval: Milliseconds;
  /** Set where the engine itself says what it waits for. */
  readonly waitingFor?: CanaryGateName;
  /** How the last run ended, while none is under way. */
  readonly end?: CanaryEnd;
  /** The next version becomes stable without comparison. */
  readonly skipsAnalysis: boolean;
  /** Questions that the engine asks the portal; without them and orders the portal can only watch. */
  readonly asks: readonly CanaryHook[];
  /** It does not ask; the portal tells it what to do. */
  readonly takesOrders?: true;
  /** Names the pause that it stands at, with the version and the place in its plan. */
  readonly pause?: string;
  /** What the engine measures by itself of the run under way. */
  readonly measures?: readonly EngineCheck[];
  /** Names of the workloads whose pods are the two versions; left out where Flagger's names hold. */
  readonly arms?: { readonly canary: string; readonly baseline: string };
  /** Images that the workload declares, wherever the traffic is. */
  readonly declared: readonly string[];
  /** Images of the stable version, which serves what the canary does not; undefined while there is none. */
  readonly stable?: readonly string[];
  /** What the engine says, in its own words. */
  readonly message?: string;
  /** Names the version that the engine took up last, in its own way; changes with each. */
  readonly revision?: string;
  /**
   * The engine has not taken up the newest spec: all but `declared` is about the one before, so
   * nothing is known of how it ends.
   */
  readonly behind?: true;
  /** Why the engine can not go on by itself, in its own words. */
  readonly stuck?: string;
}

/** The questions and messages of an engine. */
export type CanaryHook =
  | 'confirm-rollout'
  | 'confirm-traffic-increase'
  | 'confirm-promotion'
  | 'rollback'
  | 'event';

/** A run of the engine is under way, or about to be. */
export function isRunning(run: CanaryRun): boolean {
  return [
    'waiting',
    'progressing',
    'waitingPromotion',
    'promoting',
    'finalising',
  ].includes(run.phase);
}

/** The rollback gate still reaches the engine: earlier nothing was started, later nothing can be taken back. */
export function canBeTakenBack(run: CanaryRun): boolean {
  return run.phase === 'progressing' || run.phase === 'waitingPromotion';
}

/**
 * The portal decides how the run goes on. Engines that ask want that; of one that waits by itself, as
 * Argo Rollouts at a pause, the pipeline must say so, because people may be used to letting it go on.
 */
export function isJudged(
  run: Pick<CanaryRun, 'takesOrders'>,
  { strategy }: { readonly strategy?: CanaryStrategy },
): boolean {
  return !run.takesOrders || strategy !== undefined;
}

/** Users meet both versions at once, so that what they meet can be compared. */
export function isCompared(run: Pick<CanaryRun, 'strategy'>): boolean {
  return run.strategy !== 'blueGreen';
}

/** The index of the step in force; undefined before the first and where traffic is not split. */
export function stepInForce(
  run: Pick<CanaryRun, 'steps' | 'weight'>,
): number | undefined {
  const index = run.steps.findIndex(weight => weight === run.weight);
  return index < 0 ? undefined : index;
}
