// SPDX-License-Identifier: Apache-2.0
import {
  startSimulatedSurroundings,
  TestPortal,
  type SimulatedSurroundings,
} from '@causeway/test-delivery';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './launchBrowser';
import { hurryServices } from './quickServices';
import { picturesFolder, Visitor, type Screen } from './Visitor';

/** The whole product and a browser, started once for all stories. */
export class BrowserWorld {
  readonly surroundings: SimulatedSurroundings;
  readonly #portal: TestPortal;
  readonly #browser: Browser;

  static async start(
    ...scenarios: Parameters<typeof startSimulatedSurroundings>
  ): Promise<BrowserWorld> {
    const surroundings = await startSimulatedSurroundings(...scenarios);
    const portal = new TestPortal({
      ...surroundings,
      port: surroundings.portalPort,
    });
    try {
      await hurryServices(surroundings);
      await portal.start();
      return new BrowserWorld(surroundings, portal, await launchBrowser());
    } catch (error) {
      // Nobody else knows of them.
      await portal.stop();
      await surroundings.stop();
      throw error;
    }
  }

  private constructor(
    surroundings: SimulatedSurroundings,
    portal: TestPortal,
    browser: Browser,
  ) {
    this.surroundings = surroundings;
    this.#portal = portal;
    this.#browser = browser;
  }

  /** A person who has signed in, by first name. */
  async visitor(firstName: string, screen?: Screen): Promise<Visitor> {
    const visitor = await Visitor.arrive(
      this.#browser,
      this.#portal.url,
      screen,
    );
    await visitor.signInAs(firstName);
    return visitor;
  }

  /** Keeps what every visitor sees, as a picture and in words, under a name. */
  async keepWhatIsShown(name: string): Promise<void> {
    const folder = await picturesFolder();
    const pages = this.#browser.contexts().flatMap(context => context.pages());
    for (const [index, page] of pages.entries()) {
      const path = join(folder, `${name.replace(/\W+/g, '-')}-${index + 1}`);
      await page.screenshot({ path: `${path}.png`, fullPage: true });
      const words = await page.locator('body').ariaSnapshot();
      await writeFile(`${path}.txt`, `${page.url()}\n\n${words}\n`);
    }
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.#portal.stop();
    await this.surroundings.stop();
  }
}
