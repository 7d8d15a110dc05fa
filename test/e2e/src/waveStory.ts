// SPDX-License-Identifier: Apache-2.0
import type { Tell } from '@causeway/test-delivery';
import type { Locator } from 'playwright-core';
import type { BrowserWorld } from './BrowserWorld';
import { startScenario, stopScenario } from './scenarios';
import { desktop, LONG, phone, type Visitor } from './Visitor';

const SERVICE = 'belt-control';
const VERSION = '5.6.0';
const STAGE = 'Edge production';
const CLUSTER = 'edge-production';

/** Three devices each. */
const AWAY = ['gdansk', 'vienna'];
/** They catch up; the sixth has a weak supply, and may have to wait for that. */
const BACK = [
  'gdansk-jetson-01',
  'gdansk-pi-01',
  'vienna-jetson-01',
  'vienna-pi-01',
  'vienna-pi-02',
];
/** Its Jetsons are too hot from the beginning, and its fourth device must wait for them. */
const HOT = 'hamburg';

/** A release on its way to sixty devices: six are away, four cannot be changed, and one turns out to be bad. */
export function waveStory(world: () => BrowserWorld, tell: Tell): void {
  let ines: Visitor;
  let path: string;

  tell('begins after Ines saw who goes when and who gets nothing', async () => {
    ines = await world().visitor('Ines');
    const { page, dialog } = ines;
    for (const site of AWAY)
      await startScenario(ines, 'Site outage', { choose: { Site: site } });
    await ines.open(`/fleet?cluster=${CLUSTER}`);
    await page.getByRole('button', { name: /^6 (Stale|Away)$/ }).waitFor();
    await ines.open(`/fleet/sites/${CLUSTER}/${HOT}`);
    await page.getByRole('row').filter({ hasText: 'Failing' }).nth(2).waitFor();
    await ines.openPipeline(SERVICE);
    await ines.openDialog(
      ines.stage(STAGE).getByRole('button', { name: `Promote ${VERSION}…` }),
    );
    await dialog
      .getByText(
        /^[23] of [23] devices in edge-staging are healthy with 5\.6\.0/,
      )
      .waitFor();
    await dialog.getByText(/^50 of 60 devices, in \d batches$/).waitFor();
    await dialog.getByText(/^It grows on evidence/).click();
    await dialog.getByText('10 get nothing as they are now').click();
    for (const reason of [
      'gdansk-pi-01: It is away',
      `${HOT}-jetson-01: It cannot be changed now: it has`,
      `${HOT}-pi-01: Its site has no room`,
    ])
      await dialog.getByText(new RegExp(`^${reason}`)).waitFor();
    await dialog.getByRole('textbox').fill('Light curtains on both sides');
    await ines.picture('wave-preview');
    expect(await ines.accessibilityProblems()).toEqual([]);
    await ines.confirmPromotion(VERSION);
  });

  tell('fills its batches, and lists who is beside the plan', async () => {
    const { page } = ines;
    await ines.openPipeline(SERVICE);
    await page
      .getByRole('link', { name: `Show the wave of ${VERSION}` })
      .click();
    await page.waitForURL(/\/fleet\/waves\//);
    path = new URL(page.url()).pathname;
    await page
      .getByRole('heading', { name: `Wave: ${SERVICE} ${VERSION}` })
      .waitFor();
    await tiles(ines, 'soaking').first().waitFor();
    await ines.picture('wave-begins');
    expect(await ines.accessibilityProblems()).toEqual([]);
    await awayOf(ines).nth(5).waitFor();
    expect(await awayOf(ines).count()).toBe(6);
    await besideOf(ines, `${HOT}-jetson-01`)
      .getByText(/It cannot be changed now/)
      .waitFor();
    await tiles(ines, 'proven').nth(9).waitFor();
  });

  tell('is paused by Ines, and not by Lena, who may only look', async () => {
    const { page, dialog } = ines;
    const paused = /It waits: A parcel jam in Milan\./;
    await ines.openDialog(page.getByRole('button', { name: 'Pause…' }));
    await dialog.getByText(/No further device gets the release/).waitFor();
    await dialog.getByRole('textbox').fill('A parcel jam in Milan');
    await ines.confirm('Pause');
    await page.getByText(paused).waitFor();
    expect(await awayOf(ines).count()).toBe(6);

    const lena = await world().visitor('Lena', { ...desktop, theme: 'dark' });
    await lena.open(path);
    await lena.page.getByText(paused).waitFor();
    const closed = lena.page.getByRole('button', {
      name: 'Let it go on',
      disabled: true,
    });
    const explanation = await closed.getAttribute('aria-describedby');
    expect(
      await lena.page.locator(`[id="${explanation}"]`).innerText(),
    ).toMatch(/You may not promote to Edge production/);
    await lena.picture('wave-paused-dark');
    expect(await lena.accessibilityProblems()).toEqual([]);
    expect(lena.complaints).toEqual([]);
    await lena.leave();
  });

  tell('takes the one back that becomes bad, and says why', async () => {
    const bad = await tiles(ines, 'proven')
      .getByRole('link', { name: /-jetson-/ })
      .first()
      .innerText();
    await startScenario(ines, 'GPU lost', { fill: { Device: bad } });
    await ines.open(path);
    await besideOf(ines, bad)
      .getByText(/It was taken back: .*0 of 1 graphics processors can be used/)
      .waitFor();
    await tiles(ines, 'failed').getByRole('link', { name: bad }).waitFor();
    await ines.page.getByText('What was decided, newest first').click();
    await ines.page.getByText(`${bad}: Is back.`).waitFor();
    await ines.page.getByText('What was decided, newest first').click();
    await ines.picture('wave-taken-back');
    expect(await ines.accessibilityProblems()).toEqual([]);
  });

  tell(
    'goes on when Ines lets it, and arrives without those that are away',
    async () => {
      const { page } = ines;
      await ines.openDialog(page.getByRole('button', { name: 'Let it go on' }));
      await ines.confirm('Let it go on');
      // Where the bad one is unhealthy its site may have no room for another.
      await page
        .getByText(/^4[789] of 60 devices run the release.*1 failed.*6 away/)
        .waitFor({ timeout: LONG });
      await page.getByText('Arrived', { exact: true }).first().waitFor();
      await ines.picture('wave-arrived');
      expect(await ines.accessibilityProblems()).toEqual([]);
      await ines.openPipeline(SERVICE);
      await ines.seesIn(STAGE, VERSION);
      await ines.seesWell(STAGE);
    },
  );

  tell(
    'lets those that come back catch up, on a phone in the dark',
    async () => {
      const inesOnPhone = await world().visitor('Ines', phone);
      const { page } = inesOnPhone;
      await inesOnPhone.open('/fleet/waves');
      const link = page.getByRole('link', {
        name: `Wave: ${SERVICE} ${VERSION}`,
      });
      await link.waitFor();
      await inesOnPhone.picture('waves-phone-dark');
      expect(await inesOnPhone.accessibilityProblems()).toEqual([]);
      await link.click();
      await awayOf(inesOnPhone).nth(5).waitFor();
      await stopScenario(ines, 'Site outage');
      for (const name of BACK)
        await tiles(inesOnPhone, 'proven')
          .getByRole('link', { name, exact: true })
          .waitFor({ timeout: LONG });
      await page
        .getByText(/^5[2-5] of 60 devices run the release.*1 failed\./)
        .waitFor();
      expect(await awayOf(inesOnPhone).count()).toBe(0);
      await inesOnPhone.picture('wave-phone-dark');
      expect(await inesOnPhone.accessibilityProblems()).toEqual([]);
      expect(inesOnPhone.complaints).toEqual([]);
      await inesOnPhone.leave();
      await stopScenario(ines, 'GPU lost');
      expect(ines.complaints).toEqual([]);
      await ines.leave();
    },
  );
}

/** Devices in the plan that are somewhere in the wave. */
function tiles({ page }: Visitor, place: string): Locator {
  return page.locator(`main li[data-place="${place}"]`);
}

/** A device that stands beside the plan, with its reason. */
function besideOf({ page }: Visitor, text: string): Locator {
  return page
    .getByRole('complementary', { name: 'Devices beside the plan' })
    .getByRole('listitem')
    .filter({ hasText: text });
}

function awayOf(visitor: Visitor): Locator {
  return besideOf(visitor, 'It has been away for');
}
