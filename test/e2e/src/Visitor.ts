// SPDX-License-Identifier: Apache-2.0
import type { AxeResults, RunOptions } from 'axe-core';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { repository } from '@causeway/test-delivery';

const PICTURES = join(repository, 'test-results', 'pictures');

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Where pictures are kept for people to look at. */
export async function picturesFolder(): Promise<string> {
  await mkdir(PICTURES, { recursive: true });
  return PICTURES;
}

/** How long deployments and canaries may take on a busy machine, in milliseconds. */
export const LONG = 300_000;

const MOST_TABS = 100;
/** How often something is pressed that shows nothing, and how long each time is waited for it, in milliseconds. */
const MOST_PRESSES = 6;
const PRESS_PATIENCE = 20_000;
/** How often a page is looked at that has accessibility problems, and the time between, in milliseconds. */
const MOST_LOOKS = 4;
const PAUSE = 500;

/** How a visitor's screen looks. */
export interface Screen {
  readonly width: number;
  readonly height: number;
  readonly theme: 'light' | 'dark';
}

export const desktop: Screen = { width: 1440, height: 1000, theme: 'light' };
export const phone: Screen = { width: 390, height: 844, theme: 'dark' };

/** A person with a browser of their own, who uses the portal by its words and roles. */
export class Visitor {
  readonly page: Page;
  /** What the pages complained about in the console. */
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;
  readonly #portal: string;

  static async arrive(
    browser: Browser,
    portal: string,
    screen: Screen = desktop,
  ): Promise<Visitor> {
    const context = await browser.newContext({
      viewport: { width: screen.width, height: screen.height },
      colorScheme: screen.theme,
      // Nobody looks at what moves, and drawing it takes time from everybody.
      reducedMotion: 'reduce',
    });
    // The portal's own setting wins over the system's, so it is set the same way.
    await context.addInitScript(
      theme => window.localStorage.setItem('theme', theme),
      screen.theme,
    );
    return new Visitor(await context.newPage(), context, portal);
  }

  private constructor(page: Page, context: BrowserContext, portal: string) {
    this.page = page;
    this.#context = context;
    this.#portal = portal;
    page.setDefaultTimeout(LONG);
    page.on('pageerror', error => this.complaints.push(error.message));
  }

  /** Chooses a demo user on the sign-in page, as a person does. */
  async signInAs(firstName: string): Promise<void> {
    await this.page.goto(this.#portal);
    await this.page
      .getByRole('button', { name: `Sign in as ${firstName}` })
      .click();
    await this.page.getByRole('link', { name: 'parcel-vision' }).waitFor();
  }

  async open(path: string): Promise<void> {
    await this.page.goto(`${this.#portal}${path}`);
  }

  async openPipeline(service: string): Promise<void> {
    await this.open(`/catalog/default/component/${service}/pipeline`);
    await this.stage('Cloud production').waitFor();
  }

  /** The card of a stage in the rail. */
  stage(title: string): Locator {
    return this.page
      .getByRole('list', { name: 'Pipeline stages' })
      .getByRole('listitem', { name: title });
  }

  /** Waits until a stage shows a text, a version for example. */
  async seesIn(stage: string, text: string): Promise<void> {
    await this.stage(stage)
      .getByText(text, { exact: true })
      .first()
      .waitFor({ timeout: LONG });
  }

  /** Waits until a stage has nothing left to do and nothing to complain about. */
  async seesWell(stage: string): Promise<void> {
    await this.stage(stage)
      .getByText(/^(Healthy|Rolled back)$/)
      .first()
      .waitFor({ timeout: LONG });
  }

  /** Asks for a version in a stage of the pipeline that is open, and waits until that is recorded. */
  async promote(stage: string, version: string, reason: string): Promise<void> {
    await this.openDialog(
      this.stage(stage).getByRole('button', { name: `Promote ${version}…` }),
    );
    await this.dialog.getByRole('textbox').fill(reason);
    await this.confirmPromotion(version);
  }

  /** Lets a version of a service in that waits for this person, from the list of all that waits. */
  async approve(service: string, version: string): Promise<void> {
    await this.openReview(service, version);
    await this.confirmApproval(version);
  }

  /** Opens what waits for this person, from the list of all that waits, and waits until it may be decided. */
  async openReview(service: string, version: string): Promise<void> {
    await this.open('/delivery');
    const name = `Review ${version} of ${service}`;
    await this.openDialog(
      this.page
        .getByRole('link', { name })
        .or(this.page.getByRole('button', { name })),
    );
    await this.dialog
      .getByRole('button', { name: `Approve ${version}`, disabled: false })
      .waitFor();
  }

  /**
   * Presses something until that has its effect. A page that gets news in the middle of a press moves under the
   * pointer, and nothing is pressed then; people press again.
   *
   * @param effect - resolves when it is there, and rejects when the time for that is over
   */
  async press(
    button: Locator,
    effect: (limit: { readonly timeout: number }) => Promise<unknown>,
  ): Promise<void> {
    await button.click({ timeout: LONG });
    for (let presses = 1; presses < MOST_PRESSES; presses++) {
      const isThere = await effect({ timeout: PRESS_PATIENCE }).then(
        () => true,
        () => false,
      );
      if (isThere) return;
      await button.click({ timeout: PRESS_PATIENCE }).catch(() => undefined);
    }
    await effect({ timeout: LONG });
  }

  /** Presses what opens a dialog. */
  openDialog(button: Locator): Promise<void> {
    return this.press(button, limit => this.dialog.first().waitFor(limit));
  }

  /** Presses the button of the dialog that does what it is for, which closes it. */
  confirm(name: string): Promise<void> {
    return this.press(
      this.dialog.getByRole('button', { name, exact: true }),
      limit => this.dialog.waitFor({ ...limit, state: 'detached' }),
    );
  }

  /** Presses the button of the dialog that asks for a promotion, which leads to that. */
  confirmPromotion(version: string): Promise<void> {
    return this.press(
      this.dialog.getByRole('button', {
        name: `Promote ${version}`,
        exact: true,
      }),
      limit => this.page.waitForURL(/[?&]promotion=/, limit),
    );
  }

  /** Presses the button of the dialog that approves a version, until that is told there. */
  confirmApproval(version: string): Promise<void> {
    return this.press(
      this.dialog.getByRole('button', {
        name: `Approve ${version}`,
        disabled: false,
      }),
      limit =>
        this.dialog
          .getByText(/approved by/)
          .first()
          .waitFor(limit),
    );
  }

  /** Moves the focus with the Tab key alone until something has it. */
  async tabTo(wanted: Locator): Promise<void> {
    for (let presses = 0; presses < MOST_TABS; presses++) {
      if (await wanted.evaluate(element => element === document.activeElement))
        return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`${wanted} is not reached with ${MOST_TABS} tabs`);
  }

  /** The dialog that is open. */
  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  /**
   * Accessibility problems of WCAG 2.2 A and AA in what is shown, in words. A page that is about to change may
   * have one for a moment; what stays is a problem.
   *
   * @param besides - selectors of what others answer for
   */
  async accessibilityProblems(
    besides: readonly string[] = [],
  ): Promise<string[]> {
    let problems = await this.#problemsNow(besides);
    for (let looks = 1; problems.length > 0 && looks < MOST_LOOKS; looks++) {
      await this.page.waitForTimeout(PAUSE);
      problems = await this.#problemsNow(besides);
    }
    return problems;
  }

  async #problemsNow(besides: readonly string[]): Promise<string[]> {
    // A colour on its way from one to another is neither of them.
    await this.page.evaluate(() =>
      Promise.allSettled(
        document
          .getAnimations()
          .filter(animation => animation instanceof CSSTransition)
          .map(animation => animation.finished),
      ),
    );
    // Evaluated rather than added as a script, which the portal's content policy refuses.
    await this.page.evaluate(
      await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'),
    );
    const { violations } = await this.page.evaluate(
      ({ exclude, options }) =>
        (
          window as unknown as {
            axe: {
              run(context: object, options: RunOptions): Promise<AxeResults>;
            };
          }
        ).axe.run({ exclude }, options),
      {
        // What react-aria has announced stays for a while, named by what may have left the page.
        exclude: ['[data-live-announcer]', ...besides],
        options: { runOnly: WCAG },
      },
    );
    return violations.map(
      ({ id, help, nodes }) =>
        `${id}: ${help} (${nodes
          .slice(0, 3)
          .map(node => node.target.join(' '))
          .join('; ')})`,
    );
  }

  /** Keeps a picture of what is shown, for people to look at. */
  async picture(name: string): Promise<void> {
    await this.page.screenshot({
      path: join(await picturesFolder(), `${name}.png`),
      fullPage: true,
    });
  }

  leave(): Promise<void> {
    return this.#context.close();
  }
}
