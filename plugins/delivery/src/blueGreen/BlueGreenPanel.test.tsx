// SPDX-License-Identifier: Apache-2.0
import type { ColoursView } from '@causeway/plugin-delivery-common';
import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { momentsFrom } from '../../dev/moments';
import { parcelVision } from '../../dev/pipelines';
import { renderDelivery } from '../../dev/renderDelivery';
import { StoryClient } from '../../dev/StoryClient';
import { BlueGreenPanel } from './BlueGreenPanel';

type Wish = Parameters<StoryClient['steerCanary']>[1];

class SteeredClient extends StoryClient {
  readonly wishes: [string, Wish][] = [];

  async steerCanary(id: string, wish: Wish) {
    this.wishes.push([id, wish]);
    return super.steerCanary(id, wish);
  }
}

const minutes = (count: number) =>
  new Date(Date.now() + count * 60_000).toISOString();

function watched(): ColoursView {
  return {
    sentence: '2.8.0 serves and is watched.',
    promotion: 'promotion-7',
    version: '2.8.0',
    watchUntil: minutes(8),
    targets: [
      {
        cluster: 'cloud-production',
        freshness: { state: 'live', seenAt: minutes(0) },
        blue: {
          serves: false,
          version: '2.7.3',
          health: 'healthy',
          desired: 4,
          available: 4,
        },
        green: {
          serves: true,
          version: '2.8.0',
          health: 'healthy',
          desired: 4,
          available: 4,
          smokeTest: 'passed',
        },
      },
    ],
    actions: [
      {
        action: 'abort',
        allowed: true,
        reasons: [],
        consequence: 'One commit lets the Service select 2.7.3 again.',
      },
    ],
  };
}

function show(colours: ColoursView, isOld = false) {
  const now = Date.now();
  const client = new SteeredClient(now);
  const [stage] = parcelVision(momentsFrom(now)).stages;
  const page = (
    <BlueGreenPanel
      stage={{ ...stage, title: 'Cloud production' }}
      colours={colours}
      isOld={isOld}
    />
  );
  return { client, ...renderDelivery(page, { client }) };
}

const cells = async () =>
  within(
    await screen.findByRole('region', {
      name: 'Blue/green in Cloud production',
    }),
  )
    .getAllByRole('cell')
    .map(({ textContent }) => textContent);

describe('BlueGreenPanel', () => {
  it('says in words which colour serves, what the other runs, and how long it is watched', async () => {
    const { container } = show(watched());
    expect(await cells()).toEqual([
      'Ready, gets no requests2.7.3 4 of 4 pods',
      'Serves2.8.0 4 of 4 podsSmoke test passed',
    ]);
    expect(screen.getByText(/Watched until/)).toHaveTextContent(/in [78] min/);
    expect((await axe.run(container)).violations).toEqual([]);
  });

  it('tells what is not seen now in the past', async () => {
    const [target] = watched().targets;
    show({
      ...watched(),
      targets: [
        {
          ...target,
          freshness: {
            state: 'unreachable',
            since: minutes(-5),
            seenAt: minutes(-5),
            problem: 'Connection refused.',
          },
        },
      ],
    });
    expect((await cells())[1]).toMatch(/^Served/);
    expect(screen.getByText(/Connection refused/)).toBeVisible();
  });

  it('switches back with a reason, and says what that does', async () => {
    const { client, user } = show(watched());
    await user.click(
      await screen.findByRole('button', { name: 'Switch back…' }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent('select 2.7.3 again');
    await user.type(within(dialog).getByRole('textbox'), 'Labels are wrong');
    await user.click(
      within(dialog).getByRole('button', { name: 'Switch back from 2.8.0' }),
    );
    await waitFor(() =>
      expect(client.wishes).toEqual([
        ['promotion-7', { action: 'abort', reason: 'Labels are wrong' }],
      ]),
    );
  });

  it('lets a person say that what serves passes without its metrics, for a reason', async () => {
    const [abort] = watched().actions;
    const { client, user } = show({
      ...watched(),
      sentence: 'Not sure after 10 min: P95 can not be measured yet.',
      actions: [
        {
          ...abort,
          action: 'promoteFully',
          consequence: '2.8.0 keeps all requests.',
        },
        abort,
      ],
    });
    expect(await screen.findByText(/^Not sure after 10 min/)).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Let it pass…' }));
    const dialog = await screen.findByRole('dialog');
    await user.type(within(dialog).getByRole('textbox'), 'Seen by eye');
    await user.click(
      within(dialog).getByRole('button', {
        name: 'Let 2.8.0 pass without its metrics',
      }),
    );
    await waitFor(() =>
      expect(client.wishes).toEqual([
        ['promotion-7', { action: 'promoteFully', reason: 'Seen by eye' }],
      ]),
    );
  });
});
