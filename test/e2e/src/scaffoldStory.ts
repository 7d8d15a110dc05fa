// SPDX-License-Identifier: Apache-2.0
import type { Tell } from '@causeway/test-delivery';
import type { BrowserWorld } from './BrowserWorld';
import { desktop, LONG, phone, type Visitor } from './Visitor';

const SERVICE = 'belt-counter';
const FIRST = '0.1.0';

/** The tabs of Backstage's page header name panels that pages do not have. */
const headerTabs = '.bui-PluginHeaderTabsWrapper';

/** A service that did not exist, from a form to the devices. */
export function scaffoldStory(world: () => BrowserWorld, tell: Tell): void {
  let mia: Visitor;

  tell('shows Mia what she can create', async () => {
    mia = await world().visitor('Mia');
    const { page } = mia;
    await page.getByRole('link', { name: 'Create' }).first().click();
    await page.getByText('Edge Web Service').first().waitFor();
    await mia.picture('create-templates');
    await mia.open('/create/templates/default/edge-web-service');
    await field(/^Name/).waitFor();
  });

  tell('tells her in words what is wrong with a field', async () => {
    const { page } = mia;
    await field(/^Name/).fill('Belt Counter');
    await field(/^What it does/).fill('Counts.');
    await choose(/^Owner/, 'Vision');
    await choose(/^System/, 'Sorting');
    await press('Next');
    await page
      .getByText(/^must be 3 to 40 lower-case letters/)
      .first()
      .waitFor();
    await page
      .getByText(/^must be a sentence of 10 to 140/)
      .first()
      .waitFor();
    await mia.picture('create-what-is-wrong');
    expect(await mia.accessibilityProblems([headerTabs])).toEqual([]);
  });

  tell('lets her fill in the rest and look at it once more', async () => {
    const { page } = mia;
    await field(/^Name/).fill(SERVICE);
    await field(/^What it does/).fill('Counts what passes on each belt.');
    await press('Next');
    const kinds = ['Jetson Orin NX', 'Raspberry Pi 4 and 5'];
    await page
      .getByText(/^\d+ devices at \d+ sites$/)
      .nth(kinds.length - 1)
      .waitFor();
    await mia.picture('create-where-it-runs');
    expect(await mia.accessibilityProblems([headerTabs])).toEqual([]);
    for (const kind of kinds) await page.getByLabel(kind).press('Space');
    await press('Next');
    await page
      .getByText("'Devices' must be at least one kind of device")
      .waitFor();
    await mia.picture('create-nothing-chosen');
    expect(await mia.accessibilityProblems([headerTabs])).toEqual([]);
    for (const kind of kinds) await page.getByLabel(kind).press('Space');
    await press('Next');
    await field(/^Healthy in staging/).fill('5s');
    await mia.picture('create-what-it-promises');
    expect(await mia.accessibilityProblems([headerTabs])).toEqual([]);
    await press('Next');
    await field(/^Owner/).fill('norden');
    const repository = field(/^Repository/);
    await repository.fill(SERVICE);
    // The form hears of the name when the field is left.
    await repository.press('Tab');
    // The list of hosts has no name in Backstage, so this page is only looked at.
    await mia.picture('create-where-its-code-lives');
    await press('Review');
    await page.getByText(`owner=norden&repo=${SERVICE}`).waitFor();
    await mia.picture('create-review');
    expect(await mia.accessibilityProblems([headerTabs])).toEqual([]);
  });

  tell(
    'writes repository, fleet and catalog, and leads her there',
    async () => {
      const { page } = mia;
      await press('Create');
      const open = page.getByRole('button', { name: 'Open it in the portal' });
      await open.waitFor({ timeout: LONG });
      await page.getByText('What happens next').waitFor();
      expect(await page.getByText('What is left to do').count()).toBe(0);
      // Backstage's log is no list for screen readers, so this page is only looked at.
      await mia.picture('create-done');
      for (const hasText of [/^Repository/, /^What changed in the fleet/]) {
        const address = await page
          .locator('a[href]', { hasText })
          .first()
          .getAttribute('href');
        expect((await fetch(address ?? '')).status).toBe(200);
      }
      await open.click();
      await page.getByRole('heading', { name: SERVICE }).first().waitFor();
    },
  );

  tell('brings its first release to cloud staging by itself', async () => {
    await mia.openPipeline(SERVICE);
    await mia.stage('Edge production').getByText('Never deployed').waitFor();
    await mia.picture('created-before-release');
    await mia.seesIn('CI', FIRST);
    await mia.seesIn('Cloud staging', FIRST);
    await mia.seesWell('Cloud staging');
    await mia
      .stage('Cloud production')
      .getByText('Never deployed')
      .waitFor({ timeout: LONG });
    await mia.picture('created-first-release');
    expect(await mia.accessibilityProblems()).toEqual([]);
  });

  tell('says that nothing runs yet to compare it with', async () => {
    await mia.openDialog(
      mia
        .stage('Cloud production')
        .getByRole('button', { name: `Promote ${FIRST}…` }),
    );
    const { dialog } = mia;
    await dialog
      .getByText(/so there is nothing to compare 0\.1\.0 with/)
      .waitFor();
    await dialog.getByText(/The same commit adds the Canary/).waitFor();
    await dialog.getByRole('textbox').fill('For the new belts');
    await mia.picture('first-promotion');
    expect(await mia.accessibilityProblems()).toEqual([]);
    await mia.confirmPromotion(FIRST);
  });

  tell('lets Jonas approve it, and sets the canary up with it', async () => {
    const jonas = await world().visitor('Jonas', phone);
    await jonas.approve(SERVICE, FIRST);
    expect(jonas.complaints).toEqual([]);
    await jonas.leave();
    await mia.openPipeline(SERVICE);
    await mia.seesIn('Cloud production', FIRST);
    await mia.seesWell('Cloud production');
    await mia.page
      .getByRole('region', { name: 'History' })
      .getByText(/first version there/i)
      .waitFor({ timeout: LONG });
    const { forge } = world().surroundings;
    const overlay = await fetch(
      `${forge}/norden/fleet/raw/branch/main/services/${SERVICE}/overlays/cloud-production/kustomization.yaml`,
    );
    expect(await overlay.text()).toContain('- canary');
    await mia.picture('created-in-production');
    expect(await mia.accessibilityProblems()).toEqual([]);
    expect(mia.complaints).toEqual([]);
    await mia.leave();
  });

  tell('lets Ines take it to both kinds of device', async () => {
    const ines = await world().visitor('Ines', { ...desktop, theme: 'dark' });
    for (const stage of ['Edge staging', 'Edge production']) {
      await ines.openPipeline(SERVICE);
      await ines.promote(stage, FIRST, 'Next stop');
      await ines.openPipeline(SERVICE);
      await ines.seesIn(stage, FIRST);
      await ines.seesWell(stage);
    }
    await ines.page
      .getByText(/runs in every stage/)
      .first()
      .waitFor();
    await ines.picture('created-everywhere-dark');
    expect(await ines.accessibilityProblems()).toEqual([]);
    expect(ines.complaints).toEqual([]);
    await ines.leave();
  });

  function field(label: RegExp) {
    return mia.page.getByRole('textbox', { name: label });
  }

  function press(button: string) {
    return mia.page.getByRole('button', { name: button, exact: true }).click();
  }

  async function choose(label: RegExp, option: string) {
    await mia.page.getByLabel(label).click();
    await mia.page.getByRole('option', { name: option, exact: true }).click();
  }
}
