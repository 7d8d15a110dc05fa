// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Scenario, scenarios } from './flaggerScenarios';
import { FlaggerStage, StageOptions } from './FlaggerStage';
import { FlaggerHistory, FlaggerRow, historyOf } from './FlaggerWitness';
import { recordings } from './recordings';

/** Plays scenarios side by side and holds what happened against the recordings. */
export class FlaggerReplay {
  private constructor(
    private readonly stage: FlaggerStage,
    private readonly played: ReadonlyMap<string, Promise<void>>,
  ) {}

  /** Begins the scenarios with these names; all when left out. */
  static async start(
    options: StageOptions = {},
    names: readonly string[] = scenarios.map(({ name }) => name),
  ): Promise<FlaggerReplay> {
    const stage = await FlaggerStage.start(options);
    const chosen = scenarios.filter(({ name }) => names.includes(name));
    const play = ({ name, run, ...settings }: Scenario) =>
      [name, stage.play(name, settings, run)] as const;
    const played = new Map(chosen.map(play));
    // Each is awaited by its own test.
    for (const promise of played.values()) promise.catch(() => undefined);
    return new FlaggerReplay(stage, played);
  }

  /** What happened in a scenario, when it has ended, and what was recorded. */
  async compare(name: string): Promise<{
    readonly seen: FlaggerHistory;
    readonly recorded: FlaggerHistory;
  }> {
    await this.played.get(name);
    return {
      seen: historyOf(this.stage.witness.rows(name)),
      recorded: historyOf(await recording(name)),
    };
  }

  stop(): Promise<void> {
    return this.stage.stop();
  }
}

async function recording(name: string): Promise<readonly FlaggerRow[]> {
  const file = join(recordings, `flagger-${name}.jsonl`);
  const text = await readFile(file, 'utf8');
  return text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
}
