// SPDX-License-Identifier: Apache-2.0
import { GitWorkingCopy, type Tell } from '@causeway/test-delivery';
import type { BrowserWorld } from './BrowserWorld';
import { startScenario } from './scenarios';
import { desktop, LONG, type Visitor } from './Visitor';

const SERVICE = 'label-api';
const STABLE = '4.2.1';
const BAD = '4.2.2';
const NEXT = '4.2.3';
const STAGE = 'Cloud production';
const OVERLAY = `services/${SERVICE}/overlays/cloud-production`;

/** A version that is much too slow is found out after one whole minute, later on a busy machine. */
const VERDICT_PATIENCE = 540_000;

const nils = { name: 'Nils Berg', login: 'nils' };

/** A version that gets its traffic step by step and turns out to be bad. */
export function canaryStory(world: () => BrowserWorld, tell: Tell): void {
  let ines: Visitor;
  let fleet: GitWorkingCopy;
  let before: string;

  tell('begins when Ines asks for it and Jonas lets it in', async () => {
    fleet = await clone(world(), 'fleet');
    before = await fleet.git('rev-parse', 'HEAD');
    ines = await world().visitor('Ines');
    await ines.openPipeline(SERVICE);
    await ines.promote(STAGE, BAD, 'Carriers changed their codes');
    await jonasApproves(world(), BAD);
    await ines.openPipeline(SERVICE);
    await ines.seesIn(STAGE, 'Canary at 5 %');
    await ines.seesIn(STAGE, `${BAD} is to take over`);
  });

  tell(
    'is paused with the keyboard alone, after saying what that means',
    async () => {
      const panel = canaryOf(ines, BAD);
      const pause = panel.getByRole('button', { name: 'Pause…' });
      await ines.tabTo(pause);
      await ines.page.keyboard.press('Enter');
      await ines.dialog
        .getByText(/keeps 5 % of the traffic until it is let go on/)
        .first()
        .waitFor();
      expect(await ines.accessibilityProblems()).toEqual([]);
      await ines.picture('canary-pause');
      await ines.tabTo(
        ines.dialog.getByRole('button', { name: `Pause ${BAD}` }),
      );
      await ines.page.keyboard.press('Enter');
      await ines.dialog.waitFor({ state: 'detached' });
      await panel.getByText('Paused at 5 %', { exact: true }).waitFor();
    },
  );

  tell('shows steps, verdict, conditions and whom it waits for', async () => {
    const panel = canaryOf(ines, BAD);
    await panel.getByText('5 % of the traffic is really on it').waitFor();
    const steps = panel.getByRole('list', { name: 'Steps' });
    expect(
      (await steps.getByRole('listitem').allInnerTexts()).map(text =>
        text.replace(/\s.*/s, ''),
      ),
    ).toEqual(['5', '25', '50', '100']);
    await steps.getByText(/^(\d\d:\d\d left|Soak is over)$/).waitFor();
    const verdict = panel.getByRole('region', { name: 'Verdict' });
    for (const condition of ['Enough data', 'Errors', 'Latency', 'CPU'])
      await verdict
        .getByRole('rowheader', { name: condition })
        .first()
        .waitFor();
    await panel
      .getByRole('region', { name: 'Whom it waits for' })
      .getByText(/Paused by ines/i)
      .waitFor();
    await panel.getByText('This is the first canary of this stage.').waitFor();
  });

  tell(
    'draws both versions with their limits, and shows the same as a table',
    async () => {
      const panel = canaryOf(ines, BAD);
      for (const name of [
        /^Error rate: canary/,
        /^P95 latency: canary/,
        /^CPU/,
      ])
        await panel.getByRole('img', { name }).waitFor({ timeout: LONG });
      await panel
        .getByRole('img', {
          name: /^Error rate.* Limit 0\.1 % of requests\./,
        })
        .waitFor();
      await ines.picture('canary');
      expect(await ines.accessibilityProblems()).toEqual([]);
      await ines.press(
        panel.getByRole('button', { name: 'Show as table' }),
        limit =>
          panel
            .getByRole('table', { name: /minute by minute/ })
            .getByRole('row')
            .nth(2)
            .waitFor(limit),
      );
      expect(await ines.accessibilityProblems()).toEqual([]);
    },
  );

  tell(
    'says in the dark what taking it back would do, which Escape forgets',
    async () => {
      const jonas = await world().visitor('Jonas', {
        ...desktop,
        theme: 'dark',
      });
      await jonas.openPipeline(SERVICE);
      const panel = canaryOf(jonas, BAD);
      await panel.getByText('Paused at 5 %', { exact: true }).waitFor();
      expect(await jonas.accessibilityProblems()).toEqual([]);
      await jonas.openDialog(panel.getByRole('button', { name: 'Take back…' }));
      await jonas.dialog
        .getByText(`All traffic goes back to ${STABLE}`, { exact: false })
        .waitFor();
      await jonas.dialog.getByText('Opens when a reason is given.').waitFor();
      await jonas.picture('canary-take-back-dark');
      expect(await jonas.accessibilityProblems()).toEqual([]);
      await jonas.page.keyboard.press('Escape');
      await jonas.dialog.waitFor({ state: 'detached' });
      await panel.getByText('Paused at 5 %', { exact: true }).waitFor();
      expect(jonas.complaints).toEqual([]);
      await jonas.leave();
    },
  );

  tell(
    'goes on when Ines says so, with a fault that she makes on the page Simulation',
    async () => {
      const panel = canaryOf(ines, BAD);
      await ines.openDialog(
        panel.getByRole('button', { name: 'Let it go on…' }),
      );
      await ines.confirm(`Let ${BAD} go on`);
      await panel
        .getByText('Paused at 5 %', { exact: true })
        .waitFor({ state: 'detached' });
      await startScenario(ines, 'Slow canary', {
        choose: { Service: SERVICE },
        fill: { Version: BAD, 'Requests take': '100' },
      });
      expect(ines.complaints).toEqual([]);
      await pushNext(world());
    },
  );

  tell('is taken back on evidence, which the history tells', async () => {
    await ines.openPipeline(SERVICE);
    await ines
      .stage(STAGE)
      .getByText('Rolled back', { exact: true })
      .waitFor({ timeout: VERDICT_PATIENCE });
    await ines.seesIn(STAGE, STABLE);
    const history = ines.page.getByRole('region', { name: 'History' });
    const back = history
      .getByRole('row')
      .filter({ hasText: 'Causeway, by itself' });
    await back
      .getByText(/P95 of the last 10 min is .*, most tolerated 400 ms/)
      .waitFor();
    await ines.picture('canary-taken-back');
    expect(await ines.accessibilityProblems()).toEqual([]);

    await history
      .getByRole('row', { name: /Failed/ })
      .getByRole('button')
      .first()
      .click();
    await ines.dialog
      .getByText('Taken back', { exact: true })
      .first()
      .waitFor();
    await ines.dialog
      .getByText(/Rolled back at 5 %/)
      .first()
      .waitFor();
    await ines.picture('canary-past');
    expect(await ines.accessibilityProblems()).toEqual([]);
  });

  tell('is gone from Git as well', async () => {
    await fleet.pull();
    expect(
      await fleet.git('diff', '--stat', before, 'HEAD', '--', OVERLAY),
    ).toBe('');
    const log = await fleet.git(
      'log',
      '--format=%an %s',
      `${before}..HEAD`,
      '--',
      OVERLAY,
    );
    expect(log.split('\n')).toEqual([
      expect.stringMatching(STABLE),
      expect.stringMatching(new RegExp(`^Ines .*${BAD}`)),
    ]);
    await fleet.remove();
  });

  tell('is shown beside the next one', async () => {
    await ines.openPipeline(SERVICE);
    await ines.promote(STAGE, NEXT, 'Without the fault');
    await jonasApproves(world(), NEXT);
    await ines.openPipeline(SERVICE);
    await ines.seesIn(STAGE, 'Canary at 5 %');
    const past = canaryOf(ines, NEXT).getByRole('table', {
      name: 'Earlier canaries here',
    });
    await past.getByRole('row', { name: /Taken back/ }).waitFor();
    await past
      .getByRole('button', {
        name: `Open the canary of ${BAD}: Taken back`,
      })
      .click();
    await ines.dialog
      .getByRole('region', { name: `Canary ${BAD} against ${STABLE}` })
      .waitFor();
    expect(ines.complaints).toEqual([]);
    await ines.leave();
  });
}

async function jonasApproves(world: BrowserWorld, version: string) {
  const jonas = await world.visitor('Jonas');
  await jonas.approve(SERVICE, version);
  await jonas.leave();
}

/** A better version is pushed while the bad one is still tested. */
async function pushNext(world: BrowserWorld): Promise<void> {
  const copy = await clone(world, SERVICE);
  await copy.push('carriers.txt', 'codes\n', 'Read carrier codes once');
  await copy.remove();
}

function clone({ surroundings }: BrowserWorld, repository: string) {
  const { forge, forgePassword } = surroundings;
  return GitWorkingCopy.clone(forge, repository, {
    ...nils,
    password: forgePassword,
  });
}

/** The panel of the canary that runs, on the page rather than in a dialog. */
function canaryOf({ page }: Visitor, version: string) {
  return page
    .locator('#root')
    .getByRole('region', { name: new RegExp(`^Canary ${version}`) });
}
