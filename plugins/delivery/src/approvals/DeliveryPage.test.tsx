// SPDX-License-Identifier: Apache-2.0
import { screen, within } from '@testing-library/react';
import { StoryClient } from '../../dev/StoryClient';
import { renderDelivery } from '../../dev/renderDelivery';
import { DeliveryPage } from './DeliveryPage';

describe('DeliveryPage', () => {
  it('lists what waits for the person apart from what waits for others, and opens the review', async () => {
    const { user } = renderDelivery(<DeliveryPage />, {
      client: new StoryClient(Date.now()),
    });
    const mine = await screen.findByRole('region', { name: 'Waits for you' });
    expect(mine).toHaveTextContent('parcel-vision 2.8.1 to Cloud production');
    expect(mine).toHaveTextContent('waiting for 37 min');
    const others = screen.getByRole('region', { name: 'Waits for others' });
    expect(others).toHaveTextContent(
      'Only edge-operators approve for Edge production.',
    );

    await user.click(
      within(mine).getByRole('button', {
        name: 'Review 2.8.1 of parcel-vision',
      }),
    );
    expect(
      await screen.findByRole('dialog', {
        name: /Promote 2.8.1 to Cloud production/,
      }),
    ).toBeVisible();
  });

  it('counts the clusters that are heard from and names the silent one', async () => {
    renderDelivery(<DeliveryPage />, { client: new StoryClient(Date.now()) });
    const clusters = await screen.findByRole('region', { name: 'Clusters' });
    expect(clusters).toHaveTextContent('3 of 4 clusters live');
    expect(clusters).toHaveTextContent(
      'Edge production Stale, last seen 6 min ago',
    );
  });
});
