// SPDX-License-Identifier: Apache-2.0
import type { Tell } from '@causeway/test-delivery';
import type { BrowserWorld } from './BrowserWorld';
import { phone, type Visitor } from './Visitor';

/** What two people do so that a drill counts. */
export function drillStory(world: () => BrowserWorld, tell: Tell): void {
  let ines: Visitor;
  let address: string;

  tell(
    'says what a drill will do, and refuses devices that must not be drilled',
    async () => {
      ines = await world().visitor('Ines');
      const { page, dialog } = ines;
      await ines.open('/fleet/drills');
      await page.getByText('No drill was run yet.').waitFor();
      await ines.picture('drills-empty');
      await ines.openDialog(
        page.getByRole('button', { name: 'Start a drill…' }),
      );
      await dialog
        .getByRole('combobox', { name: 'Stage' })
        .selectOption('belt-control, Edge staging');
      await dialog.getByText('The devices lose their network.').waitFor();
      await dialog
        .getByText('No more than 1 of 3 at Laboratory now.')
        .waitFor();
      const free = dialog.getByRole('checkbox', { name: /lab-/ });
      await free.and(page.locator(':enabled')).first().check();
      await dialog
        .getByRole('textbox', { name: /^Reason/ })
        .fill('Before it goes to the edge');
      await ines.picture('drill-start');
      expect(await ines.accessibilityProblems()).toEqual([]);
      await ines.press(
        dialog.getByRole('button', { name: 'Start the drill' }),
        limit => page.waitForURL(/\/fleet\/drills\/[0-9a-f-]{36}$/, limit),
      );
      address = new URL(page.url()).pathname;
    },
  );

  tell('takes a device off the network and shows what it does', async () => {
    const { page } = ines;
    await page.getByText(/^The fault holds\./).waitFor();
    await ines.picture('drill-fault');
    expect(await ines.accessibilityProblems()).toEqual([]);
    // A minute of fault, and as long as the device needs to come back.
    await page
      .getByText(/^All \d+ expectations were met\./)
      .waitFor({ timeout: 300_000 });
    await page
      .getByText('Somebody else has to look at a drill that you have started.')
      .waitFor();
    await ines.picture('drill-passed');
    expect(await ines.accessibilityProblems()).toEqual([]);
    expect(ines.complaints).toEqual([]);
    await ines.leave();
  });

  tell('is signed off by Omar, on his phone in the dark', async () => {
    const omar = await world().visitor('Omar', phone);
    const { page } = omar;
    await omar.open(address);
    await omar.openDialog(page.getByRole('button', { name: 'Sign off…' }));
    await omar.picture('drill-sign-phone-dark');
    expect(await omar.accessibilityProblems()).toEqual([]);
    await omar.confirm('Sign off');
    await page.getByText('Signed off').first().waitFor();
    await omar.picture('drill-phone-dark');
    expect(await omar.accessibilityProblems()).toEqual([]);
    expect(omar.complaints).toEqual([]);
    await omar.leave();
  });
}
