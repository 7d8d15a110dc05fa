// SPDX-License-Identifier: Apache-2.0
import { FluxScenario } from './FluxScenario';
import { scenarios } from './fluxScenarios';
import { FluxStage, FluxStageOptions } from './FluxStage';
import { recorded, State } from './fluxStates';

/** What an object went through, here and in the recording. */
export interface FluxComparison {
  readonly seen: readonly State[];
  readonly recorded: readonly State[];
}

/** Plays scenarios side by side and holds what happened against the recordings. */
export class FluxReplay {
  private constructor(
    private readonly stage: FluxStage,
    private readonly played: ReadonlyMap<string, Promise<void>>,
  ) {}

  /** Begins the scenarios with these names. */
  static async start(
    options: FluxStageOptions,
    names: readonly string[],
  ): Promise<FluxReplay> {
    const stage = await FluxStage.start(options);
    const chosen = scenarios.filter(({ name }) => names.includes(name));
    const played = new Map(
      chosen.map(({ name, run }) => [name, run(stage.stepsOf(name))] as const),
    );
    // Each is awaited by its own test.
    for (const promise of played.values()) promise.catch(() => undefined);
    return new FluxReplay(stage, played);
  }

  /** The states of every object of a scenario, when it has ended. */
  async compare(
    scenario: FluxScenario,
  ): Promise<Readonly<Record<string, FluxComparison>>> {
    const { name, objects, repeats = [], endsEarly } = scenario;
    await this.played.get(name);
    const compared = objects.map(async object => {
      const [kind, of] = object;
      const repeated = repeats.includes(kind);
      const real = await recorded(`flux-${name}.jsonl`, kind, of);
      const all = this.stage.statesOf(name, kind, of);
      const seen = endsEarly ? all.slice(0, real.length) : all;
      const comparison = repeated
        ? { seen: onceEach(seen), recorded: onceEach(real) }
        : { seen, recorded: real };
      return [`${kind}/${of}`, comparison] as const;
    });
    return Object.fromEntries(await Promise.all(compared));
  }

  stop(): Promise<void> {
    return this.stage.stop();
  }
}

/** Every state where it appears first. */
function onceEach(states: readonly State[]): readonly State[] {
  const texts = new Set(states.map(state => JSON.stringify(state)));
  return [...texts].map(text => JSON.parse(text));
}
