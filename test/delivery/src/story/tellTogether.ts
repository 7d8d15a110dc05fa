// SPDX-License-Identifier: Apache-2.0

/** Declares a step of a story, as `it` declares a test. */
export type Tell = (title: string, step: () => Promise<void>) => void;

/** Declares its steps in their order. */
export type Story = (tell: Tell) => void;

interface Step {
  readonly title: string;
  readonly run: () => Promise<void>;
}

/**
 * Tells stories at the same time, because most of their time is waiting. Those of one strand come one
 * after the other; strands must have nothing to do with each other. Each step is a test of its own, in
 * a block with the story's title. After a step that failed, the rest of its story is not told, because
 * it would only wait in vain.
 */
export function tellTogether(
  strands: readonly Readonly<Record<string, Story>>[],
): void {
  const chapters = strands.map(strand => Object.entries(strand).map(chapter));
  const outcomes = new Map<Step, Promise<void>>();

  // After what the stories themselves do before all tests.
  beforeAll(() => {
    for (const strand of chapters) {
      let before = Promise.resolve();
      for (const { steps } of strand) {
        before = begin(steps, before, outcomes).catch(() => undefined);
      }
    }
  });

  describe.each(chapters.flat())('$title', ({ steps }) => {
    it.each(steps)('$title', async step => {
      const outcome = outcomes.get(step);
      expect(outcome).toBeInstanceOf(Promise);
      await outcome;
    });
  });
}

/** Resolves when the last step is over, rejects when one has failed. */
function begin(
  steps: readonly Step[],
  after: Promise<void>,
  outcomes: Map<Step, Promise<void>>,
): Promise<void> {
  return steps.reduce((before, step) => {
    const outcome = before.then(step.run, cause => {
      throw new Error('Not told, because a step before it failed', { cause });
    });
    outcomes.set(step, outcome);
    return outcome;
  }, after);
}

function chapter([title, story]: readonly [string, Story]) {
  const steps: Step[] = [];
  story((name, run) => steps.push({ title: name, run }));
  return { title, steps };
}
