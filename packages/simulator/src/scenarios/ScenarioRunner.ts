// SPDX-License-Identifier: Apache-2.0
import {
  parseParameters,
  type ScenarioDescription,
  type ScenarioRequest,
  type ScenarioRun,
} from '@causeway/plugin-simulation-common';
import type { Cancel } from '../time/Scheduler';
import {
  Scenario,
  ScenarioRefusal,
  ScenarioWorld,
  StartedScenario,
} from './Scenario';

/** How many runs may be under way at once. */
const maximumRunning = 50;
/** How many ended runs are remembered. */
const maximumEnded = 50;
/** The longest time after which a run may stop by itself: a week. */
const maximumSeconds = 7 * 24 * 60 * 60;

/** A request whose parameters were not held against any schema yet. */
export type UncheckedRequest = Omit<ScenarioRequest, 'parameters'> & {
  readonly parameters?: unknown;
};

interface RunningScenario {
  run: ScenarioRun;
  readonly started: StartedScenario;
  cancelEnd: Cancel;
  stopping?: Promise<ScenarioRun>;
}

/**
 * Starts and stops scenarios. Any number run side by side; each takes back what
 * it changed and leaves what others hold. Times are the world's. Nothing is kept
 * over a restart of the world: a world that stops ends all runs first.
 */
export class ScenarioRunner {
  readonly #running = new Map<string, RunningScenario>();
  #ended: readonly ScenarioRun[] = [];
  #count = 0;
  #starting = 0;
  #closed = false;

  constructor(
    private readonly world: ScenarioWorld,
    private readonly scenarios: readonly Scenario[],
  ) {}

  /** The scenarios that this world has everything for. */
  catalogue(): readonly ScenarioDescription[] {
    return this.#possible().map(scenario => ({
      name: scenario.name,
      title: scenario.title,
      description: scenario.description,
      subject: scenario.subject,
      parameters: scenario.parameters(this.world),
    }));
  }

  /** Runs under way, newest first, then those that ended, last ended first. */
  runs(): readonly ScenarioRun[] {
    const running = [...this.#running.values()].map(({ run }) => run);
    return [...running.reverse(), ...this.#ended];
  }

  /** How many runs are under way. */
  get runningCount(): number {
    return this.#running.size;
  }

  /**
   * Starts a scenario and resolves when it has taken effect.
   *
   * @throws ScenarioRefusal when the request does not fit; nothing is changed then.
   */
  async start(request: UncheckedRequest): Promise<ScenarioRun> {
    const { scenario, parameters } = this.#check(request);
    this.#starting += 1;
    try {
      const started = await scenario.start(this.world, parameters);
      if (this.#closed) {
        await started.stop();
        throw ending();
      }
      return this.#follow(scenario, { ...request, parameters }, started);
    } finally {
      this.#starting -= 1;
    }
  }

  /** Stops a run and resolves when all is restored; undefined when there is no such run. One that has ended stays as it is. */
  async stop(id: string): Promise<ScenarioRun | undefined> {
    const running = this.#running.get(id);
    if (!running) return this.#ended.find(run => run.id === id);
    running.stopping ??= this.#end(running);
    return running.stopping;
  }

  /** Stops all runs, the last one first. */
  async stopAll(): Promise<readonly ScenarioRun[]> {
    const ids = [...this.#running.keys()].reverse();
    const stopped = await Promise.all(ids.map(id => this.stop(id)));
    return stopped.flatMap(run => run ?? []);
  }

  /** Stops all runs and starts none any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.stopAll();
  }

  #possible(): readonly Scenario[] {
    return this.scenarios.filter(scenario => scenario.isPossible(this.world));
  }

  #check({
    scenario: name,
    parameters: given = {},
    seconds,
  }: UncheckedRequest) {
    if (this.#closed) throw ending();
    const scenario = this.#possible().find(found => found.name === name);
    if (!scenario) {
      const known = this.#possible().map(found => found.name);
      throw new ScenarioRefusal(
        `There is no scenario ${name}; there are ${known.join(', ')}.`,
        404,
      );
    }
    if (seconds !== undefined && !(seconds >= 1 && seconds <= maximumSeconds)) {
      throw new ScenarioRefusal(
        `seconds must be from 1 to ${maximumSeconds} (a week), or left out to run until it is stopped.`,
        400,
      );
    }
    const parsed = parseParameters(scenario.parameters(this.world), given);
    if (parsed.kind === 'refused') {
      const sentences = parsed.problems.map(({ message }) => message);
      throw new ScenarioRefusal(sentences.join(' '), 400, parsed.problems);
    }
    if (this.#running.size + this.#starting >= maximumRunning) {
      throw new ScenarioRefusal(
        `${maximumRunning} scenarios run already. Stop one first.`,
        409,
      );
    }
    return { scenario, parameters: parsed.values };
  }

  #follow(
    { name, title }: Scenario,
    request: Pick<ScenarioRequest, 'seconds' | 'startedBy'> &
      Pick<ScenarioRun, 'parameters'>,
    started: StartedScenario,
  ): ScenarioRun {
    const { seconds, startedBy, parameters } = request;
    const now = this.world.scheduler.now().getTime();
    this.#count += 1;
    const id = String(this.#count);
    const running: RunningScenario = {
      run: {
        id,
        scenario: name,
        title,
        parameters,
        state: 'running',
        ...(startedBy !== undefined && { startedBy }),
        startedAt: new Date(now).toISOString(),
        ...(seconds !== undefined && {
          endsAt: new Date(now + seconds * 1_000).toISOString(),
        }),
      },
      started,
      cancelEnd: () => undefined,
    };
    this.#running.set(id, running);
    if (seconds !== undefined) {
      running.cancelEnd = this.world.scheduler.after(seconds * 1_000, () => {
        // Never rejects: a run that could not restore everything says so itself.
        this.stop(id);
      });
    }
    return running.run;
  }

  async #end(running: RunningScenario): Promise<ScenarioRun> {
    running.cancelEnd();
    running.run = { ...running.run, state: 'stopping' };
    const problem = await this.#problemOfStopping(running);
    const run: ScenarioRun = {
      ...running.run,
      state: problem ? 'failed' : 'ended',
      endedAt: this.world.scheduler.now().toISOString(),
      ...(problem && { problem }),
    };
    this.#running.delete(run.id);
    this.#ended = [run, ...this.#ended].slice(0, maximumEnded);
    return run;
  }

  async #problemOfStopping({
    run,
    started,
  }: RunningScenario): Promise<string | undefined> {
    try {
      await started.stop();
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.world.log(`scenario ${run.scenario} (${run.id}): ${reason}`);
      return `Not everything could be restored: ${reason}`;
    }
  }
}

function ending(): ScenarioRefusal {
  return new ScenarioRefusal('The world is ending.', 503);
}
