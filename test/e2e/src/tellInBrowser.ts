// SPDX-License-Identifier: Apache-2.0
import { tellTogether, type Tell } from '@causeway/test-delivery';
import { BrowserWorld } from './BrowserWorld';

/** Declares what people do in a world, step by step. */
export type BrowserStory = (world: () => BrowserWorld, tell: Tell) => void;

/**
 * Tells stories in one portal, because starting one takes as long as a story. What people saw when a step failed
 * is kept beside the pictures.
 *
 * @param begin - name, scenarios and other settings of the simulated world
 * @param strands - stories of one strand come one after the other; strands at the same time
 */
export function tellInBrowser(
  begin: Parameters<typeof BrowserWorld.start>,
  strands: readonly Readonly<Record<string, BrowserStory>>[],
): void {
  let world: BrowserWorld | undefined;

  beforeAll(async () => {
    world = await BrowserWorld.start(...begin);
  });

  afterAll(() => world?.stop());

  function begun(): BrowserWorld {
    if (!world) throw new Error('The world has not begun');
    return world;
  }

  function keepingFailures(tell: Tell): Tell {
    return (title, step) =>
      tell(title, async () => {
        try {
          await step();
        } catch (error) {
          await begun().keepWhatIsShown(`failed ${title}`);
          throw error;
        }
      });
  }

  tellTogether(
    strands.map(strand =>
      Object.fromEntries(
        Object.entries(strand).map(([title, story]) => [
          title,
          (tell: Tell) => story(begun, keepingFailures(tell)),
        ]),
      ),
    ),
  );
}
