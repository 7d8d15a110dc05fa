// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type { ForgeFault } from '../forge/faults';
import { BranchMovedError } from '../git/importCommits';
import { commitAs } from './commitAs';
import { Scenario, ScenarioWorld, StartedScenario } from './Scenario';
import { parametersOf } from './schemas';

const fleet = 'norden/fleet';
const notes = 'NOTES.md';

/** Scenarios in which Git is in the way. */
export const forgeScenarios: readonly Scenario[] = [
  {
    name: 'forge-down',
    title: 'Forge down',
    description:
      'The forge cuts every connection: no fetch, no push, no web page. It is back when it stops.',
    subject: 'forge',
    isPossible: () => true,
    parameters: () => parametersOf({}),
    start: world => hold(world, { kind: 'down' }),
  },
  {
    name: 'pushes-refused',
    title: 'Pushes refused',
    description:
      'The forge refuses every push and every commit by its API, as when a hook is broken. It accepts them again when it stops.',
    subject: 'forge',
    isPossible: () => true,
    parameters: () => parametersOf({}),
    start: world => hold(world, { kind: 'refusePush' }),
  },
  {
    name: 'git-conflict',
    title: 'Git conflicts',
    description:
      'Ines keeps committing notes to the fleet repository, so that the portal often finds that its branch has moved. When it stops, a last commit takes her notes back.',
    subject: 'forge',
    isPossible: ({ forge }) => forge.forge.repository(fleet) !== undefined,
    parameters: () =>
      parametersOf({
        seconds: {
          type: 'number',
          title: 'A commit every',
          minimum: 0.2,
          maximum: 3_600,
          default: 2,
          unit: 's',
        },
      }),
    start: async (world, { seconds }) =>
      keepCommitting(world, Number(seconds) * 1_000),
  },
];

async function hold(
  { forge }: ScenarioWorld,
  fault: ForgeFault,
): Promise<StartedScenario> {
  const held = await forge.fault.hold(() => fault);
  return { stop: () => held.release() };
}

/** Every run writes its own line, and takes only that one back. */
function keepCommitting(world: ScenarioWorld, pause: number): StartedScenario {
  const { scheduler } = world;
  const mark = `Belt inspection ${randomUUID().slice(0, 8)}`;
  const ending = new AbortController();
  let count = 0;
  const write = (line: string | undefined) =>
    commitAs(world.forge.forge, {
      repository: fleet,
      login: 'ines',
      message: line ? 'Take a note [skip ci]' : 'Remove the notes [skip ci]',
      path: notes,
      edit: content => withLine(content, mark, line),
    });
  const work = async () => {
    while (!ending.signal.aborted) {
      count += 1;
      try {
        await write(`${mark}: ${count}`);
      } catch (error) {
        // Somebody else was faster, which is what this is all about.
        if (!(error instanceof BranchMovedError)) throw error;
      }
      await scheduler.sleep(pause, ending.signal);
    }
  };
  const working = work().catch(error => error);
  return {
    async stop() {
      ending.abort();
      const problem = await working;
      await write(undefined);
      if (problem instanceof Error) throw problem;
    },
  };
}

/** The file with the line that starts with the mark replaced, or without it; undefined when nothing is left. */
function withLine(
  content: string | undefined,
  mark: string,
  line: string | undefined,
): string | undefined {
  const others = (content ?? '')
    .split('\n')
    .filter(other => other && !other.startsWith(mark));
  const lines = line ? [...others, line] : others;
  return lines.length > 0 ? `${lines.join('\n')}\n` : undefined;
}
