// SPDX-License-Identifier: Apache-2.0
import { GitWorkingCopy, type Tell } from '@causeway/test-delivery';
import type { BrowserWorld } from './BrowserWorld';
import { desktop, LONG, phone, type Visitor } from './Visitor';

const SERVICE = 'parcel-vision';
const VERSION = '2.8.1';

/** A commit on its way through all stages, and back. */
export function mainStory(world: () => BrowserWorld, tell: Tell): void {
  let mia: Visitor;

  tell('signs Mia in and shows her service in six stages', async () => {
    mia = await world().visitor('Mia');
    await mia.picture('home');
    expect(await mia.accessibilityProblems()).toEqual([]);
    await mia.openPipeline(SERVICE);
    await mia.seesIn('Cloud production', '2.7.3');
    const stages = await mia.page
      .getByRole('list', { name: 'Pipeline stages' })
      .getByRole('heading', { level: 3 })
      .allInnerTexts();
    expect(stages).toEqual([
      'Local',
      'CI',
      'Cloud staging',
      'Cloud production',
      'Edge staging',
      'Edge production',
    ]);
    expect(await mia.accessibilityProblems()).toEqual([]);
  });

  tell(
    'shows her pushed commit arrive in cloud staging by itself',
    async () => {
      const { forge, forgePassword } = world().surroundings;
      const copy = await GitWorkingCopy.clone(forge, SERVICE, {
        name: 'Mia Lindqvist',
        login: 'mia',
        password: forgePassword,
      });
      await copy.push('labels.txt', 'upside down\n', 'Read labels upside down');
      await copy.remove();
      await mia.seesIn('CI', VERSION);
      await mia.seesIn('Cloud staging', VERSION);
      await mia.seesWell('Cloud staging');
    },
  );

  tell(
    'lets her ask for cloud production after seeing what changes',
    async () => {
      await mia.openDialog(
        mia
          .stage('Cloud production')
          .getByRole('button', { name: `Promote ${VERSION}…` }),
      );
      const { dialog } = mia;
      await dialog.getByText('Read labels upside down').first().waitFor();
      await dialog
        .getByText(/Deployment\/parcel-vision/)
        .first()
        .waitFor();
      await dialog.getByRole('textbox').fill('Belt 4 needs it');
      await mia.picture('promote');
      expect(await mia.accessibilityProblems()).toEqual([]);
      await mia.confirmPromotion(VERSION);
      await mia.openPipeline(SERVICE);
      await mia
        .stage('Cloud production')
        .getByText(/approval/i)
        .first()
        .waitFor();
      await mia.picture('waiting');
    },
  );

  tell('lets Jonas approve it on his phone', async () => {
    const jonas = await world().visitor('Jonas', phone);
    await jonas.openReview(SERVICE, VERSION);
    await jonas.dialog.getByText('Approval: you').waitFor();
    await jonas.dialog.getByRole('textbox').fill('Seen in staging');
    await jonas.picture('approve-phone');
    expect(await jonas.accessibilityProblems()).toEqual([]);
    await jonas.confirmApproval(VERSION);
    await mia.seesIn('Cloud production', VERSION);
    await mia.seesWell('Cloud production');
    expect(jonas.complaints).toEqual([]);
    await jonas.leave();
  });

  tell('lets Ines take it to the edge', async () => {
    const ines = await world().visitor('Ines');
    for (const stage of ['Edge staging', 'Edge production']) {
      await ines.openPipeline(SERVICE);
      await ines.promote(stage, VERSION, 'Next stop');
      await ines.seesIn(stage, VERSION);
      await ines.seesWell(stage);
    }
    await ines.picture('arrived');
    await ines.leave();
  });

  tell(
    'lets Ines take edge and cloud production back in one action',
    async () => {
      const ines = await world().visitor('Ines', { ...desktop, theme: 'dark' });
      await ines.open(
        `/catalog/default/component/${SERVICE}/pipeline?dialog=rollback`,
      );
      const { dialog, page } = ines;
      for (const stage of ['Cloud production', 'Edge production']) {
        const box = dialog.getByRole('checkbox', { name: stage });
        // A stage has none while a promotion is under way there, which ends a moment after all is well.
        await box.waitFor({ state: 'attached' });
        await ines.press(dialog.getByText(stage, { exact: true }), limit =>
          box
            .and(page.locator(':checked'))
            .waitFor({ ...limit, state: 'attached' }),
        );
      }
      await dialog.getByRole('textbox').fill('Labels are read twice');
      await dialog
        .getByText(/2\.7\.3/)
        .first()
        .waitFor();
      await ines.picture('rollback-dark');
      expect(await ines.accessibilityProblems()).toEqual([]);
      // Whoever leaves before the answer may have asked for nothing.
      const confirm = dialog.getByRole('button', { name: /^Roll back/ });
      await ines.press(confirm, limit =>
        confirm.waitFor({ ...limit, state: 'detached' }),
      );
      await ines.openPipeline(SERVICE);
      await ines.seesIn('Cloud production', '2.7.3');
      await ines.seesIn('Edge production', '2.7.2');
      await ines.seesWell('Edge production');
      await ines.seesIn('Edge staging', VERSION);
      const rows = ines.page
        .getByRole('region', { name: 'History' })
        .getByRole('row', { name: VERSION });
      await rows.first().waitFor();
      await ines.page
        .getByRole('switch', { name: 'Rollbacks only' })
        .press('Space');
      await rows.first().waitFor({ state: 'detached', timeout: LONG });
      await ines.picture('taken-back-dark');
      expect(await ines.accessibilityProblems()).toEqual([]);
      expect(ines.complaints).toEqual([]);
      await ines.leave();
    },
  );

  tell('shows the same clusters in the Kubernetes tab', async () => {
    await mia.open(`/catalog/default/component/${SERVICE}/kubernetes`);
    for (const cluster of [
      'Cloud staging',
      'Cloud production',
      'Edge staging',
      'Edge production',
    ]) {
      await mia.page.getByText(cluster, { exact: true }).first().waitFor();
    }
    await mia.page.getByText('4 pods').first().waitFor();
    await mia.picture('kubernetes');
    expect(mia.complaints).toEqual([]);
  });

  tell('lets Lena look and tells her why she may not act', async () => {
    const lena = await world().visitor('Lena');
    await lena.openPipeline(SERVICE);
    const closed = lena.page
      .getByRole('button', { name: /^Promote/, disabled: true })
      .first();
    await closed.waitFor();
    const explanation = await closed.getAttribute('aria-describedby');
    expect(
      await lena.page.locator(`[id="${explanation}"]`).innerText(),
    ).toMatch(/You may not promote/);
    await lena.picture('viewer');
    expect(lena.complaints).toEqual([]);
    await lena.leave();
    await mia.leave();
  });
}
