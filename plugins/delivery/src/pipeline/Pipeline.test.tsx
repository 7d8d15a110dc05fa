// SPDX-License-Identifier: Apache-2.0
import {
  DeliveryProblem,
  type PipelineView,
} from '@causeway/plugin-delivery-common';
import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import {
  BELT_CONTROL,
  LABEL_API,
  PARCEL_VISION,
  TRACKING_WEB,
} from '../../dev/pipelines';
import { StoryClient } from '../../dev/StoryClient';
import { renderDelivery } from '../../dev/renderDelivery';
import { Pipeline } from './Pipeline';

/** The story's backend, whose pipelines can change or fail while the page is shown. */
class ChangingClient extends StoryClient {
  reads = 0;
  change = (view: PipelineView): PipelineView => view;
  failure?: DeliveryProblem;

  async getPipeline(service: string) {
    this.reads += 1;
    if (this.failure) throw this.failure;
    const answer = await super.getPipeline(service);
    return { ...answer, view: this.change(answer.view) };
  }
}

function show(service = PARCEL_VISION) {
  const client = new ChangingClient(Date.now());
  return {
    client,
    ...renderDelivery(<Pipeline service={service} />, { client }),
  };
}

function stage(name: string): HTMLElement {
  return screen.getByRole('listitem', { name });
}

describe('Pipeline', () => {
  it('opens with what waits for the person, and shows each stage with its version', async () => {
    show();
    expect(
      await screen.findByText(
        '2.8.1 waits for your approval to enter Cloud production.',
      ),
    ).toBeVisible();
    const rail = screen.getByRole('list', { name: 'Pipeline stages' });
    expect(
      within(rail)
        .getAllByRole('heading', { level: 3 })
        .map(heading => heading.textContent),
    ).toEqual([
      'Local',
      'CI',
      'Cloud staging',
      'Cloud production',
      'Edge staging',
      'Edge production',
    ]);
    expect(stage('Cloud production')).toHaveTextContent('2.7.3');
    expect(stage('Cloud production')).toHaveTextContent(
      '2.8.1 to move in: 0 of 2 passed',
    );
    expect(
      within(stage('Cloud production')).getByText('Approval: you'),
    ).toBeVisible();
    expect(
      await screen.findByText('RSS grows 40 MB an hour in soak'),
    ).toBeVisible();
  });

  it('has no accessibility problem that needs no layout to be found', async () => {
    const { container } = show();
    await screen.findByText('RSS grows 40 MB an hour in soak');
    const { violations } = await axe.run(container, {
      runOnly: ['wcag2a', 'wcag2aa'],
      // Needs layout and colours, which this environment does not have.
      rules: { 'color-contrast': { enabled: false } },
    });
    expect(violations).toEqual([]);
  });

  it('says beside a button why it may not be pressed, and keeps it reachable', async () => {
    const { user } = show();
    const button = await screen.findByRole('button', {
      name: 'Promote 2.7.3…',
    });
    expect(button).toHaveAttribute('aria-disabled', 'true');
    expect(button).not.toBeDisabled();
    expect(button).toHaveAccessibleDescription(
      'What runs in edge-production is not known while it is silent. Ask platform.',
    );
    await user.click(button);
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  it('never shows a stale stage as healthy', async () => {
    show();
    await screen.findByText(
      '2.8.1 waits for your approval to enter Cloud production.',
    );
    const edge = stage('Edge production');
    expect(edge).toHaveAttribute('data-tone', 'quiet');
    expect(edge).toHaveTextContent('Was healthy');
    expect(
      edge.querySelector('[data-tone="ok"]:not([data-gate] *)'),
    ).toBeNull();
  });

  it('tells what it last heard of an unreachable stage as the last word, not as what is', async () => {
    const { client, signal } = show();
    await screen.findByText(
      '2.8.1 waits for your approval to enter Cloud production.',
    );
    client.change = view => ({
      ...view,
      stages: view.stages.map(each =>
        each.name === 'cloud-production'
          ? {
              ...each,
              state: { key: 'bad' as const, word: 'Unreachable' },
              targets: each.targets.map(target => ({
                ...target,
                freshness: {
                  state: 'unreachable' as const,
                  since: new Date(Date.now() - 120_000).toISOString(),
                  seenAt: new Date(Date.now() - 120_000).toISOString(),
                  problem: 'The connection was refused.',
                },
              })),
              seenAt: new Date(Date.now() - 120_000).toISOString(),
            }
          : each,
      ),
    });
    await signal();
    expect(await screen.findByText('Unreachable')).toBeVisible();
    expect(stage('Cloud production')).toHaveTextContent('last seen 2 min ago');
    expect(stage('Cloud production')).toHaveTextContent(
      'The connection was refused.',
    );
    expect(stage('Cloud production')).not.toHaveTextContent('for 6 d');
    expect(stage('Cloud production')).toHaveAttribute('data-tone', 'bad');
    expect(
      stage('Cloud staging').querySelector('[data-road="done"]'),
    ).toBeNull();
  });

  it('keeps what it shows while it reads again, and coalesces signals into one read', async () => {
    const { client, signal } = show();
    await screen.findByText(
      '2.8.1 waits for your approval to enter Cloud production.',
    );
    const before = client.reads;
    client.change = view => ({
      ...view,
      sentence: { key: 'ok', text: 'Nothing waits any more.' },
    });
    await signal();
    await signal();
    await signal();
    expect(stage('Cloud staging')).toHaveTextContent('2.8.1');
    // It is said twice: on the page, and to those who listen to it.
    const said = await screen.findAllByText('Nothing waits any more.');
    expect(said[0]).toBeVisible();
    expect(client.reads).toBe(before + 1);
  });

  it('keeps the last value with its age when reading fails, and after a while calls nothing healthy', async () => {
    const { client, signal, pass } = show();
    await screen.findByText(
      '2.8.1 waits for your approval to enter Cloud production.',
    );
    client.failure = new DeliveryProblem('You may not see this pipeline.', {
      status: 403,
      code: 'notAllowed',
    });
    await signal();
    expect(
      await screen.findByText('The last refresh failed, what you see is older'),
    ).toBeVisible();
    expect(stage('Cloud staging')).toHaveTextContent('Healthy');

    await pass(2 * 60_000);
    expect(screen.getAllByText('read 2 min ago')[0]).toBeVisible();
    expect(stage('Cloud staging')).toHaveTextContent('Was healthy');
    expect(stage('Cloud staging')).toHaveAttribute('data-tone', 'quiet');
    expect(
      screen
        .getByRole('list', { name: 'Pipeline stages' })
        .querySelector('[data-stage][data-tone="ok"]'),
    ).toBeNull();
  });

  it('is one tab stop: arrows move between stages, Down into gates, Escape back, Enter opens', async () => {
    const { user } = show();
    const title = (name: string) => screen.getByRole('button', { name });
    await screen.findByText(
      '2.8.1 waits for your approval to enter Cloud production.',
    );
    title('Local').focus();
    await user.keyboard('{ArrowRight}{ArrowRight}');
    expect(title('Cloud staging')).toHaveFocus();
    await user.keyboard('{End}');
    expect(title('Edge production')).toHaveFocus();
    await user.keyboard('{ArrowLeft}{ArrowLeft}');
    expect(title('Cloud production')).toHaveFocus();
    expect(title('Cloud production')).toHaveAttribute('tabindex', '0');
    expect(title('Local')).toHaveAttribute('tabindex', '-1');

    await user.keyboard('{ArrowDown}');
    expect(document.activeElement).toHaveTextContent(/^Approval: you/);
    await user.keyboard('{ArrowDown}');
    expect(document.activeElement).toHaveTextContent(/^Soak/);
    await user.keyboard('{Escape}');
    expect(title('Cloud production')).toHaveFocus();

    await user.tab();
    expect(
      screen.getByRole('button', {
        name: 'Other actions for Cloud production',
      }),
    ).toHaveFocus();
    await user.keyboard('{Escape}{Enter}');
    expect(
      await screen.findByRole('dialog', {
        name: /Promote 2.8.1 to Cloud production/,
      }),
    ).toBeVisible();
  });

  it('names the lines of a broken document and still shows the last good pipeline', async () => {
    show(BELT_CONTROL);
    const panel = await screen.findByRole('region', {
      name: 'The pipeline document has 2 problems',
    });
    expect(panel).toHaveTextContent('Line 9, column 5');
    expect(panel).toHaveTextContent('did you mean "cloud-staging"?');
    expect(panel).toHaveTextContent(
      'Below is the last valid version of the pipeline.',
    );
    expect(stage('Cloud production')).toHaveTextContent('1.6.4');
  });

  it('says what to add when there is no document', async () => {
    show(LABEL_API);
    const panel = await screen.findByRole('region', {
      name: 'There is no pipeline to show yet',
    });
    expect(panel).toHaveTextContent(
      'delivery.yaml does not exist in the repository',
    );
    expect(panel).toHaveTextContent('images: [registry.example.com/label-api]');
    expect(
      screen.queryByRole('list', { name: 'Pipeline stages' }),
    ).not.toBeInTheDocument();
  });

  it('asks for rollbacks only, and says when there are none', async () => {
    const { user } = show();
    expect(await screen.findByText('CI verified a91e2d7')).toBeVisible();
    await user.click(screen.getByRole('switch', { name: 'Rollbacks only' }));
    await waitFor(() =>
      expect(screen.queryByText('CI verified a91e2d7')).not.toBeInTheDocument(),
    );
    expect(screen.getByText('RSS grows 40 MB an hour in soak')).toBeVisible();
    await user.click(screen.getByRole('button', { name: /Stage/ }));
    await user.click(screen.getByRole('option', { name: 'Edge staging' }));
    expect(
      await screen.findByText('Nothing was taken back here.'),
    ).toBeVisible();
  });

  it('says what could not be read and reads again on request', async () => {
    const { client, user } = show(TRACKING_WEB);
    client.failure = new DeliveryProblem('The pipeline is not yours to see.', {
      status: 403,
      code: 'notAllowed',
      hint: 'Ask team-tracking.',
    });
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent(
      'The pipeline is not yours to see. Ask team-tracking.',
    );
    client.failure = undefined;
    await user.click(within(alert).getByRole('button', { name: 'Try again' }));
    await waitFor(() =>
      expect(stage('Cloud production')).toHaveTextContent('1.6.4'),
    );
  });
});
