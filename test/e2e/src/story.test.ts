// SPDX-License-Identifier: Apache-2.0
import {
  GitWorkingCopy,
  startSimulatedSurroundings,
  TestPortal,
  type SimulatedSurroundings,
} from '@causeway/test-delivery';
import { chromium, type Browser } from 'playwright-core';
import { desktop, phone, Visitor } from './Visitor';

jest.setTimeout(240_000);

const SERVICE = 'parcel-vision';

describe('the main story in a browser', () => {
  let surroundings: SimulatedSurroundings;
  let portal: TestPortal;
  let browser: Browser;
  let mia: Visitor;
  let version: string;

  const shows = (visitor: Visitor, stage: string, wanted: string) =>
    visitor
      .stage(stage)
      .getByText(wanted, { exact: true })
      .first()
      .waitFor({ timeout: 120_000 });

  const isWell = (visitor: Visitor, stage: string) =>
    visitor
      .stage(stage)
      .getByText(/^(Healthy|Rolled back)$/)
      .first()
      .waitFor({ timeout: 120_000 });

  beforeAll(async () => {
    surroundings = await startSimulatedSurroundings('browser');
    portal = new TestPortal({ ...surroundings, port: surroundings.portalPort });
    await portal.start();
    browser = await chromium.launch({
      executablePath: process.env.CAUSEWAY_BROWSER ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    mia = await Visitor.arrive(browser, portal.url);
  });

  afterAll(async () => {
    await browser?.close();
    await portal?.stop();
    await surroundings?.stop();
  });

  it('signs Mia in and shows her service in six stages', async () => {
    await mia.signInAs('Mia');
    await mia.picture('home');
    await mia.openPipeline(SERVICE);
    await shows(mia, 'Cloud production', '2.7.3');
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

  it('shows her pushed commit arrive in cloud staging by itself', async () => {
    const copy = await GitWorkingCopy.clone(surroundings.forge, SERVICE, {
      name: 'Mia Lindqvist',
      login: 'mia',
      password: surroundings.forgePassword,
    });
    await copy.push('labels.txt', 'upside down\n', 'Read labels upside down');
    await copy.remove();
    version = '2.8.1';
    await shows(mia, 'CI', version);
    await shows(mia, 'Cloud staging', version);
    await isWell(mia, 'Cloud staging');
  });

  it('lets her ask for cloud production after seeing what changes', async () => {
    await mia
      .stage('Cloud production')
      .getByRole('button', { name: `Promote ${version}…` })
      .click();
    const { dialog } = mia;
    await dialog.getByText('Read labels upside down').first().waitFor();
    await dialog
      .getByText(/Deployment\/parcel-vision/)
      .first()
      .waitFor();
    await dialog.getByRole('textbox').fill('Belt 4 needs it');
    await mia.picture('promote');
    expect(await mia.accessibilityProblems()).toEqual([]);
    await dialog
      .getByRole('button', { name: `Promote ${version}`, exact: true })
      .click();
    await dialog.waitFor({ state: 'detached' });
    await mia
      .stage('Cloud production')
      .getByText(/approval/i)
      .first()
      .waitFor();
    await mia.picture('waiting');
  });

  it('lets Jonas approve it on his phone', async () => {
    const jonas = await Visitor.arrive(browser, portal.url, phone);
    await jonas.signInAs('Jonas');
    await jonas.open('/delivery');
    await jonas.page
      .getByRole('link', { name: `Review ${version} of ${SERVICE}` })
      .or(
        jonas.page.getByRole('button', {
          name: `Review ${version} of ${SERVICE}`,
        }),
      )
      .click();
    await jonas.dialog.getByText('Approval: you').waitFor();
    // Open only when it is known what changes.
    await jonas.dialog
      .getByRole('button', { name: `Approve ${version}`, disabled: false })
      .waitFor();
    await jonas.dialog.getByRole('textbox').fill('Seen in staging');
    await jonas.picture('approve-phone');
    expect(await jonas.accessibilityProblems()).toEqual([]);
    await jonas.dialog
      .getByRole('button', { name: `Approve ${version}` })
      .click();
    await shows(mia, 'Cloud production', version);
    await isWell(mia, 'Cloud production');
    expect(jonas.complaints).toEqual([]);
    await jonas.leave();
  });

  it('lets Ines take it to the edge', async () => {
    const ines = await Visitor.arrive(browser, portal.url);
    await ines.signInAs('Ines');
    for (const stage of ['Edge staging', 'Edge production']) {
      await ines.openPipeline(SERVICE);
      await ines
        .stage(stage)
        .getByRole('button', { name: `Promote ${version}…` })
        .click({ timeout: 120_000 });
      await ines.dialog.getByRole('textbox').fill('Next stop');
      await ines.dialog
        .getByRole('button', { name: `Promote ${version}`, exact: true })
        .click();
      await shows(ines, stage, version);
      await isWell(ines, stage);
    }
    await ines.picture('arrived');
    await ines.leave();
  });

  it('lets Ines take edge and cloud production back in one action', async () => {
    const ines = await Visitor.arrive(browser, portal.url, {
      ...desktop,
      theme: 'dark',
    });
    await ines.signInAs('Ines');
    await ines.open(
      `/catalog/default/component/${SERVICE}/pipeline?dialog=rollback`,
    );
    const { dialog } = ines;
    for (const stage of ['Cloud production', 'Edge production']) {
      await dialog.getByText(stage, { exact: true }).click();
      await dialog
        .getByRole('checkbox', { name: stage, checked: true })
        .waitFor();
    }
    await dialog.getByRole('textbox').fill('Labels are read twice');
    await dialog
      .getByText(/2\.7\.3/)
      .first()
      .waitFor();
    await ines.picture('rollback-dark');
    expect(await ines.accessibilityProblems()).toEqual([]);
    await dialog.getByRole('button', { name: /^Roll back/ }).click();
    await ines.openPipeline(SERVICE);
    await shows(ines, 'Cloud production', '2.7.3');
    await shows(ines, 'Edge production', '2.7.2');
    await isWell(ines, 'Edge production');
    await shows(ines, 'Edge staging', version);
    await ines.picture('taken-back-dark');
    expect(ines.complaints).toEqual([]);
    await ines.leave();
  });

  it('shows the same clusters in the Kubernetes tab', async () => {
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

  it('says which cluster is missing and shows the others', async () => {
    await surroundings.breakCluster('edge-production', 'hang');
    await mia.openPipeline(SERVICE);
    await mia
      .stage('Edge production')
      .getByText(/stale|unreachable/i)
      .first()
      .waitFor({ timeout: 60_000 });
    await isWell(mia, 'Cloud staging');
    await mia.picture('cluster-hangs');
    await surroundings.breakCluster('edge-production', 'none');
    await isWell(mia, 'Edge production');
    expect(mia.complaints).toEqual([]);
  });

  it('lets Lena look and tells her why she may not act', async () => {
    const lena = await Visitor.arrive(browser, portal.url);
    await lena.signInAs('Lena');
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
    await lena.leave();
  });
});
