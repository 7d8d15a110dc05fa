// SPDX-License-Identifier: Apache-2.0
import type { Tell } from '@causeway/test-delivery';
import type { BrowserWorld } from './BrowserWorld';
import { phone, type Visitor } from './Visitor';

const SERVICE = 'parcel-vision';

/**
 * What is seen of clusters that do not answer, and of the page that troubles them.
 */
export function troubles(world: () => BrowserWorld, tell: Tell): void {
  let mia: Visitor;

  const seesSilent = (stage: string) =>
    mia
      .stage(stage)
      .getByText(/stale|unreachable/i)
      .first()
      .waitFor();

  tell('says which cluster is missing and shows the others', async () => {
    const { surroundings } = world();
    mia = await world().visitor('Mia');
    await surroundings.breakCluster('edge-production', 'hang');
    await mia.openPipeline(SERVICE);
    await seesSilent('Edge production');
    await mia.seesWell('Cloud staging');
    await mia.picture('cluster-hangs');
    expect(await mia.accessibilityProblems()).toEqual([]);
    await surroundings.breakCluster('edge-production', 'none');
    await mia.seesWell('Edge production');
    expect(mia.complaints).toEqual([]);
  });

  tell('lets Ines trouble the simulated world and mend it again', async () => {
    const ines = await world().visitor('Ines');
    await ines.open('/simulation');
    const shown = ines.page.getByRole('region', { name: 'The world' });
    const runs = ines.page.getByRole('region', { name: 'Running scenarios' });
    await shown.getByText('All API servers answer.').waitFor();
    expect(await ines.accessibilityProblems()).toEqual([]);
    await ines.picture('simulation');

    await ines.openDialog(
      ines.page.getByRole('button', { name: 'Start Cluster outage' }),
    );
    await ines.dialog.getByRole('button', { name: /Cluster/ }).click();
    await ines.page.getByRole('option', { name: 'cloud-staging' }).click();
    await ines.picture('simulation-start');
    expect(await ines.accessibilityProblems()).toEqual([]);
    await ines.dialog.getByRole('button', { name: 'Start' }).click();
    await runs
      .getByText(/stops by itself in [45] min/)
      .first()
      .waitFor();
    await shown.getByText('cloud-staging is gone').waitFor();
    await mia.openPipeline(SERVICE);
    await seesSilent('Cloud staging');
    await lenaSeesButMayNot();

    await runs.getByRole('button', { name: /^Stop Cluster outage/ }).click();
    await runs.getByText(/^Cluster outage, ended/).waitFor();
    await shown.getByText('All API servers answer.').waitFor();
    await mia.seesWell('Cloud staging');
    expect(ines.complaints).toEqual([]);
    await ines.leave();
    await mia.leave();
  });

  async function lenaSeesButMayNot() {
    const lena = await world().visitor('Lena', phone);
    await lena.open('/simulation');
    await lena.page
      .getByText(/you need the right simulation\.control/)
      .waitFor();
    await lena.picture('simulation-phone-dark');
    expect(await lena.accessibilityProblems()).toEqual([]);
    expect(lena.complaints).toEqual([]);
    await lena.leave();
  }
}
