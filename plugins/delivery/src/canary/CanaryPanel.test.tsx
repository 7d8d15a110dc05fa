// SPDX-License-Identifier: Apache-2.0
import {
  DeliveryProblem,
  type CanaryTargetView,
  type CanaryView,
  type WriteOptions,
} from '@causeway/plugin-delivery-common';
import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { momentsFrom } from '../../dev/moments';
import { runningPromotion } from '../../dev/promotions';
import { renderDelivery } from '../../dev/renderDelivery';
import { StoryClient } from '../../dev/StoryClient';
import { CanaryPanel } from './CanaryPanel';

type Wish = Parameters<StoryClient['steerCanary']>[1];

/** The story's backend, whose canary can change or fail, and which remembers what it was told. */
class SteeredClient extends StoryClient {
  wishes: (Wish & { key: string | undefined })[] = [];
  unchanged = 0;
  failure?: DeliveryProblem;
  change = (view: CanaryView): CanaryView => view;

  async getCanary(id: string, options: { etag?: string } = {}) {
    if (this.failure) throw this.failure;
    const answer = await super.getCanary(id, options);
    if (answer.status === 'unchanged') {
      this.unchanged += 1;
      return answer;
    }
    return { ...answer, view: this.change(answer.view) };
  }

  async steerCanary(id: string, wish: Wish, options: WriteOptions = {}) {
    this.wishes.push({ ...wish, key: options.idempotencyKey });
    if (this.failure) throw this.failure;
    return super.steerCanary(id, wish);
  }
}

function show(change?: SteeredClient['change']) {
  const now = Date.now();
  const client = new SteeredClient(now);
  if (change) client.change = change;
  const promotion = runningPromotion(momentsFrom(now));
  return {
    client,
    ...renderDelivery(<CanaryPanel promotion={promotion} />, { client }),
  };
}

const onTarget =
  (change: Partial<CanaryTargetView>) =>
  (view: CanaryView): CanaryView => ({
    ...view,
    targets: view.targets.map(target => ({ ...target, ...change })),
  });

async function panel(): Promise<HTMLElement> {
  const region = await screen.findByRole('region', {
    name: 'Canary 2.8.0 against 2.7.3',
  });
  await within(region).findByRole('region', { name: 'Verdict' });
  return region;
}

const steps = () =>
  within(screen.getByRole('list', { name: 'Steps' }))
    .getAllByRole('listitem')
    .map(step => step.textContent);

const verdict = () => screen.getByRole('region', { name: 'Verdict' });

describe('CanaryPanel', () => {
  it('opens with the sentence, and shows the weight in force, the steps and what is left of the soak', async () => {
    const { pass } = show();
    expect(await panel()).toHaveTextContent(
      /25 % of the traffic, watched for 6 min more\. Watching at 25 %/,
    );
    expect(screen.getByText('Soaking at 25 %')).toBeVisible();
    expect(
      screen.getByText('25 % of the traffic is really on it'),
    ).toBeVisible();
    const [at5, at25, at50, at100] = steps();
    expect(at5).toMatch(/^5 %Done.* to .*, for 15 min$/);
    expect(at25).toMatch(/^25 %Watched now0[56]:\d\d left.*not before/);
    expect(at50).toBe('50 %Planned15 min planned');
    expect(at100).toBe('100 %Planned15 min planned');
    expect(screen.getAllByRole('listitem', { current: 'step' })).toHaveLength(
      1,
    );

    await pass(30_000);
    expect(screen.getByRole('timer')).toHaveTextContent(/^0[45]:\d\d left$/);
    // What was not read for three times the expected interval is only the last word.
    await pass(30_000);
    expect(screen.getByText('Was at 25 %')).toBeVisible();
    expect(screen.queryByRole('timer')).not.toBeInTheDocument();
  });

  it('shows what an engine measures by itself, and why it does not leave its pause', async () => {
    const counts = { passed: 2, failed: 1, inconclusive: 0, errors: 3 };
    show(
      onTarget({
        engine: 'argoRollouts',
        question: {
          hook: 'pause',
          at: new Date().toISOString(),
          open: false,
          code: 'soaking',
          sentence: '25 % is watched for 6 min more.',
        },
        measures: [
          {
            name: 'label-api-7d9f-2-1',
            state: 'failed',
            message: 'Metric "errors" assessed Failed',
            metrics: [
              {
                name: 'errors',
                state: 'failed',
                value: '[0.7]',
                dryRun: false,
                ...counts,
              },
              { name: 'queue', state: 'running', dryRun: true, ...counts },
            ],
          },
        ],
      }),
    );
    await panel();
    const table = screen.getByRole('table', {
      name: 'What Argo Rollouts measures by itself',
    });
    expect(
      within(table)
        .getAllByRole('row')
        .slice(1)
        .map(row => row.textContent),
    ).toEqual([
      expect.stringMatching(/^label-api-7d9f-2-1.*Failed.*assessed Failed$/),
      expect.stringMatching(
        /^errors.*Failed.*Last value \[0.7\]. 2 passed, 1 failed, 0 undecided, 3 not measured.$/,
      ),
      expect.stringMatching(/^queue, decides nothing.*Running/),
    ]);
    const waits = screen.getByRole('region', { name: 'Whom it waits for' });
    expect(waits).toHaveTextContent(
      /Argo Rollouts stands at a pause.*Not yet.*25 % is watched for 6 min more/,
    );
  });

  it('counts down by the clock of the server, however wrong that of the browser is', async () => {
    const { client } = show();
    const read = client.getCanary.bind(client);
    client.getCanary = async (...query) => {
      const answer = await read(...query);
      return answer.status === 'changed'
        ? { ...answer, servedAt: new Date(Date.now() + 3 * 60_000) }
        : answer;
    };
    await panel();
    expect(screen.getByRole('timer')).toHaveTextContent(/^0[23]:\d\d left$/);
  });

  it('says when a soak is over and the step still waits', async () => {
    const { pass } = show(view =>
      onTarget({
        steps: view.targets[0].steps.map(step =>
          step.state === 'current'
            ? { ...step, until: new Date(Date.now() + 20_000).toISOString() }
            : step,
        ),
      })(view),
    );
    await panel();
    expect(screen.getByText('Soaking at 25 %')).toBeVisible();
    await pass(25_000);
    expect(screen.getByRole('timer')).toHaveTextContent('Soak is over');
    expect(screen.getByText('Waits at 25 %')).toBeVisible();
  });

  it('says of every condition whether it holds and why, and whom it waits for', async () => {
    show();
    await panel();
    expect(verdict()).toHaveTextContent('Not sure yet');
    const rows = within(verdict()).getAllByRole('row').slice(1);
    expect(rows.map(row => row.textContent)).toEqual([
      expect.stringMatching(/^Enough dataHoldsthe baseline was in trouble/),
      expect.stringMatching(/^ErrorsNot yet3 errors in 9,180 requests/),
      'LatencyHoldsP95 is 186 ms, allowed 250 ms',
      expect.stringMatching(/^LatencyHoldsP95 may still be 1\.11/),
      expect.stringMatching(/^CPUHolds/),
      expect.stringMatching(
        /^Answers within 250 msHolds8,998 of 9,180 \(98 %\)/,
      ),
    ]);
    const waits = screen.getByRole('region', { name: 'Whom it waits for' });
    expect(waits).toHaveTextContent(
      /Flagger asked whether it may give it more traffic, 1\d s ago\.Not yet25 % is watched for 6 min more\./,
    );
  });

  it.each<[string, Partial<CanaryTargetView>, RegExp, boolean]>([
    [
      'go on with every condition met',
      {
        verdict: {
          decision: 'goOn',
          sentence: 'Going on: no errors.',
          gates: [{ check: 'errors', open: true, words: 'no errors' }],
          troubled: [],
        },
      },
      /^VerdictGo onGoing on: no errors\./,
      true,
    ],
    [
      'hold',
      {
        verdict: {
          decision: 'hold',
          sentence: 'Holding at 25 %: no data.',
          gates: [],
          troubled: [],
        },
      },
      /^VerdictHoldHolding at 25 %: no data\./,
      false,
    ],
    [
      'evidence against it',
      {
        verdict: {
          decision: 'rollBack',
          sentence: 'Rolled back at 25 %: 38 errors.',
          gates: [],
          troubled: [],
        },
      },
      /^VerdictTake backRolled back at 25 %: 38 errors\./,
      false,
    ],
    [
      'no verdict, and never a good one',
      { verdict: undefined, notJudged: 'Prometheus does not answer.' },
      /^VerdictNot judgedPrometheus does not answer\./,
      false,
    ],
  ])('tells %s', async (_, change, words, isGood) => {
    show(onTarget(change));
    await panel();
    expect(verdict().textContent).toMatch(words);
    expect(verdict().querySelector('[data-state="ok"]') !== null).toBe(isGood);
  });

  it('draws each measurement with a sentence, and shows the same numbers as a table', async () => {
    const { user } = show();
    await panel();
    const named = (name: RegExp) => screen.getByRole('img', { name });
    expect(named(/^Error rate/)).toHaveAccessibleName(
      /canary 0 % of requests, baseline 0\.079 % of requests\. Limit 0\.1 % of requests\. Highest of the canary 0\.12 % of requests at \d\d:\d\d\. 24 minutes measured\. 2 minutes left out\.$/,
    );
    expect(named(/^P95 latency/)).toHaveAccessibleName(/Limit 210 ms/);
    expect(named(/^Answers within 250 ms/)).toHaveAccessibleName(
      /canary 97 %, baseline 98 %\. Limit 96 %\. Lowest of the canary 97 % at \d\d:\d\d\./,
    );
    expect(
      screen.getByText('Limit: baseline - 2 %. At least 95 %'),
    ).toBeVisible();
    expect(screen.getAllByRole('img')).toHaveLength(6);
    await user.click(screen.getByRole('radio', { name: 'P99' }));
    expect(named(/^P99 latency/)).toBeVisible();

    await user.click(screen.getByRole('button', { name: 'Show as table' }));
    const table = screen.getByRole('table', { name: /minute by minute/ });
    const rows = within(table).getAllByRole('row').slice(2);
    expect(rows).toHaveLength(24);
    expect(within(rows[0]).getAllByRole('cell')[0]).toHaveTextContent('25 %');
    expect(
      rows.filter(row => row.textContent?.endsWith('left out')),
    ).toHaveLength(2);
    // A minute in which the canary was not heard has no numbers, not zeros.
    const unheard = within(rows[24 - 7]).getAllByRole('cell');
    expect(unheard[1]).toHaveTextContent('–');
    expect(
      within(table).getByRole('columnheader', {
        name: 'Answers within 250 ms, %',
      }),
    ).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Show as charts' }));
    expect(screen.getAllByRole('img')).toHaveLength(6);
  });

  it('shows earlier canaries and what was said', async () => {
    show();
    await panel();
    const past = screen.getByRole('table', { name: 'Earlier canaries here' });
    expect(past).toHaveTextContent(/2\.7\.4Taken back25 %19 min/);
    expect(past).toHaveTextContent(/2\.7\.3Promoted100 %1 h 2 min/);
    expect(
      screen.getByRole('region', { name: 'What was said' }),
    ).toHaveTextContent('Paused. ines“Belt change on line 2”');
  });

  it('takes back only with a reason, once, after it said what will happen', async () => {
    const { client, user, posted } = show();
    await panel();
    await user.click(screen.getByRole('button', { name: 'Take back…' }));
    const dialog = within(
      await screen.findByRole('dialog', { name: 'Take 2.8.0 back' }),
    );
    expect(dialog.getByText(/All traffic goes back to 2\.7\.3/)).toBeVisible();
    const confirm = dialog.getByRole('button', { name: 'Take 2.8.0 back' });
    expect(confirm).toHaveAccessibleDescription(
      'Opens when a reason is given.',
    );
    await user.click(confirm);
    expect(client.wishes).toEqual([]);
    await user.type(dialog.getByRole('textbox'), 'Belts stop');
    await user.click(confirm);
    expect(await screen.findByText('It is being taken back.')).toBeVisible();
    expect(client.wishes).toEqual([
      {
        action: 'abort',
        reason: 'Belts stop',
        key: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ]);
    expect(posted).toEqual([
      'Recorded: Take 2.8.0 back. The engine follows at its next look.',
    ]);
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  it('pauses without a reason, and offers to go on', async () => {
    const { client, user } = show();
    await panel();
    await user.click(screen.getByRole('button', { name: 'Pause…' }));
    await user.click(
      await screen.findByRole('button', { name: 'Pause 2.8.0' }),
    );
    expect(await screen.findByText('Paused at 25 %')).toBeVisible();
    expect(client.wishes).toMatchObject([{ action: 'pause' }]);
    expect(screen.getByRole('button', { name: 'Let it go on…' })).toBeVisible();
    expect(
      screen.getByRole('region', { name: 'Whom it waits for' }),
    ).toHaveTextContent(/Paused by jonas/);
  });

  it('keeps the dialog open and says why when the wish is refused', async () => {
    const { client, user } = show();
    await panel();
    await user.click(screen.getByRole('button', { name: 'Pause…' }));
    client.failure = new DeliveryProblem('Ines has paused it already.', {
      status: 409,
      code: 'alreadyPaused',
      hint: 'Let it go on.',
    });
    await user.click(
      await screen.findByRole('button', { name: 'Pause 2.8.0' }),
    );
    const dialog = await screen.findByRole('dialog', { name: 'Pause 2.8.0' });
    expect(await within(dialog).findByRole('alert')).toHaveTextContent(
      'This was not doneInes has paused it already. Let it go on.',
    );
  });

  it('says beside a button why it may not be pressed, and keeps it reachable', async () => {
    const { user } = show();
    await panel();
    const button = screen.getByRole('button', { name: 'Promote fully…' });
    expect(button).toHaveAttribute('aria-disabled', 'true');
    expect(button).not.toBeDisabled();
    expect(button).toHaveAccessibleDescription(
      /Only the leads of the team promote fully\. Ask team-leads\./,
    );
    await user.click(button);
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  it('tells a canary that can not be seen in the past tense, without colour', async () => {
    show(view => ({
      ...onTarget({
        unknown: {
          problem: 'The connection is silent.',
          since: new Date(Date.now() - 120_000).toISOString(),
        },
      })(view),
      headline: 'edge-staging can not be seen; it had 25 % of the traffic.',
    }));
    const region = await panel();
    expect(within(region).getByText('Was at 25 %')).toBeVisible();
    expect(region).toHaveTextContent('25 % of the traffic was on it');
    expect(region).toHaveTextContent(
      'edge-staging can not be seen, last seen 2 min agoThe connection is silent. What you see is its last word.',
    );
    expect(verdict()).toHaveTextContent('Was: Not sure yet');
    expect(steps()[1]).toMatch(/^25 %Was watched/);
    expect(screen.queryByRole('timer')).not.toBeInTheDocument();
    expect(verdict().querySelector('[data-state="ok"]')).toBeNull();
  });

  it('shows several clusters as tabs', async () => {
    const { user } = show(view => ({
      ...view,
      targets: [
        ...view.targets,
        {
          ...view.targets[0],
          target: 'edge-north/parcel-vision',
          cluster: 'edge-north',
          weight: 5,
        },
      ],
    }));
    await panel();
    await user.click(screen.getByRole('tab', { name: 'edge-north' }));
    expect(
      screen.getByText('5 % of the traffic is really on it'),
    ).toBeVisible();
  });

  it('is not sent an unchanged picture again, and shows a changed one at the signal', async () => {
    const { client, signal } = show();
    await panel();
    await signal();
    await waitFor(() => expect(client.unchanged).toBe(1));
    expect(screen.getByText('Soaking at 25 %')).toBeVisible();
    // Another person pauses it.
    await client.steerCanary('running-280', { action: 'pause' });
    await signal();
    expect(await screen.findByText('Paused at 25 %')).toBeVisible();
  });

  it('says what could not be read, and reads again on request', async () => {
    const now = Date.now();
    const client = new SteeredClient(now);
    client.failure = new DeliveryProblem('This is not yours to see.', {
      status: 403,
      code: 'notAllowed',
      hint: 'Ask team-vision.',
    });
    const { user } = renderDelivery(
      <CanaryPanel promotion={runningPromotion(momentsFrom(now))} />,
      { client },
    );
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent(
      'The canary could not be readThis is not yours to see. Ask team-vision.',
    );
    client.failure = undefined;
    await user.click(within(alert).getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Soaking at 25 %')).toBeVisible();
  });

  it('has no accessibility problem that needs no layout to be found, as charts and as a table', async () => {
    const { container, user } = show();
    await panel();
    const problems = async () =>
      (
        await axe.run(container, {
          runOnly: ['wcag2a', 'wcag2aa'],
          // Needs layout and colours, which this environment does not have.
          rules: { 'color-contrast': { enabled: false } },
        })
      ).violations;
    expect(await problems()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Show as table' }));
    expect(await problems()).toEqual([]);
  });
});
