// SPDX-License-Identifier: Apache-2.0
import { until, type Tell } from '@causeway/test-delivery';
import type { BrowserWorld } from './BrowserWorld';
import { startScenario, stopScenario } from './scenarios';
import { phone, type Visitor } from './Visitor';

const SITE = 'hamburg';
const CLUSTER = 'edge-production';
const AWAY = 'lyon-pi-01';

/** What is the matter with the fleet from the beginning. */
export const fleetTroubles = [
  {
    scenario: 'heat',
    parameters: { site: SITE, hardware: 'jetson-orin-nx', degrees: 80 },
  },
] as const;

/** What people find out about devices, and do to them. */
export function fleetStory(world: () => BrowserWorld, tell: Tell): void {
  let ines: Visitor;
  let inesOnPhone: Visitor;

  tell('leads Ines to the hot Jetsons of one site', async () => {
    ines = await world().visitor('Ines');
    await startScenario(ines, 'Devices offline', { fill: { Device: AWAY } });
    await ines.open('/fleet');
    const devices = ines.page.getByRole('region', {
      name: 'Devices',
      exact: true,
    });
    await ines.page.getByRole('button', { name: /All hardware/ }).click();
    await ines.page.getByRole('option', { name: /Jetson/ }).click();
    await ines.page.waitForURL(/hardware=jetson-orin-nx/);
    await devices.getByRole('button', { name: 'Temp.' }).click();
    await ines.page.waitForURL(/sort=temperature/);
    await devices.getByRole('button', { name: 'Temp.' }).click();
    await ines.page.waitForURL(/sort=-temperature/);
    const hottest = devices
      .getByRole('row')
      .nth(1)
      .filter({ hasText: /Degraded|Failing/ })
      .getByRole('link', { name: new RegExp(`^${SITE}-jetson`) });
    await hottest.waitFor();
    await ines.picture('fleet');
    expect(await ines.accessibilityProblems()).toEqual([]);
    await hottest.click();
    await ines.page
      .getByRole('region', { name: 'Telemetry' })
      .getByText('Temperature', { exact: true })
      .waitFor();
    await ines.picture('device');
    expect(await ines.accessibilityProblems()).toEqual([]);
  });

  tell(
    'lets her quarantine one of them, after saying what that means',
    async () => {
      const { page, dialog } = ines;
      await ines.openDialog(
        page.getByRole('button', { name: 'Quarantine…', exact: true }),
      );
      await dialog.getByText('at once').waitFor();
      await dialog.getByText('Say why first.').waitFor();
      await dialog.getByRole('textbox', { name: /^Reason/ }).fill('Too hot');
      await ines.picture('quarantine');
      expect(await ines.accessibilityProblems()).toEqual([]);
      await ines.confirm('Quarantine');
      const states = page.getByRole('region', { name: 'States' });
      await states.getByText('Quarantined').waitFor();
      await states.getByText('Too hot', { exact: true }).waitFor();
      await page
        .getByRole('button', { name: 'Quarantine…', exact: true })
        .and(page.locator(':focus'))
        .waitFor();
      const actions = page.getByRole('region', { name: 'Actions' });
      await actions.getByText('Done', { exact: true }).first().waitFor();
      await actions.getByRole('link', { name: 'Quarantine' }).click();
      await page
        .getByRole('region', { name: 'Receipt' })
        .getByText('What was seen in the cluster')
        .waitFor();
      await ines.picture('receipt');
      expect(await ines.accessibilityProblems()).toEqual([]);
    },
  );

  tell(
    'lets her queue a reboot for a Raspberry Pi that is away, on her phone in the dark',
    async () => {
      inesOnPhone = await world().visitor('Ines', phone);
      const { page, dialog } = inesOnPhone;
      await inesOnPhone.open(`/fleet/devices/${CLUSTER}/${AWAY}`);
      await page
        .getByRole('region', { name: 'States' })
        .getByText(/^(Stale|Away)$/)
        .waitFor();
      await inesOnPhone.picture('device-phone-dark');
      await inesOnPhone.openDialog(
        page.getByRole('button', { name: 'Reboot…' }),
      );
      await dialog.getByText(/queued: The device is away/).waitFor();
      await dialog.getByRole('textbox', { name: /^Reason/ }).fill('It hung');
      await inesOnPhone.picture('reboot-phone-dark');
      expect(await inesOnPhone.accessibilityProblems()).toEqual([]);
      await inesOnPhone.confirm('Reboot');
      await page
        .getByRole('region', { name: 'Actions' })
        .getByRole('link', { name: 'Action queue' })
        .click();
      const queue = page.getByRole('region', { name: 'Action queue' });
      await queue.getByRole('link', { name: AWAY }).waitFor();
      await queue.getByText('Queued').waitFor();
      await inesOnPhone.picture('queue-phone-dark');
      expect(await inesOnPhone.accessibilityProblems()).toEqual([]);
      await queue.getByRole('link', { name: 'Reboot' }).click();
    },
  );

  tell('tells her when it has come back and rebooted', async () => {
    const { page } = inesOnPhone;
    await stopScenario(ines, 'Devices offline');
    await page.getByText('Done', { exact: true }).first().waitFor();
    await page
      .getByRole('region', { name: 'Receipt' })
      .getByText('What was seen in the cluster')
      .waitFor();
    await inesOnPhone.picture('receipt-phone-dark');
    expect(await inesOnPhone.accessibilityProblems()).toEqual([]);
    expect(inesOnPhone.complaints).toEqual([]);
    await inesOnPhone.leave();
  });

  tell('is found on the map by the keyboard alone', async () => {
    const { page } = ines;
    const map = page.getByRole('region', { name: 'Map of sites' });
    const focused = (name: RegExp) =>
      map.getByRole('button', { name }).and(page.locator(':focus'));
    const handle = map.getByRole('button', { name: 'Move about the map' });
    await ines.open('/fleet?view=map');
    await handle.waitFor();
    await ines.tabTo(handle);
    await page.keyboard.press('Enter');
    // The worst comes first: the hot site, alone or in a group that comes apart.
    await focused(/degraded|failing/).waitFor();
    for (let steps = 0; steps < 3; steps++) await page.keyboard.press('+');
    await page.keyboard.press('Home');
    await focused(/^Hamburg, /).waitFor();
    await ines.picture('map');
    expect(await ines.accessibilityProblems()).toEqual([]);
    await page.keyboard.press('Enter');
    await page.waitForURL(/site=edge-production%2Fhamburg/);
    await page.keyboard.press('Escape');
    await handle.and(page.locator(':focus')).waitFor();
    await page.keyboard.press('0');
    await ines.tabTo(page.getByRole('link', { name: 'Open Hamburg' }));
    await page.keyboard.press('Enter');
    await page
      .getByRole('region', { name: 'Devices of Hamburg' })
      .getByRole('rowheader')
      .first()
      .waitFor();
    await ines.picture('site');
    expect(await ines.accessibilityProblems()).toEqual([]);
    expect(ines.complaints).toEqual([]);
    await ines.leave();
  });

  tell('is dragged on the map, by the land and by a site', async () => {
    const visitor = await world().visitor('Ines');
    const { page } = visitor;
    await visitor.open('/fleet?view=map');
    const surface = page.getByRole('region', { name: 'Map of sites' });
    const mark = surface.getByRole('list').getByRole('button').last();
    await mark.waitFor();
    const key = await mark.getAttribute('data-mark');
    const places = async () => {
      const map = await surface.boundingBox();
      const site = await surface
        .locator(`button[data-mark="${key}"]`)
        .boundingBox();
      if (!map || !site) throw new Error('They are not on the page.');
      const middle = { x: site.x + site.width / 2, y: site.y + 20 };
      return { map, middle, x: site.x - map.x, y: site.y - map.y };
    };
    const { map, middle } = await places();
    for (const from of [{ x: map.x + 40, y: map.y + 40 }, middle]) {
      const before = await places();
      await page.mouse.move(from.x, from.y);
      await page.mouse.down();
      // By many small moves, as a hand does.
      await page.mouse.move(from.x - 60, from.y + 30, { steps: 12 });
      await page.mouse.up();
      await until('the map has followed the hand', async () => {
        const { x, y } = await places();
        expect(x).toBeCloseTo(before.x - 60, 0);
        expect(y).toBeCloseTo(before.y + 30, 0);
        return true;
      });
      // Back, for the next begins where it was.
      await page.getByRole('button', { name: 'Show all sites' }).click();
    }
    expect(page.url()).not.toContain('site=');
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });

  tell(
    'says in the page of a service where it runs, also on a phone in the dark',
    async () => {
      const jonas = await world().visitor('Jonas', phone);
      await jonas.open('/catalog/default/component/belt-control/edge');
      const sites = jonas.page.getByRole('region', { name: 'By site' });
      await sites.getByRole('row', { name: /Hamburg/ }).waitFor();
      // No name is cut in two to fit.
      expect(
        await sites
          .getByRole('rowheader')
          .getByRole('link')
          .evaluateAll(links =>
            links
              .filter(link => link.getClientRects().length > 1)
              .map(({ textContent }) => textContent),
          ),
      ).toEqual([]);
      await jonas.picture('edge-phone-dark');
      expect(await jonas.accessibilityProblems()).toEqual([]);
      await jonas.open('/fleet');
      await jonas.page
        .getByRole('region', { name: 'Devices', exact: true })
        .getByRole('rowheader')
        .first()
        .waitFor();
      await jonas.picture('fleet-phone-dark');
      expect(await jonas.accessibilityProblems()).toEqual([]);
      expect(jonas.complaints).toEqual([]);
      await jonas.leave();
    },
  );
}
