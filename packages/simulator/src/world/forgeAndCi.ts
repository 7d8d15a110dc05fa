// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Router } from 'express';
import { ContinuousIntegration } from '../ci/ContinuousIntegration';
import type { ReportTarget } from '../ci/Outbox';
import { ForgeOptions, RunningForge, startForge } from '../forge/startForge';
import type { ScenarioRunner } from '../scenarios/ScenarioRunner';
import { startScenarios } from '../scenarios/startScenarios';
import { Clock, Scheduler, systemScheduler } from '../time/Scheduler';
import { accounts, personRef } from './accounts';
import { controlRoutes } from './controlRoutes';
import { services } from './demo/services';
import { describeWorld } from './describeWorld';
import { seedForge } from './seedForge';

/** Settings of the demo forge. */
export interface DemoForgeOptions {
  /** Folder of the world. */
  readonly directory: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Password of every account. */
  readonly password: string;
  readonly clock: Clock;
  /** Who is told of pushes; nobody when left out. */
  readonly pushWebhook?: { readonly url: string; readonly secret: string };
  readonly simulation?: ForgeOptions['simulation'];
  readonly metrics?: ForgeOptions['metrics'];
  readonly log: (line: string) => void;
}

/** Starts the forge with the demo's accounts and repositories. */
export async function startDemoForge({
  directory,
  pushWebhook,
  ...options
}: DemoForgeOptions): Promise<RunningForge> {
  const forge = await startForge({
    ...options,
    directory: join(directory, 'forge'),
    accounts,
    systemHooks: pushWebhook ? [pushWebhook] : [],
  });
  try {
    await seedForge(forge, options.clock());
    return forge;
  } catch (error) {
    await forge.stop();
    throw error;
  }
}

/** Settings of the demo's CI. */
export interface DemoCiOptions {
  /** Folder of the world. */
  readonly directory: string;
  readonly scheduler: Scheduler;
  /** How long the jobs of a run take in all, in milliseconds. */
  readonly runDuration: number;
  /** Where CI reports releases; nowhere when left out. */
  readonly reports?: ReportTarget;
  readonly log: (line: string) => void;
}

/** Starts CI on a forge, which reports the releases that are there already. */
export async function startDemoCi(
  { forge, url }: RunningForge,
  { directory, ...options }: DemoCiOptions,
): Promise<ContinuousIntegration> {
  const ci = await ContinuousIntegration.start({
    ...options,
    forge,
    forgeUrl: url,
    directory: join(directory, 'ci'),
    people: personRef,
  });
  try {
    await ci.catchUp();
    return ci;
  } catch (error) {
    await ci.stop();
    throw error;
  }
}

/** Settings of a world without clusters of its own. */
export interface ForgeAndCiOptions {
  /** Everything that is kept goes below this folder. */
  readonly dataDirectory: string;
  /** Password of every account of the forge. */
  readonly forgePassword: string;
  /** Where CI reports releases. */
  readonly releaseReport: ReportTarget;
  /** Who is told of pushes. */
  readonly pushWebhook: { readonly url: string; readonly secret: string };
  /** How long the jobs of a CI run take in all, in milliseconds. Default 4,000. */
  readonly ciDuration?: number;
  /** Bearer token of the control API, which is not served when it is left out. */
  readonly controlToken?: string;
  readonly log: (line: string) => void;
}

/** A forge and its CI, on a free port. */
export interface ForgeAndCi {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Ends everything and resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** What the control API of a world without clusters looks at; filled while the world starts. */
interface Parts {
  forge?: RunningForge;
  ci?: ContinuousIntegration;
  scenarios?: ScenarioRunner;
}

function controlOf(token: string, scheduler: Scheduler, parts: Parts): Router {
  return controlRoutes({
    token,
    pending: () => (parts.ci ? undefined : ['The world is being made']),
    clusters: () => [],
    forgeFaults: () => parts.forge?.forge.faults,
    runs: () => parts.ci?.runs.list() ?? [],
    scenarios: () => parts.scenarios,
    describeWorld: () =>
      describeWorld({
        now: scheduler.now(),
        seed: 1,
        clusters: [],
        devices: [],
        services: services.length,
        runs: parts.scenarios?.runningCount ?? 0,
      }),
  });
}

/**
 * Starts the demo world's forge and CI alone, for clusters that are not
 * simulated. Its scenarios are those of the forge and of releases.
 */
export async function startForgeAndCi(
  options: ForgeAndCiOptions,
): Promise<ForgeAndCi> {
  const directory = join(options.dataDirectory, 'simulator');
  const scheduler = systemScheduler();
  const { log, controlToken } = options;
  const parts: Parts = {};
  const forge = await startDemoForge({
    directory,
    port: 0,
    password: options.forgePassword,
    clock: scheduler.now,
    pushWebhook: options.pushWebhook,
    simulation: controlToken
      ? controlOf(controlToken, scheduler, parts)
      : undefined,
    log,
  });
  parts.forge = forge;
  try {
    const ci = await startDemoCi(forge, {
      directory,
      scheduler,
      runDuration: options.ciDuration ?? 4_000,
      reports: options.releaseReport,
      log,
    });
    const scenarios = startScenarios({
      scheduler,
      seed: 1,
      clusters: [],
      forge: forge.forge,
      services: services.map(({ name }) => name),
      ci: ci.effects,
      log,
    });
    Object.assign(parts, { ci, scenarios });
    return {
      url: forge.url,
      async stop() {
        await scenarios.close();
        await ci.stop();
        scheduler.stop();
        await forge.stop();
      },
    };
  } catch (error) {
    await forge.stop();
    throw error;
  }
}
